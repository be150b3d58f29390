import type { HttpRequest, HttpResponse } from './ports.js';

/**
 * Sends one request that only reads: at the pace that is allowed, and again as long as that can help. The request is
 * given its token here, for it may be another one at the second try.
 * @returns an answer that is neither a 401, nor a demand to wait, nor a failure of the server
 * @throws {AskError} when none can be had
 */
export type Ask = (request: (token: string) => HttpRequest, signal?: AbortSignal) => Promise<HttpResponse>;

/** Nothing can be read from the target. */
export class AskError extends Error {
  override readonly name = 'AskError';
  /** `auth`: the credentials were refused. `unavailable`: no answer, or one that no such API gives. */
  readonly reason: 'auth' | 'unavailable' | 'interrupted';
  constructor(reason: AskError['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}
