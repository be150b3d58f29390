import { equalJitter, PROBE_BACKOFF } from './backoff.js';
import type { Random } from './ports.js';

/** Requests of so many events need no more proof: the next limit is that of a batch (100). */
const LARGE_ENOUGH = 128;
/** So many times as much proof is wanted when a larger request was not clearly answered after a single event was. */
const MORE_PROOF = 4;

/**
 * Care with a target at which nothing may be sent twice. After a request that was not clearly answered, only one single
 * event goes out at a time, at growing waits, until one is acknowledged: so an outage puts few events in doubt, and not
 * thousands. From there requests grow by doubling, still one at a time. Where single events are acknowledged and several
 * together are not, each further try of two waits for four times as many acknowledgements as the one before, so that few
 * events are in doubt there, too. Pure: times (monotonic ms) and randomness are passed in.
 */
export class Care {
  readonly #random: Random;
  #most = Number.POSITIVE_INFINITY;
  /** Unclear answers in a row, those to requests that left together counted once. */
  #unclear = 0;
  /** Acknowledgements at the present size, and how many of them allow a larger one. */
  #proof = 0;
  #needed = 1;
  #since = 0;
  #nextAt = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get careful(): boolean {
    return Number.isFinite(this.#most);
  }

  /** Most events of the next request; infinite where there is no need for care. */
  get most(): number {
    return this.#most;
  }

  /** Before this no request may leave. */
  get nextAt(): number {
    return this.#nextAt;
  }

  /** A request that left at `leftAt` was not clearly answered. */
  unclear(now: number, leftAt: number): void {
    // What left before the first sign tells nothing new.
    if (this.careful && leftAt < this.#since) return;
    if (!this.careful) this.#needed = 1;
    else if (this.#most > 1) this.#needed *= MORE_PROOF;
    this.#since = now;
    this.#most = 1;
    this.#proof = 0;
    this.#unclear += 1;
    this.#nextAt = now + equalJitter(PROBE_BACKOFF, this.#unclear, this.#random);
  }

  /** A request that left at `leftAt` was acknowledged. Returns true when that ends the need for care. */
  acknowledged(leftAt: number): boolean {
    if (!this.careful || leftAt < this.#since) return false;
    this.#unclear = 0;
    this.#nextAt = 0;
    this.#proof += 1;
    if (this.#proof < this.#needed) return false;
    this.#proof = 0;
    this.#most *= 2;
    if (this.#most < LARGE_ENOUGH) return false;
    this.#most = Number.POSITIVE_INFINITY;
    return true;
  }
}
