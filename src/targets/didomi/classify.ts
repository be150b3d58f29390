import type { HttpResponse } from '../../core/ports.js';
import type { Classified, Reading, Sendable, Verdict } from '../../core/target.js';
import { type Body, isObject, readBody } from '../answer-body.js';
import { refusal } from '../refusal.js';
import { readToldLimits } from '../told-limits.js';
import { errorEnvelope, saysCollision, saysItHasIt, saysThrottled } from './answer.js';
import { EventIds } from './event-ids.js';
import { codeOf, entriesOf, failuresIn, idIn, suspectsIn } from './named-events.js';

/**
 * Reads Didomi's answer to a batch. Didomi documents the statuses in general and the error body `{code, name, message,
 * errors}` (docs, "Errors"), but for a batch neither what comes back, nor what a duplicate or one bad event does to it.
 * So every reading is here, in one table, and each errs on the side of sending again, which an event's id makes harmless.
 *
 * | answer | reading |
 * | --- | --- |
 * | 2xx, no body, announced as such, or 204 | delivered |
 * | 2xx, JSON that is no error body and names no failed event | delivered, whatever its shape or length |
 * | 2xx, entries (array or `{data: […]}`, or `errors`) that failed (`error`, `errors`, or `code`, `status`, `statusCode` from 400 on), each tied to an event by id, else index from 0, else place among as many entries as events | those as the table below, the others delivered |
 * | 2xx, a failed entry that can't be tied to an event | refused: the batch is split until it can |
 * | 2xx, an error body | as its `code` if that is 400, 408, 409, 413, 422, 425, 429 or 5xx; else unintelligible |
 * | 2xx, no JSON, cut off, or no body where none was announced | unintelligible |
 * | 429, or a 400 whose own words are of too many requests | again, throttled |
 * | 408, 425, 5xx | again, failing |
 * | 400, 409, 413, 422 to several events | refused, with the positions that the answer names as suspects |
 * | the same to a single event | as the table below |
 * | 401 | token |
 * | 403 | end: auth |
 * | 404, 405, 3xx, any other | end: unavailable |
 *
 * | what is said of one event | verdict |
 * | --- | --- |
 * | 409 that speaks of a version, a lock or concurrent writers | retry, a few times; then rejected |
 * | any other 409, or words that the event is there already | duplicate |
 * | 408, 425, 429, 5xx | retry |
 * | anything else | rejected, with the target's words |
 */
export function classifyAnswer(events: readonly Sendable[], response: HttpResponse, nowMs: number): Classified {
  const limits = readToldLimits(response.headers, nowMs);
  // Where all that may be sent is used up, the time of the reset is as good as a Retry-After.
  const waitMs = limits?.retryAfterMs ?? (limits?.remaining === 0 ? limits.resetMs : undefined);
  const reading = read(events, response, waitMs);
  return limits === undefined ? { reading } : { reading, limits };
}

function read(events: readonly Sendable[], response: HttpResponse, waitMs: number | undefined): Reading {
  const { status } = response;
  const body = readBody(response);
  if (status >= 200 && status < 300) return readAccepted(events, body, waitMs);
  if (status === 401) return { kind: 'token' };
  return readFailure(events, status, body, waitMs) ?? endOf(status);
}

function readAccepted(events: readonly Sendable[], body: Body, waitMs: number | undefined): Reading {
  if (body.kind === 'empty') return { kind: 'verdicts', verdicts: events.map(() => DELIVERED) };
  if (body.kind === 'none') return { kind: 'unintelligible' };
  const { value } = body;
  const envelope = errorEnvelope(value);
  if (envelope !== undefined && entriesOf(value) === undefined) {
    return readFailure(events, envelope.code, body, waitMs) ?? { kind: 'unintelligible' };
  }
  const ids = new EventIds(events);
  const { named, unnamed } = failuresIn(value, events.length, ids);
  if (unnamed.length > 0) {
    const errors = [refusal(codeOf(unnamed[0]), unnamed[0])];
    return { kind: 'refused', suspects: [...named.keys()].sort((a, b) => a - b), errors };
  }
  const verdicts = deliveries(value, events.length, ids);
  for (const [position, said] of named) verdicts[position] = verdictOf(codeOf(said), said, ids.at(position));
  return { kind: 'verdicts', verdicts };
}

const DELIVERED: Verdict = { kind: 'delivered' };

/** All delivered, each with what the answer holds under its id (or, for a single event, with the answer). */
function deliveries(value: unknown, count: number, ids: EventIds): Verdict[] {
  const verdicts = new Array<Verdict>(count).fill(DELIVERED);
  const entries = entriesOf(value) ?? (isObject(value) ? [value] : []);
  for (let i = 0; i < entries.length; i++) {
    const returned = entries[i];
    const id = idIn(returned);
    let position = count === 1 && entries.length === 1 ? 0 : undefined;
    if (id !== undefined) position = ids.isAt(i, id) ? i : ids.positionOf(id);
    if (position !== undefined) verdicts[position] = { kind: 'delivered', returned };
  }
  return verdicts;
}

/** What a status from 400 on means where the target says why; undefined for a status that ends the run. */
function readFailure(
  events: readonly Sendable[],
  status: number,
  body: Body,
  waitMs: number | undefined,
): Reading | undefined {
  const wait = waitMs === undefined ? {} : { waitMs };
  if (status === 429 || (status === 400 && saysThrottled(body))) return { kind: 'again', strain: 'throttled', ...wait };
  if (isTransient(status)) return { kind: 'again', strain: 'failing', ...wait };
  if (status !== 400 && status !== 409 && status !== 413 && status !== 422) return undefined;
  const said = body.kind === 'json' ? body.value : body.kind === 'none' ? body.text : '';
  const ids = new EventIds(events);
  if (events.length === 1) return { kind: 'verdicts', verdicts: [verdictOf(status, said, ids.at(0))] };
  const text = body.kind === 'empty' ? '' : body.text;
  return { kind: 'refused', suspects: suspectsIn(said, text, events.length, ids), errors: [refusal(status, said)] };
}

function verdictOf(status: number | undefined, said: unknown, id: string | undefined): Verdict {
  if (status === 409)
    return saysCollision(said, id) ? { kind: 'retry', errors: [refusal(status, said)] } : { kind: 'duplicate' };
  if (status !== undefined && (status === 429 || isTransient(status))) return { kind: 'retry' };
  if (status !== 413 && saysItHasIt(said, id)) return { kind: 'duplicate' };
  return { kind: 'rejected', errors: [refusal(status, said)] };
}

function isTransient(status: number): boolean {
  return status === 408 || status === 425 || status >= 500;
}

function endOf(status: number): Reading {
  return { kind: 'end', reason: status === 403 ? 'auth' : 'unavailable', status };
}
