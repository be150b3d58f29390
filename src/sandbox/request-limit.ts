/** A limit of `requests` per `windowMs`, as a server counts it. */
export interface LimitSize {
  readonly requests: number;
  readonly windowMs: number;
  /** `sliding`: any stretch of `windowMs`. `fixed`: windows that begin with the first request after the last one ended. */
  readonly kind: 'sliding' | 'fixed';
}

export interface LimitState {
  readonly over: boolean;
  readonly remaining: number;
  /** Until there is room again for at least one more request (over), or for all of them. */
  readonly resetMs: number;
}

/** Counts requests against a limit. Refused ones are not counted: the limit is on what is let through. */
export class RequestLimit {
  readonly #size: LimitSize;
  /** Arrival times of what was let through in the current window, oldest first. */
  #arrivals: number[] = [];
  #first = 0;

  constructor(size: LimitSize) {
    this.#size = size;
  }

  take(nowMs: number): LimitState {
    const { requests, windowMs } = this.#size;
    this.#expire(nowMs);
    const used = this.#arrivals.length - this.#first;
    const oldest = this.#arrivals[this.#first] ?? nowMs;
    if (used >= requests) return { over: true, remaining: 0, resetMs: oldest + windowMs - nowMs };
    this.#arrivals.push(nowMs);
    return { over: false, remaining: requests - used - 1, resetMs: oldest + windowMs - nowMs };
  }

  #expire(nowMs: number): void {
    const { windowMs, kind } = this.#size;
    const oldest = this.#arrivals[this.#first];
    if (oldest === undefined || nowMs - oldest < windowMs) return;
    if (kind === 'fixed') {
      this.#arrivals = [];
      this.#first = 0;
      return;
    }
    while (this.#first < this.#arrivals.length && nowMs - this.#arrivals[this.#first]! >= windowMs) this.#first++;
    if (this.#first > 1000) {
      this.#arrivals = this.#arrivals.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** `RateLimit` and `RateLimit-Policy` as in draft-ietf-httpapi-ratelimit-headers-07; times in whole seconds, rounded up. */
export function rateHeaders(size: LimitSize, state: LimitState): Record<string, string> {
  return {
    ratelimit: `limit=${size.requests}, remaining=${state.remaining}, reset=${Math.ceil(state.resetMs / 1000)}`,
    'ratelimit-policy': `${size.requests};w=${Math.ceil(size.windowMs / 1000)}`,
  };
}
