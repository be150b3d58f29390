/**
 * Measures for how long the target has neither accepted nor refused anything. Pure: monotonic ms are passed in. The
 * time counts while a request is unanswered in that sense; waits that the target asked for don't count.
 */
export class Patience {
  readonly #mostMs: number;
  /** Since when a request waits to be accepted or refused; undefined when none does. */
  #since: number | undefined;
  /** How much of the time since then the target asked for. */
  #askedMs = 0;
  #askedUntil = 0;

  /** @param mostMs `--give-up-after` */
  constructor(mostMs: number) {
    this.#mostMs = mostMs;
  }

  /** When it ends, if nothing changes; infinite while nothing was sent in vain. */
  get endsAt(): number {
    return this.#since === undefined ? Number.POSITIVE_INFINITY : this.#since + this.#askedMs + this.#mostMs;
  }

  /** A request leaves. */
  sent(now: number): void {
    if (this.#since === undefined) this.#begin(now);
  }

  /** The target accepted or refused an event, with so many other requests in flight. */
  rewarded(now: number, othersInFlight: number): void {
    if (othersInFlight > 0) this.#begin(now);
    else this.rest();
  }

  /** Nothing is left to be sent for now. */
  rest(): void {
    this.#since = undefined;
  }

  /** The target asked that nothing be sent before `until`. Waits that overlap count once. */
  asked(until: number, now: number): void {
    this.#askedMs += Math.max(0, until - Math.max(now, this.#askedUntil));
    this.#askedUntil = Math.max(this.#askedUntil, until);
  }

  #begin(now: number): void {
    this.#since = now;
    this.#askedMs = Math.max(0, this.#askedUntil - now);
  }
}
