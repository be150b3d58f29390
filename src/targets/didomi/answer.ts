import { type Body, isObject } from '../answer-body.js';
import { isFilled } from '../refusal.js';

/** Didomi's error body: `{code, name, message, errors}` (Didomi docs, "Errors"); `errors` is an array or an object. */
export interface Envelope {
  readonly code: number;
  readonly name?: unknown;
  readonly message?: unknown;
  readonly errors?: unknown;
}

export function errorEnvelope(value: unknown): Envelope | undefined {
  if (!isObject(value)) return undefined;
  const code = errorCode(value);
  const speaks = typeof value['message'] === 'string' || typeof value['name'] === 'string';
  return code !== undefined && speaks ? { ...value, code } : undefined;
}

/** The HTTP status of an error that an object carries as `code`, `status` or `statusCode`. */
export function errorCode(value: Readonly<Record<string, unknown>>): number | undefined {
  for (const name of ['code', 'statusCode', 'status']) {
    const code = value[name];
    if (typeof code === 'number' && code >= 400 && code < 600) return code;
  }
  return undefined;
}

/** Does one entry of an answer say that its event failed? */
export function saysFailed(item: unknown): item is Record<string, unknown> {
  return isObject(item) && (errorCode(item) !== undefined || isFilled(item['error']) || isFilled(item['errors']));
}

/** A 400 that means 429. */
export function saysThrottled(body: Body): boolean {
  return /too ?many ?requests|rate ?limit|slow ?down|throttl/i.test(ownWords(body.kind === 'json' ? body.value : ''));
}

/**
 * Does the target say that it has this very event? What it says of a purpose, a user or a field that is there twice is
 * about the event's content, and no word of the event's own id counts.
 */
export function saysItHasIt(value: unknown, id = ''): boolean {
  const words = id.length < 6 ? ownWords(value) : ownWords(value).replaceAll(id, ' ');
  if (/purpose|preference|vendor|channel|user|metadata|proof|field|property|version/i.test(words)) return false;
  return /\balready\b.{0,20}\b(exist|import|creat|record|process|stor|receiv)|\bduplicate/i.test(words);
}

/** A 409 that is no duplicate: two writers met. */
export function saysCollision(value: unknown, id = ''): boolean {
  return !saysItHasIt(value, id) && /\bversion\b|concurren|\block(ed)?\b|try again|\bretry\b/i.test(ownWords(value));
}

/**
 * The target's own words: names and messages, of an envelope and of its errors, without what stands in quotes, for that
 * may quote the event.
 */
function ownWords(value: unknown): string {
  return phrases(value, 4)
    .join('\n')
    .replace(/"[^"\n]*"|'[^'\n]*'|`[^`\n]*`/g, ' ');
}

function phrases(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value];
  if (depth === 0) return [];
  if (Array.isArray(value)) return value.slice(0, 100).flatMap((item) => phrases(item, depth - 1));
  if (!isObject(value)) return [];
  return ['name', 'message', 'error', 'errors'].flatMap((key) => phrases(value[key], depth - 1));
}
