import type { Holding } from '../../core/holding.js';
import type { HttpResponse } from '../../core/ports.js';
import type { Classified, Reading, Sendable, Target } from '../../core/target.js';
import { type Body, isObject, isPage, readBody } from '../answer-body.js';
import { parseExactly } from '../exact-json.js';
import { readToldLimits } from '../told-limits.js';
import { errorEnvelope, saysThrottled } from './answer.js';
import { createDidomiAuthorizer, type DidomiCredentials } from './authorize.js';
import { differences } from './compare.js';
import { idOf } from './event-ids.js';
import { DIDOMI_LIMITS } from './limits.js';
import { eventAsSent, oneEventRequest, textAsSent } from './one-event.js';

export interface DidomiReading {
  readonly organizationId: string;
  readonly credentials: DidomiCredentials;
}

/**
 * Reads events back from Didomi, one per request: `GET /consents/events/{id}`. Each ends in the verdict `delivered`,
 * which returns a {@link Holding}.
 */
export function createDidomiReader({ organizationId, credentials }: DidomiReading): Target {
  return {
    name: 'didomi',
    resendIsHarmless: true,
    limits: DIDOMI_LIMITS,
    overhead: { perRequest: 0, perEvent: 0 },
    maxEvents: 1,
    encode: ([event], token) => oneEventRequest('GET', event!, organizationId, token, openFilters(event!)),
    classify: ([event], response, nowMs) => classifyReading(event!, response, nowMs, organizationId),
    authorizer: createDidomiAuthorizer(credentials),
  };
}

/** The regulations that Didomi documents; an event's own is asked for too. */
const REGULATIONS = ['gdpr', 'cpra', 'cpa', 'ctdpa', 'vcdpa'];

/** Without these filters Didomi shows only confirmed events, and only those of gdpr (OpenAPI). */
function openFilters(event: Sendable): string {
  const { status, regulation } = eventAsSent(event);
  return `${oneOf('status', ['confirmed', 'pending_approval'], status)}${oneOf('regulation', REGULATIONS, regulation)}`;
}

function oneOf(name: string, known: readonly string[], own: unknown): string {
  const values = new Set(typeof own === 'string' ? [...known, own] : known);
  return [...values].map((value) => `&${name}%5B%24in%5D=${encodeURIComponent(value)}`).join('');
}

/**
 * | answer | reading |
 * | --- | --- |
 * | 2xx with the event, alone, in `data` or in a list | it is compared |
 * | 2xx with a list without it, or with null; 404, 410 | missing |
 * | 2xx, an error body | as its `code` |
 * | 2xx, other JSON; 400, 409, 413, 422 | can't be told |
 * | 2xx, no JSON; 404 or 410 with a page, for then it is not the API that says so | unintelligible |
 * | 429, or a 400 that speaks of too many requests; 408, 425, 5xx | again |
 * | 401 | token |
 * | 403 | end: auth |
 * | 405, 3xx, any other | end: unavailable |
 */
function classifyReading(event: Sendable, response: HttpResponse, nowMs: number, organizationId: string): Classified {
  const limits = readToldLimits(response.headers, nowMs);
  const reading = read(event, response.status, readBody(response), limits?.retryAfterMs, organizationId);
  return limits === undefined ? { reading } : { reading, limits };
}

function read(
  event: Sendable,
  status: number,
  body: Body,
  waitMs: number | undefined,
  organizationId: string,
): Reading {
  const wait = waitMs === undefined ? {} : { waitMs };
  if (status >= 200 && status < 300) {
    if (body.kind !== 'json') return { kind: 'unintelligible' };
    const code = errorEnvelope(body.value)?.code;
    return code === undefined
      ? found(compared(event, body.text, organizationId))
      : read(event, code, body, waitMs, organizationId);
  }
  if (status === 401) return { kind: 'token' };
  if (status === 404 || status === 410) {
    return isPage(body) ? { kind: 'unintelligible' } : found({ kind: 'missing' });
  }
  if (status === 429 || (status === 400 && saysThrottled(body))) return { kind: 'again', strain: 'throttled', ...wait };
  if (status === 408 || status === 425 || status >= 500) return { kind: 'again', strain: 'failing', ...wait };
  if ([400, 409, 413, 422].includes(status))
    return found({ kind: 'cantBeTold', why: `the target answered with status ${status}` });
  return { kind: 'end', reason: status === 403 ? 'auth' : 'unavailable', status };
}

function found(holding: Holding): Reading {
  return { kind: 'verdicts', verdicts: [{ kind: 'delivered', returned: holding }] };
}

function compared(event: Sendable, text: string, organizationId: string): Holding {
  try {
    const value = parseExactly(text);
    const held = eventIn(value, idOf(event));
    if (held === 'none') return { kind: 'missing' };
    if (held === undefined) return { kind: 'cantBeTold', why: 'the answer is no event' };
    const paths = differences(parseExactly(textAsSent(event)), held, organizationId);
    return paths.length === 0 ? { kind: 'match' } : { kind: 'different', paths };
  } catch (error) {
    // Parsing takes any depth of brackets, comparing does not.
    if (!(error instanceof RangeError)) throw error;
    return { kind: 'cantBeTold', why: 'the event is nested too deeply' };
  }
}

/** The event in an answer; `none`: a list that does not hold it, or null; undefined: the answer is nothing of the kind. */
function eventIn(value: unknown, id: string): unknown {
  if (value === null) return 'none';
  if (Array.isArray(value)) return value.find((each) => isObject(each) && each['id'] === id) ?? 'none';
  if (!isObject(value)) return undefined;
  if (typeof value['id'] === 'string') return value;
  return value['data'] === undefined ? undefined : eventIn(value['data'], id);
}
