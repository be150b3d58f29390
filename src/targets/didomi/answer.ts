import type { HttpResponse } from '../../core/ports.js';
import type { Finding } from '../../core/rejection.js';

/** What an answer's body holds. `none`: it is neither empty nor whole JSON (a page, or a body that was cut off). */
export type Body =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown; readonly text: string }
  | { readonly kind: 'none'; readonly text: string };

/**
 * Reads a body. Where its end was not announced (`framed` is false), empty may mean cut off, and so may a number; an
 * object or array tells by its own closing bracket that it is whole. 204 has no body by definition (RFC 9110).
 */
export function readBody(response: HttpResponse): Body {
  const text = new TextDecoder().decode(response.body);
  const framed = response.framed || response.status === 204;
  if (text.trim() === '') return framed ? { kind: 'empty' } : { kind: 'none', text };
  try {
    const value: unknown = JSON.parse(text);
    return framed || isObject(value) || Array.isArray(value) ? { kind: 'json', value, text } : { kind: 'none', text };
  } catch {
    return { kind: 'none', text };
  }
}

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

/** Says something: neither missing, null, false, 0, '', [] nor {}. */
export function isFilled(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isObject(value)) return Object.keys(value).length > 0;
  return value !== undefined && value !== null && value !== false && value !== 0 && value !== '';
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
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

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: ' BadRequest',
  409: ' Conflict',
  413: ' PayloadTooLarge',
  422: ' UnprocessableEntity',
};
const LONGEST_QUOTE = 2000;

/**
 * A refusal as a finding. The message holds the status and its usual name only; what the target said may quote the
 * event, so it goes into `verbatim`, its first 2,000 characters.
 */
export function refusal(status: number | undefined, said: unknown): Finding {
  const code = status === undefined ? '' : `: ${status}${STATUS_NAMES[status] ?? ''}`;
  const words = quote(said);
  return { path: '', message: `the target refused it${code}`, ...(words !== '' && { verbatim: words }) };
}

function quote(said: unknown): string {
  let words = '';
  if (typeof said === 'string') words = said.trim();
  else if (isObject(said) && typeof said['message'] === 'string') {
    words = isFilled(said['errors']) ? `${said['message']} ${asJson(said['errors'])}` : said['message'];
  } else if (isFilled(said)) words = asJson(said);
  return words.length > LONGEST_QUOTE ? `${words.slice(0, LONGEST_QUOTE)}…` : words;
}

/** Parsing reads any depth of brackets, writing does not: what is too deep is left out. */
function asJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '';
  }
}
