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
/** The state is saved about once a second, so a second's requests and one more may be missing from it (ms). */
const SAVED_EVERY_MS = 1_000;
/** Longer ago is not counted as sent without a limit (ms). */
const UNPACED_MS = 60_000;
/** A reset is told in whole seconds, rounded by who knows whom. */
const ROUNDED_BY_MS = 1_000;
/** A reset further away than this is no span of seconds: some APIs send a date there. */
const LONGEST_RESET_MS = 24 * 60 * 60 * 1_000;

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
  /** When the last request should have left, by the even spacing. */
  #lastAt: number;
  /** Requests that left while no limit was known, and when the first of them did; begun anew every minute. */
  #unpaced = { since: 0, count: 0 };

  constructor(configured: RateLimit | undefined, saved: PacerState | undefined, now: number) {
    this.#configured = configured;
    this.#pausedUntil = saved?.pausedUntil ?? 0;
    const spacing = this.#spacing;
    const missing = SAVED_EVERY_MS + spacing;
    const next = saved && Math.max(saved.nextAt, Math.min(saved.nextAt + missing, now + spacing));
    this.#lastAt = Math.max(now, next ?? now) - spacing;
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

  /** When the next request may leave; in the past when it may leave at once. */
  get earliest(): number {
    return Math.max(this.#pausedUntil, this.#nextAt);
  }

  /** Charges one attempt that leaves now. */
  charge(now: number): void {
    const { limit } = this;
    this.#lastAt = Math.max(this.#nextAt, now - (limit === undefined ? 0 : CATCH_UP * limit.windowMs));
    if (limit !== undefined) return;
    if (now - this.#unpaced.since > UNPACED_MS) this.#unpaced = { since: now, count: 0 };
    this.#unpaced.count += 1;
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
    if (told.retryAfterMs !== undefined) this.pause(now + told.retryAfterMs);
    if (told.policy !== undefined && told.policy.requests > 0) this.#adopt(told.policy, now);
    if (told.remaining === undefined || told.resetMs === undefined || told.resetMs > LONGEST_RESET_MS) return;
    if (told.remaining <= 0) {
      this.pause(now + told.resetMs);
      return;
    }
    // Near a window's end rounding would make the pace far too slow, and the limit itself is enough to keep to.
    const leftMs = this.limit === undefined ? told.resetMs : told.resetMs - ROUNDED_BY_MS;
    // What is in flight may use up the rest: then nothing leaves before the next answer tells more, or the reset.
    const spacingMs = leftMs / Math.max(1, told.remaining - othersInFlight);
    this.#slow = spacingMs > this.#spacing ? { spacingMs, until: now + leftMs } : undefined;
  }

  /** What left before the first limit was known is paid for from then on. */
  #adopt(policy: RateLimit, now: number): void {
    const isFirst = this.limit === undefined;
    this.#told = policy;
    if (!isFirst) return;
    const { since, count } = this.#unpaced;
    this.#lastAt = Math.max(this.#lastAt, Math.min(since + (count - 1) * this.#spacing, now + policy.windowMs));
  }

  /** The theoretical arrival time of the next request. A slower pace ends with its window, or when an answer lifts it. */
  get #nextAt(): number {
    const next = this.#lastAt + this.#spacing;
    const slow = this.#slow;
    return slow === undefined ? next : Math.max(next, Math.min(this.#lastAt + slow.spacingMs, slow.until));
  }

  get #spacing(): number {
    const { limit } = this;
    return limit === undefined ? 0 : (limit.windowMs * (1 + MARGIN)) / limit.requests;
  }
}

function lower(a: RateLimit | undefined, b: RateLimit | undefined): RateLimit | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a.requests / a.windowMs <= b.requests / b.windowMs ? a : b;
}
