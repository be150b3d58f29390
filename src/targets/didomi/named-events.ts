import { isObject } from '../answer-body.js';
import { errorCode, saysFailed } from './answer.js';
import type { EventIds } from './event-ids.js';

/** The failed events that the answer to a 2xx names, and the failures that it ties to no event. */
export interface Failures {
  /** By position in the batch: what the answer says of it. */
  readonly named: ReadonlyMap<number, unknown>;
  readonly unnamed: readonly unknown[];
}

/** The entries of an answer: an array, or `{data: […]}`, which Didomi's list routes use. */
export function entriesOf(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value;
  return isObject(value) && Array.isArray(value['data']) ? value['data'] : undefined;
}

/**
 * Finds what failed in an accepted batch of `count` events. An entry belongs to the event whose id it has, else to the
 * one at its index (from 0), else to the one at its own place, but only if there are exactly as many entries as events.
 * One index that the batch does not have, or that differs from such a place, makes all of them doubtful (they may count
 * from 1): none is then believed.
 */
export function failuresIn(value: unknown, count: number, ids: EventIds): Failures {
  const entries = entriesOf(value) ?? [];
  const failed: [item: unknown, place: number | undefined][] = [];
  for (let i = 0; i < entries.length; i++) {
    if (saysFailed(entries[i])) failed.push([entries[i], entries.length === count ? i : undefined]);
  }
  if (isObject(value)) {
    const errors = errorItems(value);
    for (const item of errors) failed.push([item, undefined]);
    if (errors.length === 0 && saysFailed(value)) failed.push([value, undefined]);
  }

  const contradicted = failed.some(([item, place]) => {
    const index = indexIn(item);
    return index !== undefined && (index >= count || (place !== undefined && place !== index));
  });
  const named = new Map<number, unknown>();
  const unnamed: unknown[] = [];
  for (const [item, place] of failed) {
    const byPlace = contradicted ? undefined : (indexIn(item) ?? place);
    const position = count === 1 ? 0 : (byId(item, ids) ?? byPlace);
    if (position === undefined) unnamed.push(item);
    else named.set(position, item);
  }
  return { named, unnamed };
}

/**
 * The positions of the events that a refusal names, in order: by `id` or `index` of an error, by a path that begins with
 * an index (`[3].created_at`), by an id that stands in the text. They are hints: who is named gets sent alone first. If
 * more than half of the batch is named, nobody is (the answer may repeat the request).
 */
export function suspectsIn(value: unknown, text: string, count: number, ids: EventIds): number[] {
  const suspects = new Set<number>();
  const add = (position: number | undefined) => {
    if (position !== undefined && position < count) suspects.add(position);
  };
  const items = [
    ...(entriesOf(value) ?? []).filter(saysFailed),
    ...(isObject(value) ? [value, ...errorItems(value)] : []),
  ];
  for (const item of items) {
    add(byId(item, ids));
    add(indexIn(item));
    if (isObject(item) && typeof item['message'] === 'string') add(indexInWords(item['message']));
    if (typeof item === 'string') add(indexInWords(item));
  }
  for (let i = 0; i < count; i++) if (standsIn(text, ids.at(i))) suspects.add(i);
  return suspects.size > count / 2 ? [] : [...suspects].sort((a, b) => a - b);
}

/** `errors` of an answer, whether an array or an object by index, path or id (Didomi's docs show both shapes). */
function errorItems(value: Readonly<Record<string, unknown>>): unknown[] {
  const { errors } = value;
  if (Array.isArray(errors)) return errors;
  if (!isObject(errors)) return [];
  return Object.entries(errors).map(([key, said]) => ({ id: key, path: key, ...(isObject(said) ? said : { said }) }));
}

function byId(item: unknown, ids: EventIds): number | undefined {
  const id = idIn(item);
  return id === undefined ? undefined : ids.positionOf(id);
}

/** The event id that an entry of an answer carries. */
export function idIn(item: unknown): string | undefined {
  if (!isObject(item)) return undefined;
  const event = isObject(item['event']) ? item['event'] : {};
  for (const id of [item['id'], item['event_id'], event['id']]) if (typeof id === 'string') return id;
  return undefined;
}

/** The index, from 0, that an entry names in a field, or at the beginning of a path. */
function indexIn(item: unknown): number | undefined {
  if (!isObject(item)) return undefined;
  const { index } = item;
  if (typeof index === 'number' && Number.isInteger(index) && index >= 0) return index;
  for (const name of ['path', 'field', 'property', 'instancePath', 'dataPath']) {
    const path = item[name];
    const found = typeof path === 'string' ? PATH_INDEX.exec(path)?.[1] : undefined;
    if (found !== undefined) return Number(found);
  }
  return undefined;
}

/** `3`, `[3].created_at`, `3.created_at`, `/3/created_at`, `data[3]`, `events.3.user`. */
const PATH_INDEX = /^(?:\$|body|data|events|items)?[./]?\[?(\d{1,5})\]?(?=[./[]|$)/;
/** `"[3].created_at" must be …`, `body[3] …`, `data/3/user …`, `event 3 …`; but not `purposes[0]`. */
const WORDS_INDEX =
  /(?:^|[\s"'`(:])(?:(?:body|data|events|items)?\[(\d{1,5})\]|(?:body|data|events|items)\/(\d{1,5})\b|(?:event|item|index) #?(\d{1,5})\b)/i;

function indexInWords(words: string): number | undefined {
  const found = WORDS_INDEX.exec(words);
  return found === null ? undefined : Number(found[1] ?? found[2] ?? found[3]);
}

/** Does the id stand in the text as a word of its own? Short ids are found everywhere, so they are not looked for. */
function standsIn(text: string, id: string | undefined): boolean {
  if (id === undefined || id.length < 6) return false;
  for (let at = text.indexOf(id); at >= 0; at = text.indexOf(id, at + 1)) {
    if (!WORD.test(text[at - 1] ?? ' ') && !WORD.test(text[at + id.length] ?? ' ')) return true;
  }
  return false;
}

const WORD = /[\w-]/;

/** The status that an entry tells for its event. */
export function codeOf(item: unknown): number | undefined {
  if (!isObject(item)) return undefined;
  return errorCode(item) ?? (isObject(item['error']) ? errorCode(item['error']) : undefined);
}
