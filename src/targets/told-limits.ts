import type { ToldLimits } from '../core/target.js';

/**
 * Reads the rate limits that an answer's headers tell (names in lower case), undefined when they tell none:
 * - `Retry-After` (RFC 9110 section 10.2.3): seconds or a date; a date counts from the answer's own `Date`, if it has
 *   one, so that a wrong clock here does not matter;
 * - `RateLimit` and `RateLimit-Policy` (IETF draft-ietf-httpapi-ratelimit-headers-07, as Didomi documents them):
 *   `limit=100, remaining=60, reset=7` and `100;w=15`; also the later drafts' `"name";r=60;t=7` and `"name";q=100;w=15`;
 * - `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` (the drafts before), the reset in seconds;
 * - OneTrust's `ot-requests-allowed`, `ot-period` (MINUTE or HOUR) and `ot-request-made`.
 *
 * Of several policies the one that allows the fewest requests per time counts. What can't be read is passed over.
 * @param nowMs the epoch time
 */
export function readToldLimits(headers: Readonly<Record<string, string>>, nowMs: number): ToldLimits | undefined {
  const policies = [...draftPolicies(headers), ...oneTrustPolicies(headers)];
  policies.sort((a, b) => a.requests / a.windowMs - b.requests / b.windowMs);
  const policy = policies[0];
  const remaining = remainingIn(headers);
  const resetMs = inMs(field(headers, 'ratelimit', /\b(?:reset|t)\s*=\s*(\d+)/) ?? whole(headers['ratelimit-reset']));
  const retryAfterMs = retryAfter(headers, nowMs);
  const told: ToldLimits = {
    ...(policy !== undefined && { policy }),
    ...(remaining !== undefined && { remaining }),
    ...(resetMs !== undefined && { resetMs }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
  };
  return Object.keys(told).length === 0 ? undefined : told;
}

type Policy = NonNullable<ToldLimits['policy']>;

/** `100;w=15, 1000;w=3600` and `"burst";q=100;w=15`. The old `RateLimit-Limit: 10, 10;w=1` holds policies too. */
function draftPolicies(headers: Readonly<Record<string, string>>): Policy[] {
  const policies: Policy[] = [];
  for (const item of `${headers['ratelimit-policy'] ?? ''},${headers['ratelimit-limit'] ?? ''}`.split(',')) {
    const requests = whole(/^\s*(\d+)\s*;/.exec(item)?.[1] ?? /;\s*q\s*=\s*(\d+)/.exec(item)?.[1]);
    const seconds = whole(/;\s*w\s*=\s*(\d+)/.exec(item)?.[1]);
    if (requests !== undefined && seconds !== undefined && requests > 0 && seconds > 0) {
      policies.push({ requests, windowMs: seconds * 1000 });
    }
  }
  return policies;
}

function oneTrustPolicies(headers: Readonly<Record<string, string>>): Policy[] {
  const requests = whole(headers['ot-requests-allowed']);
  const windowMs = { MINUTE: 60_000, HOUR: 3_600_000 }[(headers['ot-period'] ?? '').trim().toUpperCase()];
  return requests !== undefined && requests > 0 && windowMs !== undefined ? [{ requests, windowMs }] : [];
}

function remainingIn(headers: Readonly<Record<string, string>>): number | undefined {
  const told = field(headers, 'ratelimit', /\b(?:remaining|r)\s*=\s*(\d+)/) ?? whole(headers['ratelimit-remaining']);
  if (told !== undefined) return told;
  const allowed = whole(headers['ot-requests-allowed']);
  const made = whole(headers['ot-request-made']);
  return allowed === undefined || made === undefined ? undefined : Math.max(0, allowed - made);
}

function retryAfter(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const text = headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^[\d.,\s]+$/.test(text)) {
    // Repeated fields arrive joined by commas: the longest counts.
    const seconds = Math.max(...text.split(',').map(Number));
    return Number.isFinite(seconds) ? Math.ceil(seconds * 1000) : undefined;
  }
  const date = httpDate(text);
  return date === undefined ? undefined : Math.max(0, date - (httpDate(headers['date'] ?? '') ?? nowMs));
}

/** An HTTP date (RFC 9110 section 5.6.7), obsolete forms included; epoch milliseconds. */
function httpDate(text: string): number | undefined {
  if (!/^[A-Z][a-z]+,? .*\d\d:\d\d:\d\d/.test(text)) return undefined;
  // asctime's form names no zone, but means UTC like the others.
  const time = Date.parse(/GMT$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(time) ? undefined : time;
}

function field(headers: Readonly<Record<string, string>>, name: string, pattern: RegExp): number | undefined {
  return whole(pattern.exec(headers[name] ?? '')?.[1]);
}

function whole(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}
