import type { HttpResponse } from '../../core/ports.js';
import type { Classified, Reading, Verdict } from '../../core/target.js';
import { type Body, isObject, readBody } from '../answer-body.js';
import { refusal } from '../refusal.js';
import { readToldLimits } from '../told-limits.js';
import { claimsOf } from './collection-point.js';

/**
 * Reads OneTrust's answer to a call. OneTrust keys on nothing, so a receipt that is sent twice exists twice: only an
 * answer that says so clearly makes a receipt delivered, and only one that says clearly that nothing was taken lets it be
 * sent again. Everything else is `unknown`. OneTrust documents the 200 only (OpenAPI: an object with `receipt` for one, an
 * array of such objects for bulk); for errors it documents statuses, but no bodies, and nothing on partial failure.
 *
 * | answer | reading |
 * | --- | --- |
 * | 2xx, an array of exactly as many entries as receipts were sent | per entry: an object with `receipt`, a text that is not empty, is delivered; anything else unknown |
 * | 2xx to a single receipt, an object with such a `receipt` | delivered |
 * | any other 2xx: another length, another shape, no JSON, cut off, no body | unknown, for all |
 * | 408, 5xx | unknown, for all |
 * | 429 | again, throttled: nothing was taken |
 * | 400, 413, 422 to several receipts | refused, to be split: that none of them was taken is assumed, not documented; `--body object` does without |
 * | the same to a single receipt | rejected, with OneTrust's words |
 * | 401, 403 | end: auth (there is no session to renew) |
 * | 404, 405, 3xx, any other | end: unavailable |
 *
 * @param count how many receipts were sent
 * @param secrets what must not be written anywhere, should the answer quote it
 * @param nowMs the epoch time
 */
export function classifyAnswer(
  count: number,
  response: HttpResponse,
  secrets: readonly string[],
  nowMs: number,
): Classified {
  const limits = readToldLimits(response.headers, nowMs);
  const reading = read(count, response, secrets, limits?.retryAfterMs);
  return limits === undefined ? { reading } : { reading, limits };
}

function read(count: number, response: HttpResponse, secrets: readonly string[], waitMs: number | undefined): Reading {
  const { status } = response;
  if (status >= 200 && status < 300) return { kind: 'verdicts', verdicts: readTaken(count, readBody(response)) };
  if (status === 408 || status >= 500) return { kind: 'verdicts', verdicts: allUnknown(count) };
  if (status === 429) return { kind: 'again', strain: 'throttled', ...(waitMs !== undefined && { waitMs }) };
  if (status === 401 || status === 403) return { kind: 'end', reason: 'auth', status };
  if (status !== 400 && status !== 413 && status !== 422) return { kind: 'end', reason: 'unavailable', status };
  const errors = [refusal(status, wordsOf(response, secrets))];
  if (count === 1) return { kind: 'verdicts', verdicts: [{ kind: 'rejected', errors }] };
  return { kind: 'refused', suspects: [], errors };
}

function readTaken(count: number, body: Body): Verdict[] {
  if (body.kind !== 'json') return allUnknown(count);
  const { value } = body;
  const entries: readonly unknown[] | undefined = Array.isArray(value) ? value : count === 1 ? [value] : undefined;
  if (entries?.length !== count) return allUnknown(count);
  return entries.map(readEntry);
}

const UNKNOWN: Verdict = { kind: 'unknown' };

function allUnknown(count: number): Verdict[] {
  return new Array<Verdict>(count).fill(UNKNOWN);
}

function readEntry(entry: unknown): Verdict {
  if (!isObject(entry)) return UNKNOWN;
  const { receipt, instantLinkToken, linkToken } = entry;
  if (typeof receipt !== 'string' || receipt === '') return UNKNOWN;
  const id = receiptId(receipt);
  const returned = {
    ...(id !== undefined && { receipt: id }),
    ...(typeof instantLinkToken === 'string' && { instantLinkToken }),
    ...(typeof linkToken === 'string' && { linkToken }),
  };
  return { kind: 'delivered', returned };
}

/**
 * The id of a receipt: the `jti` of the JWT that records it. OneTrust's example shows a plain UUID: then that. A JWT
 * without `jti` has no id that could be kept, for the whole of it says who chose what, and what the collection point is.
 */
function receiptId(receipt: string): string | undefined {
  const claims = claimsOf(receipt);
  if (claims === undefined) return receipt.length > LONGEST_ID ? undefined : receipt;
  const jti = claims['jti'];
  return typeof jti === 'string' && jti !== '' ? jti : undefined;
}

/** What is longer is no id. */
const LONGEST_ID = 200;

/** What a refusal says, without the tokens that it may quote. A JSON string or object, plain text, or nothing. */
function wordsOf(response: HttpResponse, secrets: readonly string[]): unknown {
  let text = new TextDecoder().decode(response.body);
  for (const secret of secrets) for (const part of partsOf(secret)) text = text.replaceAll(part, '…');
  const body = readBody({ ...response, body: new TextEncoder().encode(text) });
  if (body.kind === 'json') return body.value;
  return body.kind === 'none' ? body.text : '';
}

/** A token and its parts: an answer may quote one of them alone. */
function partsOf(secret: string): string[] {
  return [secret, ...secret.split('.')].filter((part) => part.length >= SHORTEST_SECRET);
}

const SHORTEST_SECRET = 12;
