import type { HttpRequest, HttpResponse, Transport } from '../../core/ports.js';
import type { Authorization, Authorizer } from '../../core/target.js';
import { isObject, readBody } from '../answer-body.js';
import { readToldLimits } from '../told-limits.js';

/** An OAuth client of OneTrust's platform, with the scope CONSENT or CONSENT_READ. It can read; sending needs none. */
export interface OneTrustClient {
  readonly id: string;
  readonly secret: string;
}

/** Where an answer does not say how long its token lives. */
const RENEW_AFTER_MS = 30 * 60_000;

/**
 * Gets tokens for reading from OneTrust's platform (OpenAPI, `securitySchemes`): `POST /api/access/v1/oauth/token`, the
 * client credentials grant of RFC 6749 section 4.4. A token is renewed a tenth of its life before it ends.
 */
export function createPlatformAuthorizer({ id, secret }: OneTrustClient): Authorizer {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
  const request: HttpRequest = {
    method: 'POST',
    path: '/api/access/v1/oauth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new TextEncoder().encode(form.toString()),
  };
  return {
    async obtain(transport: Transport, nowMs: number, signal?: AbortSignal): Promise<Authorization> {
      return readToken(await transport.send(request, signal), nowMs);
    },
  };
}

function readToken(response: HttpResponse, nowMs: number): Authorization {
  const { status } = response;
  if (status === 429 || status === 408 || status === 425 || status >= 500) {
    const waitMs = readToldLimits(response.headers, nowMs)?.retryAfterMs;
    return waitMs === undefined ? { kind: 'again' } : { kind: 'again', waitMs };
  }
  if (status === 400 || status === 401 || status === 403) return { kind: 'refused', status };
  const body = readBody(response);
  const granted = status >= 200 && status < 300 && body.kind === 'json' && isObject(body.value) ? body.value : {};
  const { access_token: token, expires_in: seconds } = granted;
  // What can't stand in a header is no token.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token)) return { kind: 'wrong', status };
  const lifeMs = Number(seconds) * 1000;
  const goodForMs = Number.isFinite(lifeMs) && lifeMs > 0 ? lifeMs * 0.9 : RENEW_AFTER_MS;
  return { kind: 'token', token, renewAt: nowMs + goodForMs };
}
