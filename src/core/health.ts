import { equalJitter, PROBE_BACKOFF } from './backoff.js';
import type { Random } from './ports.js';

/** So many failures in a row, with nothing getting through between them, are an outage. */
const FAILURES_OF_AN_OUTAGE = 10;
/** Retries that may be made freely; then each success earns half a one, so that a failing target gets no more load. */
const MOST_RETRIES_SAVED = 20;
const RETRIES_EARNED = 0.5;

/**
 * Tells an ailing target from a dead one. Pure: time and randomness are passed in.
 *
 * While things go well every batch may be tried again. When retries outrun their budget, one retry at a time may be
 * in flight. When nothing gets through, the target is in an outage: one probe at a time, at growing waits, until one
 * is answered.
 */
export class Health {
  readonly #random: Random;
  #failuresInARow = 0;
  #retriesLeft = MOST_RETRIES_SAVED;
  #nextProbeAt = 0;
  #outageSince = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get outage(): boolean {
    return this.#failuresInARow >= FAILURES_OF_AN_OUTAGE;
  }

  /** Monotonic ms before which no probe may leave; meaningful during an outage. */
  get nextProbeAt(): number {
    return this.#nextProbeAt;
  }

  get failuresInARow(): number {
    return this.#failuresInARow;
  }

  /** May one more retry leave, with `retriesInFlight` on their way? */
  allowsRetry(retriesInFlight: number): boolean {
    return this.#retriesLeft >= 1 || retriesInFlight === 0;
  }

  retried(): void {
    this.#retriesLeft = Math.max(0, this.#retriesLeft - 1);
  }

  /** The target answered as an API does, be it with a refusal. Returns true when this ended an outage. */
  answered(): boolean {
    const wasOutage = this.outage;
    this.#failuresInARow = 0;
    this.#retriesLeft = Math.min(MOST_RETRIES_SAVED, this.#retriesLeft + RETRIES_EARNED);
    return wasOutage;
  }

  /** A request that left at `leftAt` failed, or was not answered. */
  failed(now: number, leftAt: number): void {
    // Requests that left before the outage was noticed tell nothing new: only probes make the waits grow.
    if (this.outage && leftAt < this.#outageSince) return;
    this.#failuresInARow += 1;
    if (!this.outage) return;
    if (this.#failuresInARow === FAILURES_OF_AN_OUTAGE) this.#outageSince = now;
    this.#nextProbeAt =
      now + equalJitter(PROBE_BACKOFF, this.#failuresInARow - FAILURES_OF_AN_OUTAGE + 1, this.#random);
  }
}
