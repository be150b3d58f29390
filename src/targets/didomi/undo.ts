import type { HttpResponse } from '../../core/ports.js';
import type { Classified, Reading, Target } from '../../core/target.js';
import { type Body, isPage, readBody } from '../answer-body.js';
import { refusal } from '../refusal.js';
import { readToldLimits } from '../told-limits.js';
import { errorEnvelope, saysThrottled } from './answer.js';
import { createDidomiAuthorizer } from './authorize.js';
import { DIDOMI_LIMITS } from './limits.js';
import { oneEventRequest } from './one-event.js';
import type { DidomiReading } from './read-back.js';

/**
 * Deletes events at Didomi, one per request: `DELETE /consents/events/{id}`, which is answered with 204, and after which
 * the user's status is worked out anew from the events that are left (OpenAPI). The verdict is `delivered` for an event
 * that was deleted, `duplicate` for one that was not there (any more).
 */
export function createDidomiUndoer({ organizationId, credentials }: DidomiReading): Target {
  return {
    name: 'didomi',
    resendIsHarmless: true,
    limits: DIDOMI_LIMITS,
    overhead: { perRequest: 0, perEvent: 0 },
    maxEvents: 1,
    encode: ([event], token) => oneEventRequest('DELETE', event!, organizationId, token),
    classify: (_, response, nowMs) => classifyDeletion(response, nowMs),
    authorizer: createDidomiAuthorizer(credentials),
  };
}

/**
 * | answer | reading |
 * | --- | --- |
 * | 2xx, no body or JSON | deleted |
 * | 404, 410 | not there |
 * | 2xx, an error body | as its `code` |
 * | 2xx, no JSON (a page); 404 or 410 with a page, for then it is not the API that says so | unintelligible |
 * | 429, or a 400 that speaks of too many requests; 408, 425, 5xx | again |
 * | 400, 409, 413, 422 | rejected |
 * | 401 | token |
 * | 403 | end: auth |
 * | 405, 3xx, any other | end: unavailable |
 */
function classifyDeletion(response: HttpResponse, nowMs: number): Classified {
  const limits = readToldLimits(response.headers, nowMs);
  const body = readBody(response);
  // Some APIs say what failed in a success.
  const code = body.kind === 'json' ? errorEnvelope(body.value)?.code : undefined;
  const reading = read(code ?? response.status, body, limits?.retryAfterMs);
  return limits === undefined ? { reading } : { reading, limits };
}

function read(status: number, body: Body, waitMs: number | undefined): Reading {
  const wait = waitMs === undefined ? {} : { waitMs };
  if (status >= 200 && status < 300) {
    if (body.kind === 'none') return { kind: 'unintelligible' };
    return { kind: 'verdicts', verdicts: [{ kind: 'delivered' }] };
  }
  if (status === 401) return { kind: 'token' };
  if (status === 404 || status === 410) {
    return isPage(body) ? { kind: 'unintelligible' } : { kind: 'verdicts', verdicts: [{ kind: 'duplicate' }] };
  }
  if (status === 429 || (status === 400 && saysThrottled(body))) return { kind: 'again', strain: 'throttled', ...wait };
  if (status === 408 || status === 425 || status >= 500) return { kind: 'again', strain: 'failing', ...wait };
  if ([400, 409, 413, 422].includes(status)) {
    const said = body.kind === 'json' ? body.value : '';
    return { kind: 'verdicts', verdicts: [{ kind: 'rejected', errors: [refusal(status, said)] }] };
  }
  return { kind: 'end', reason: status === 403 ? 'auth' : 'unavailable', status };
}
