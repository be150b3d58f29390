import type { ToldLimits } from './target.js';

/** At most `requests` in any span of `windowMs`. */
export interface RateLimit {
  readonly requests: number;
  readonly windowMs: number;
}

/** What of the pace must hold across restarts: points in time, in ms. */
export interface PacerState {
  /** No request may leave before this, by the target's demand. */
  readonly pausedUntil: number;
  /** The theoretical arrival time of the next request. */
  readonly nextAt: number;
}

/** The share of the window kept free, so that jitter on the way can't push a request into an earlier window. */
const MARGIN = 0.01;
/** How much lateness may be caught up, as a share of the window: half of the margin. */
const CATCH_UP = 0.005;

/**
 * Decides when the next request may leave. Pure: time is passed in, in ms of any clock that never goes back.
 *
 * The rate is GCRA (ITU-T I.371, the "virtual scheduling" form): requests are spread evenly, without a burst at a
 * window's edge. With spacing T = window·(1 + MARGIN)/requests and a tolerance of CATCH_UP·window for our own
 * lateness, any span of one window holds at most `requests`, and 99 % of the rate is used.
 */
export class Pacer {
  #configured: RateLimit | undefined;
  #told: RateLimit | undefined;
  #slow: { readonly spacingMs: number; readonly until: number } | undefined;
  #pausedUntil = 0;
  #nextAt = 0;

  constructor(configured: RateLimit | undefined, saved: PacerState | undefined, now: number) {
    this.#configured = configured;
    this.#pausedUntil = saved?.pausedUntil ?? 0;
    // The state is saved about once a second, so up to a second's requests may not be in it.
    this.#nextAt = Math.max(now, saved === undefined ? 0 : Math.min(saved.nextAt + 1_000, now + this.#spacing(now)));
    if (saved !== undefined && saved.nextAt > now) this.#nextAt = Math.max(this.#nextAt, saved.nextAt);
  }

  get state(): PacerState {
    return { pausedUntil: this.#pausedUntil, nextAt: this.#nextAt };
  }

  get pausedUntil(): number {
    return this.#pausedUntil;
  }

  /** The limit in force: the lower of what was set and what the target told. */
  get limit(): RateLimit | undefined {
    return lower(this.#configured, this.#told);
  }

  /** When the next request may leave; in the past or `now` when it may leave at once. */
  earliest(now: number): number {
    const limit = this.limit;
    if (limit === undefined) return Math.max(this.#pausedUntil, 0);
    return Math.max(
      this.#pausedUntil,
      this.#nextAt - CATCH_UP * limit.windowMs,
      this.#slow !== undefined && now < this.#slow.until ? this.#nextAt : 0,
    );
  }

  /** Charges one attempt that leaves now. */
  charge(now: number): void {
    const limit = this.limit;
    if (limit === undefined && this.#slow === undefined) return;
    const behind = limit === undefined ? 0 : CATCH_UP * limit.windowMs;
    this.#nextAt = Math.max(this.#nextAt, now - behind) + this.#spacing(now);
  }

  /** No request leaves before `until`. A shorter demand never shortens a longer one. */
  pause(until: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
  }

  /**
   * Takes in what an answer's headers told.
   * @param othersInFlight requests that had left but were not counted yet when the answer was written
   */
  learn(told: ToldLimits, othersInFlight: number, now: number): void {
    if (told.policy !== undefined && told.policy.requests > 0) this.#told = told.policy;
    if (told.remaining === undefined || told.resetMs === undefined) return;
    const left = told.remaining - othersInFlight;
    if (left <= 0) {
      // Nothing is left until the window ends. The reset is told in whole seconds, rounded by who knows whom.
      if (told.remaining <= 0) this.pause(now + told.resetMs);
      else this.#slow = { spacingMs: told.resetMs, until: now + told.resetMs };
      return;
    }
    const spacingMs = told.resetMs / left;
    this.#slow = spacingMs > this.#baseSpacing() ? { spacingMs, until: now + told.resetMs } : undefined;
  }

  #baseSpacing(): number {
    const limit = this.limit;
    return limit === undefined ? 0 : (limit.windowMs * (1 + MARGIN)) / limit.requests;
  }

  #spacing(now: number): number {
    const base = this.#baseSpacing();
    return this.#slow !== undefined && now < this.#slow.until ? Math.max(base, this.#slow.spacingMs) : base;
  }
}

function lower(a: RateLimit | undefined, b: RateLimit | undefined): RateLimit | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.requests / a.windowMs <= b.requests / b.windowMs ? a : b;
}
