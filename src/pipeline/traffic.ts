import { fullJitter, RETRY_BACKOFF } from '../core/backoff.js';
import { Care } from '../core/care.js';
import { ConcurrencyController } from '../core/concurrency.js';
import { Health } from '../core/health.js';
import type { Pacer } from '../core/pacer.js';
import { Patience } from '../core/patience.js';
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
  readonly #patience: Patience;
  readonly #care: Care;
  #inFlight = 0;
  #retriesInFlight = 0;
  #throttlesInARow = 0;
  #throttledAt = Number.NEGATIVE_INFINITY;
  /** The end of a wait of our own after a refusal for load. */
  #restUntil = 0;

  constructor(
    settings: { readonly concurrency: number; readonly giveUpAfterMs: number },
    pacer: Pacer,
    random: Random,
  ) {
    this.#pacer = pacer;
    this.#random = random;
    this.#controller = new ConcurrencyController(settings.concurrency);
    this.#health = new Health(random);
    this.#patience = new Patience(settings.giveUpAfterMs);
    this.#care = new Care(random);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How many requests may be in flight: one probe at a time in an outage. */
  get level(): number {
    return this.#health.outage || this.careful ? 1 : this.#controller.level;
  }

  /** Requests go one at a time, and hold few events: what was sent before may or may not have been taken. */
  get careful(): boolean {
    return this.#care.careful;
  }

  /** Most events of the next request. */
  get mostEvents(): number {
    return this.#care.most;
  }

  /** When the next request may leave, by pace, pause and probing; in the past when it may at once. */
  get earliest(): number {
    const probeAt = this.#health.outage ? this.#health.nextProbeAt : 0;
    return Math.max(this.#pacer.earliest, this.#restUntil, probeAt, this.#care.nextAt);
  }

  /** The end of the wait that the target asked for last. */
  get pausedUntil(): number {
    return this.#pacer.pausedUntil;
  }

  allowsRetry(): boolean {
    return this.#health.allowsRetry(this.#retriesInFlight);
  }

  /** A request leaves. Each one is charged, whatever comes of it. */
  left(now: number, isRetry: boolean): void {
    this.#pacer.charge(now);
    this.#patience.sent(now);
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

  /** It can't be told whether events were taken that must not be sent twice. Call before `returned`. */
  unclear(now: number, rttMs: number): void {
    this.failed(now, rttMs);
    this.#care.unclear(now, now - rttMs);
  }

  /** It took an event, as it clearly said. Call before `returned`. */
  acknowledged(now: number, rttMs: number): void {
    if (this.#care.acknowledged(now - rttMs)) this.#controller.restart(now);
  }

  /** It accepted or refused events. Call before `returned`. */
  progressed(now: number): void {
    this.#patience.rewarded(now, this.#inFlight - 1);
  }

  /** It failed, or did not answer. Call before `returned`. */
  failed(now: number, rttMs: number): void {
    // The level that was good before an outage is worth remembering.
    if (!this.#health.outage) this.#controller.answered(rttMs, true, this.#inFlight, now);
    this.#health.failed(now, now - rttMs);
  }

  /**
   * It refused for load: nothing leaves until it is over. Call before `returned`.
   * @param waitMs what it asked for; a wait of our own is kept in any case, for it may have asked for none
   */
  throttled(now: number, rttMs: number, waitMs: number | undefined): void {
    this.#controller.answered(rttMs, true, this.#inFlight, now);
    if (waitMs !== undefined) this.pause(now + waitMs, now);
    // Requests that were in flight together were refused together: that counts once.
    if (now - rttMs < this.#throttledAt) return;
    this.#throttledAt = now;
    this.#throttlesInARow += 1;
    this.#restUntil = now + fullJitter(RETRY_BACKOFF, this.#throttlesInARow + 1, this.#random);
  }

  /** The target asked that nothing leave before `until`. */
  pause(until: number, now: number): void {
    this.#pacer.pause(until);
    this.#patience.asked(until, now);
  }

  /** Takes in what an answer's headers told. Returns true when that is a pause. Call before `returned`. */
  learn(limits: ToldLimits, now: number): boolean {
    const before = this.#pacer.pausedUntil;
    this.#pacer.learn(limits, Math.max(0, this.#inFlight - 1), now);
    const until = this.#pacer.pausedUntil;
    if (until === before) return false;
    this.#patience.asked(until, now);
    return true;
  }

  /** When to give up, were nothing to change: infinite while nothing was sent in vain. */
  get giveUpAt(): number {
    return this.#patience.endsAt;
  }

  /** Nothing is left to be sent for now. */
  rests(): void {
    this.#patience.rest();
  }

  /** What keeps the next request from leaving, in the order of what a person wants to know. */
  waiting(now: number): Waiting {
    const probeAt = this.#health.nextProbeAt;
    if (this.#health.outage) return { for: 'outage', ...(probeAt > now ? { untilMonotonic: probeAt } : {}) };
    if (this.careful)
      return { for: 'outage', ...(this.#care.nextAt > now ? { untilMonotonic: this.#care.nextAt } : {}) };
    const asked = Math.max(this.#pacer.pausedUntil, this.#restUntil);
    if (asked > now) return { for: 'target', untilMonotonic: asked };
    const paced = this.#pacer.earliest;
    return paced > now ? { for: 'rate_limit', untilMonotonic: paced } : undefined;
  }
}
