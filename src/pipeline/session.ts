import type { Clock, Transport } from '../core/ports.js';
import type { Authorization, Authorizer } from '../core/target.js';

/**
 * Holds the token of a run: one renewal at a time, however many requests need it.
 * States: no token → obtaining → held → (renewal is due, or a 401) → no token. Two tokens in a row that are refused
 * before anything is accepted with them are the end.
 */
export class Session {
  readonly #authorizer: Authorizer;
  readonly #transport: Transport;
  readonly #clock: Clock;
  #token: string | undefined;
  #renewAt = 0;
  /** The token before this one was refused, and nothing was accepted since. */
  #suspicious = false;

  constructor(authorizer: Authorizer, transport: Transport, clock: Clock) {
    this.#authorizer = authorizer;
    this.#transport = transport;
    this.#clock = clock;
    if (authorizer.fixed !== undefined) {
      this.#token = authorizer.fixed;
      this.#renewAt = Number.POSITIVE_INFINITY;
    }
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
      // A token that seems to be over already is tried, or each one would be the reason to ask for the next.
      this.#renewAt = Math.max(authorization.renewAt, this.#clock.now() + LEAST_USE_MS);
    }
    return authorization;
  }

  /** A request with this token was answered as one with a good token is. */
  accepted(token: string): void {
    if (token === this.#token) this.#suspicious = false;
  }

  /**
   * A request with this token met a 401.
   * @returns `renew`: a new token is needed; `retry`: that was an old token, there is a newer one, or will be; `end`:
   * the newest token was refused right after it was handed out for one that was refused, so no other will do.
   */
  refused(token: string): 'renew' | 'retry' | 'end' {
    if (token !== this.#token) return 'retry';
    if (this.#suspicious) return 'end';
    this.#suspicious = true;
    this.#token = undefined;
    return 'renew';
  }
}

/** A token is used for so long at least (ms), unless it is refused. */
const LEAST_USE_MS = 10_000;
