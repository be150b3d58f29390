import { equalJitter, PROBE_BACKOFF } from './backoff.js';
import type { Random } from './ports.js';

/**
 * Care with a target at which nothing may be sent twice. After a request that was not clearly answered, only one single
 * event goes out at a time, at growing waits, until one is acknowledged: so an outage puts few events in doubt, and not
 * thousands. Pure: times (monotonic ms) and randomness are passed in.
 */
export class Care {
  readonly #random: Random;
  /** Unclear answers in a row, those to requests that left together counted once; 0: no need for care. */
  #unclear = 0;
  #since = 0;
  #nextAt = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get careful(): boolean {
    return this.#unclear > 0;
  }

  /** Before this no request may leave. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** A request that left at `leftAt` was not clearly answered. */
  unclear(now: number, leftAt: number): void {
    // What left before the first sign tells nothing new.
    if (this.careful && leftAt < this.#since) return;
    if (!this.careful) this.#since = now;
    this.#unclear += 1;
    this.#nextAt = now + equalJitter(PROBE_BACKOFF, this.#unclear, this.#random);
  }

  /** A request that left at `leftAt` was acknowledged. Returns true when that ends the need for care. */
  acknowledged(leftAt: number): boolean {
    if (!this.careful || leftAt < this.#since) return false;
    this.#unclear = 0;
    this.#nextAt = 0;
    return true;
  }
}
