import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../exchange.js';
import type { Orders } from '../stand-in.js';
import { errorResponse } from './envelope.js';
import type { DidomiSettings } from './settings.js';

/** `POST /v1/sessions`: hands out tokens, and knows which are still good. */
export class Sessions {
  readonly #settings: DidomiSettings;
  readonly #random: () => number;
  /** Token to the epoch milliseconds of its end. */
  #tokens = new Map<string, number>();

  constructor(settings: DidomiSettings, random: () => number) {
    this.#settings = settings;
    this.#random = random;
  }

  create(request: SandboxRequest, nowMs: number, orders: Orders): SandboxResponse {
    const asked = readJson(request.body);
    if (asked === undefined) return errorResponse(400, 'Invalid JSON');
    const { type, key, secret } = asked;
    if (type !== 'api-key' || typeof key !== 'string' || typeof secret !== 'string') {
      return errorResponse(400, 'A session needs type "api-key", key and secret');
    }
    if (orders.refuseSession || !this.#settings.acceptsCredentials(key, secret)) {
      return errorResponse(400, 'Invalid API key or secret');
    }
    return jsonResponse(200, { access_token: this.#issue(key, nowMs), type: 'api-key', key });
  }

  /** Whether the request carries a bearer token that is still good. */
  admits(request: SandboxRequest, nowMs: number): boolean {
    const [scheme, token, ...more] = (request.headers['authorization'] ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || token === undefined || more.length > 0) return false;
    const end = this.#tokens.get(token);
    return end !== undefined && nowMs < end;
  }

  expireAll(): void {
    this.#tokens.clear();
  }

  #issue(key: string, nowMs: number): string {
    const { tokenLifeMs, tokenTellsExpiry } = this.#settings.answers;
    const end = nowMs + tokenLifeMs;
    const claims = {
      sub: key,
      iat: Math.floor(nowMs / 1000),
      jti: Math.floor(this.#random() * 2 ** 48).toString(36),
      ...(tokenTellsExpiry && { exp: Math.floor(end / 1000) }),
    };
    const signature = Array.from({ length: 32 }, () => Math.floor(this.#random() * 256));
    const token = `${base64url(JSON.stringify({ alg: 'HS256', typ: 'JWT' }))}.${base64url(JSON.stringify(claims))}.${Buffer.from(signature).toString('base64url')}`;
    this.#tokens.set(token, end);
    return token;
  }
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url');
}

function readJson(body: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
