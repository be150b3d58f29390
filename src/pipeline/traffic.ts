import { fullJitter, RETRY_BACKOFF } from '../core/backoff.js';
import { ConcurrencyController } from '../core/concurrency.js';
import { Health } from '../core/health.js';
import type { Pacer } from '../core/pacer.js';
import type { Random } from '../core/ports.js';
import type { Waiting } from '../core/run.js';
import type { ToldLimits } from '../core/target.js';

/**
 * Knows how the target is doing and what it allows: the one place that answers "may a request leave now?". Joins the
 * pacer (rate, demanded pauses), the concurrency controller and the health. Times are monotonic ms, passed in.
 */
export class Traffic {
  readonly #pacer: Pacer;
  readonly #random: Random;
  readonly #controller: ConcurrencyController;
  readonly #health: Health;
  readonly #giveUpAfterMs: number;
  #inFlight = 0;
  #retriesInFlight = 0;
  #throttlesInARow = 0;
  #lastProgressAt: number;

  constructor(
    settings: { readonly concurrency: number; readonly giveUpAfterMs: number },
    pacer: Pacer,
    random: Random,
    now: number,
  ) {
    this.#pacer = pacer;
    this.#random = random;
    this.#controller = new ConcurrencyController(settings.concurrency);
    this.#health = new Health(random);
    this.#giveUpAfterMs = settings.giveUpAfterMs;
    this.#lastProgressAt = now;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many requests may be in flight: one probe at a time in an outage. */
  get level(): number {
    return this.#health.outage ? 1 : this.#controller.level;
  }

  /** When the next request may leave, by pace, pause and probing; not later than `now` when it may at once. */
  earliest(now: number): number {
    return Math.max(this.#pacer.earliest(now), this.#health.outage ? this.#health.nextProbeAt : 0);
  }

  allowsRetry(): boolean {
    return this.#health.allowsRetry(this.#retriesInFlight);
  }

  /** A request leaves. Each one is charged, whatever comes of it. */
  left(now: number, isRetry: boolean): void {
    this.#pacer.charge(now);
    this.#inFlight += 1;
    if (!isRetry) return;
    this.#retriesInFlight += 1;
    this.#health.retried();
  }

  /** Its answer came, or it ended without one. */
  returned(isRetry: boolean): void {
    this.#inFlight -= 1;
    if (isRetry) this.#retriesInFlight -= 1;
  }

  /** The target answered as an API does. Call before `returned`. */
  answered(now: number, rttMs: number): void {
    this.#throttlesInARow = 0;
    this.#controller.answered(rttMs, false, this.#inFlight, now);
    if (this.#health.answered()) this.#controller.restart(now);
  }

  /** It accepted or refused events. */
  progressed(now: number): void {
    this.#lastProgressAt = Math.max(this.#lastProgressAt, now);
  }

  /** It failed, or did not answer. Call before `returned`. */
  failed(now: number, rttMs: number): void {
    this.#controller.answered(rttMs, true, this.#inFlight, now);
    this.#health.failed(now);
  }

  /**
   * It refused for load: nothing leaves until it is over. Call before `returned`.
   * @param waitMs what it asked for; without that, a wait of our own
   */
  throttled(now: number, rttMs: number, waitMs: number | undefined): void {
    this.#throttlesInARow += 1;
    this.#controller.answered(rttMs, true, this.#inFlight, now);
    this.pause(now + (waitMs ?? fullJitter(RETRY_BACKOFF, this.#throttlesInARow + 1, this.#random)));
  }

  /** Nothing leaves before `until`. */
  pause(until: number): void {
    this.#pacer.pause(until);
  }

  learn(limits: ToldLimits, now: number): void {
    this.#pacer.learn(limits, Math.max(0, this.#inFlight - 1), now);
  }

  /** When to give up, were nothing to change: waits that were demanded, or set as a rate, don't count. */
  giveUpAt(now: number): number {
    return Math.max(this.#lastProgressAt, this.#pacer.earliest(now)) + this.#giveUpAfterMs;
  }

  /** Work begins after there was none: the time without progress counts from here. */
  begins(now: number): void {
    this.#lastProgressAt = Math.max(this.#lastProgressAt, now);
  }

  /** What keeps the next request from leaving, in the order of what a person wants to know. */
  waiting(now: number): Waiting {
    const probeAt = this.#health.nextProbeAt;
    if (this.#health.outage) return { for: 'outage', ...(probeAt > now ? { untilMonotonic: probeAt } : {}) };
    if (this.#pacer.pausedUntil > now) return { for: 'target', untilMonotonic: this.#pacer.pausedUntil };
    const paced = this.#pacer.earliest(now);
    return paced > now ? { for: 'rate_limit', untilMonotonic: paced } : undefined;
  }
}
