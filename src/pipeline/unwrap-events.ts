import { createDuplicateKeyFinder } from '../core/duplicate-keys.js';
import { memberRange } from '../core/json-members.js';
import { scanArray } from '../core/json-scan.js';

/** What `--unwrap` and `--events-pointer` say. */
export interface UnwrapSettings {
  /** The keys of a JSON Pointer (RFC 6901) that leads to an array of events; undefined where none was given. */
  readonly eventsPointer: readonly string[] | undefined;
}

/** An event that came inside another record, with its own bytes: [start, end) of the slab. */
export interface WrappedEvent {
  readonly value: unknown;
  readonly start: number;
  readonly end: number;
}

/** The type of the webhook messages that bring a whole event (https://developers.didomi.io/api-and-platform/webhooks). */
const WEBHOOK_TYPE = 'event.created';

/**
 * The events inside a webhook dump's message (`{"type":"event.created","parameters":{"entity":<event>}}`), or in the
 * array that the pointer leads to, in their order. Undefined for a record that is neither: then it is itself the record.
 * @param value the parsed record, which stands at [start, end)
 */
export function unwrapEvents(
  value: unknown,
  bytes: Uint8Array,
  start: number,
  end: number,
  { eventsPointer }: UnwrapSettings,
): readonly WrappedEvent[] | undefined {
  const record: Place = { value, start, end };
  if (eventsPointer !== undefined) {
    const found = follow(record, bytes, eventsPointer);
    if (found !== undefined && Array.isArray(found.value)) return elementsOf(found, bytes);
  }
  if (!isObject(value) || value['type'] !== WEBHOOK_TYPE) return undefined;
  const entity = follow(record, bytes, ['parameters', 'entity']);
  return entity !== undefined && isObject(entity.value) ? [entity] : undefined;
}

type Place = WrappedEvent;

function follow(from: Place, bytes: Uint8Array, keys: readonly string[]): Place | undefined {
  let place = from;
  for (const key of keys) {
    const next = Array.isArray(place.value)
      ? /^(?:0|[1-9]\d*)$/.test(key)
        ? elementsOf(place, bytes)?.[Number(key)]
        : undefined
      : memberOf(place, bytes, key);
    if (next === undefined) return undefined;
    place = next;
  }
  return place;
}

const findDuplicateKey = createDuplicateKeyFinder(['']);

/**
 * A key that is written with escapes is not found, nor is anything in an object with a key that stands twice: then the
 * record is rejected, never misread.
 */
function memberOf({ value, start, end }: Place, bytes: Uint8Array, key: string): Place | undefined {
  if (!isObject(value) || !Object.hasOwn(value, key)) return undefined;
  if (findDuplicateKey(bytes, start, end) !== undefined) return undefined;
  const range = memberRange(bytes, start, end, key);
  return range === undefined ? undefined : { value: value[key], start: range.start, end: range.end };
}

function elementsOf({ value, start, end }: Place, bytes: Uint8Array): readonly Place[] | undefined {
  const values = value as readonly unknown[];
  const { elements } = scanArray(bytes.subarray(start, end));
  if (elements.length !== values.length) return undefined;
  return elements.map(([from, to], at) => ({ value: values[at], start: start + from, end: start + to }));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
