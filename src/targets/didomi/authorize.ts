import type { HttpRequest, HttpResponse, Transport } from '../../core/ports.js';
import type { Authorization, Authorizer } from '../../core/target.js';
import { readBody } from '../answer-body.js';
import { readToldLimits } from '../told-limits.js';
import { saysThrottled } from './answer.js';

export interface DidomiCredentials {
  readonly key: string;
  readonly secret: string;
}

/** A token is documented to live one hour; where it does not say so itself, it is renewed ten minutes before that. */
const RENEW_AFTER_MS = 50 * 60_000;
const LEAST_MARGIN_MS = 60_000;

/**
 * Gets tokens from `POST /sessions` (Didomi docs, "Authentication": a JSON object of type, key and secret; the token is
 * `access_token`, a JWT; wrong keys are answered with 400). A token is renewed a tenth of its life, but at least a
 * minute, before it ends.
 */
export function createDidomiAuthorizer(credentials: DidomiCredentials): Authorizer {
  const { key, secret } = credentials;
  return {
    async obtain(transport: Transport, nowMs: number, signal?: AbortSignal): Promise<Authorization> {
      const request: HttpRequest = {
        method: 'POST',
        path: '/sessions',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: new TextEncoder().encode(JSON.stringify({ type: 'api-key', key, secret })),
      };
      return readSession(await transport.send(request, signal), nowMs);
    },
  };
}

function readSession(response: HttpResponse, nowMs: number): Authorization {
  const { status } = response;
  const body = readBody(response);
  if (status === 429 || status === 408 || status === 425 || status >= 500 || (status === 400 && saysThrottled(body))) {
    const waitMs = readToldLimits(response.headers, nowMs)?.retryAfterMs;
    return waitMs === undefined ? { kind: 'again' } : { kind: 'again', waitMs };
  }
  if (status === 400 || status === 401 || status === 403) return { kind: 'refused', status };
  const session = status >= 200 && status < 300 && body.kind === 'json' ? body.value : undefined;
  const token = (session as { access_token?: unknown } | null | undefined)?.access_token;
  // What can't stand in a header is no token.
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) {
    return { kind: 'token', token, renewAt: nowMs + renewAfter(token, nowMs) };
  }
  return { kind: 'wrong', status };
}

function renewAfter(token: string, nowMs: number): number {
  const life = lifeOf(token, nowMs);
  return life === undefined ? RENEW_AFTER_MS : life - Math.min(life / 2, Math.max(LEAST_MARGIN_MS, life / 10));
}

/**
 * How long the token is good for, in milliseconds, as its claims say (RFC 7519 section 4.1): until `exp`, but not longer
 * than from `iat` to `exp`, the issuer's own measure. That alone counts when the clock here is so far ahead that the
 * token seems to be over.
 */
function lifeOf(token: string, nowMs: number): number | undefined {
  const claims = claimsOf(token);
  if (typeof claims?.exp !== 'number') return undefined;
  const left = claims.exp * 1000 - nowMs;
  const whole = typeof claims.iat === 'number' ? (claims.exp - claims.iat) * 1000 : left;
  const life = left > 0 ? Math.min(left, whole) : whole;
  return Number.isFinite(life) && life > 0 ? life : undefined;
}

function claimsOf(token: string): { exp?: unknown; iat?: unknown } | undefined {
  try {
    const claims: unknown = JSON.parse(atob((token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/')));
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
