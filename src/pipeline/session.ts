import type { Clock, Transport } from '../core/ports.js';
import type { Authorization, Authorizer } from '../core/target.js';

/**
 * Holds the token of a run: one renewal at a time, however many requests need it.
 * States: no token → obtaining → fresh (nothing was accepted with it yet) → proven → (renewal is due, or a 401) → no token.
 */
export class Session {
  readonly #authorizer: Authorizer;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #token: string | undefined;
  #renewAt = 0;
  #proven = false;

  constructor(authorizer: Authorizer, transport: Transport, clock: Clock) {
    this.#authorizer = authorizer;
    this.#transport = transport;
    this.#clock = clock;
  }

  /** The token to send with, or undefined when one must be obtained first. */
  get token(): string | undefined {
    return this.#token !== undefined && this.#clock.now() < this.#renewAt ? this.#token : undefined;
  }

  /** Asks the target for a new token. @throws {TransportError} */
  async obtain(signal: AbortSignal): Promise<Authorization> {
    const authorization = await this.#authorizer.obtain(this.#transport, this.#clock.now(), signal);
    if (authorization.kind === 'token') {
      this.#token = authorization.token;
      this.#renewAt = authorization.renewAt;
      this.#proven = false;
    }
    return authorization;
  }

  /** A request with this token was answered as one with a good token is. */
  accepted(token: string): void {
    if (token === this.#token) this.#proven = true;
  }

  /**
   * A request with this token met a 401.
   * @returns `renew`: a new token is needed; `retry`: that was an old token, there is a newer one; `end`: the newest
   * token was refused right after it was handed out, so no other will do.
   */
  refused(token: string): 'renew' | 'retry' | 'end' {
    if (token !== this.#token) return 'retry';
    if (!this.#proven) return 'end';
    this.#token = undefined;
    return 'renew';
  }
}
