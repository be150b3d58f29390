import { scanArray } from '../../core/json-scan.js';
import type { Element } from '../stand-in.js';
import { dateOf, isObject } from './event-rules.js';

/** The body of `POST /consents/events`: one event, or an array of them. */
export interface EventBatch {
  /** Why it can't be read at all. */
  readonly broken: string | undefined;
  /** The body was one event, not an array. */
  readonly single: boolean;
  readonly elements: readonly Element[];
}

export function readBatch(body: Uint8Array, organization: string): EventBatch {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return { broken: 'Invalid JSON', single: false, elements: [] };
  }
  if (Array.isArray(json)) {
    // The array is valid JSON, so the scanner finds exactly the elements that the parser found.
    const spans = scanArray(body).elements;
    const elements = json.map((value: unknown, i) => toElement(value, ...spans[i]!, organization));
    return { broken: undefined, single: false, elements };
  }
  const [start, end] = trimmed(body);
  return { broken: undefined, single: true, elements: [toElement(json, start, end, organization)] };
}

function toElement(value: unknown, start: number, end: number, organization: string): Element {
  if (!isObject(value)) return { start, end, value, id: undefined, subjects: [], createdAt: undefined };
  const user = isObject(value['user']) ? value['user'] : {};
  const subject = (kind: string, id: unknown): string[] =>
    typeof id === 'string' && id !== '' ? [`${kind}\n${organization}\n${id}`] : [];
  const id = value['id'];
  return {
    start,
    end,
    value,
    id: typeof id === 'string' && id !== '' ? id : undefined,
    subjects: [...subject('organization_user_id', user['organization_user_id']), ...subject('id', user['id'])],
    createdAt: dateOf(value['created_at']),
  };
}

function trimmed(body: Uint8Array): readonly [number, number] {
  const isSpace = (byte: number | undefined): boolean =>
    byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
  let start = 0;
  let end = body.length;
  while (start < end && isSpace(body[start])) start++;
  while (end > start && isSpace(body[end - 1])) end--;
  return [start, end];
}
