/**
 * Finds how many requests the target takes at a time. Pure: time is passed in.
 *
 * Slow start doubles the level once per round trip until the first sign of strain; from then on it grows by one per
 * round trip while all of it is used, and shrinks to nine tenths on strain: a refusal for load, a failure, or round
 * trips that are clearly longer than they used to be. The rules and constants are those of Vector's adaptive request
 * concurrency (RFC 1858 in its repository) and of Netflix's concurrency-limits; the slow start is TCP's (RFC 5681).
 */
export class ConcurrencyController {
  readonly #most: number;
  #level: number;
  /** Slow start ends here. */
  #threshold: number;
  /** Smoothed round trip and its mean deviation, in ms; undefined before the first round. */
  #usual: { mean: number; deviation: number } | undefined;
  #round = newRound(0);

  /** @param most never more than this: `--concurrency`, from 1 */
  constructor(most: number) {
    this.#most = most;
    this.#level = Math.min(START, most);
    this.#threshold = most;
  }

  /** How many requests may be in flight now: an integer from 1 to `most`. */
  get level(): number {
    return Math.max(1, Math.floor(this.#level));
  }

  /**
   * Takes in one answer (or its absence).
   * @param rttMs from sending to the last byte
   * @param strained the target refused for load, failed, or did not answer
   * @param inFlight how many requests were in flight, this one included
   */
  answered(rttMs: number, strained: boolean, inFlight: number, now: number): void {
    const round = this.#round;
    round.count += strained ? 0 : 1;
    round.sum += strained ? 0 : rttMs;
    round.strained ||= strained;
    round.mostInFlight = Math.max(round.mostInFlight, inFlight);
    if (now - round.startedAt >= (this.#usual?.mean ?? 0)) this.#close(now);
  }

  /** After an outage: begin low, but come back quickly to half of what was good before. */
  restart(now: number): void {
    this.#threshold = Math.max(START, this.#level / 2, this.#threshold / 2);
    this.#level = Math.min(START, this.#most);
    this.#round = newRound(now);
  }

  #close(now: number): void {
    const { count, sum, strained, mostInFlight } = this.#round;
    const mean = count === 0 ? undefined : sum / count;
    const slow =
      mean !== undefined && this.#usual !== undefined && mean > this.#usual.mean + this.#tolerance(this.#usual);
    if (strained || slow) {
      this.#level = Math.max(1, this.#level * DECREASE);
      this.#threshold = this.#level;
    } else if (mostInFlight >= this.level) {
      this.#level = Math.min(
        this.#most,
        this.#level < this.#threshold
          ? Math.min(this.#level * 2, Math.max(this.#threshold, this.#level + 1))
          : this.#level + 1,
      );
    }
    if (mean !== undefined) this.#learn(mean);
    this.#round = newRound(now);
  }

  #tolerance(usual: { mean: number; deviation: number }): number {
    return Math.max(DEVIATIONS * usual.deviation, usual.mean / 2, LEAST_TOLERANCE_MS);
  }

  #learn(mean: number): void {
    if (this.#usual === undefined) {
      this.#usual = { mean, deviation: 0 };
      return;
    }
    const error = mean - this.#usual.mean;
    this.#usual.mean += SMOOTHING * error;
    this.#usual.deviation += SMOOTHING * (Math.abs(error) - this.#usual.deviation);
  }
}

/** The first level, unless the most is lower. */
const START = 4;
const DECREASE = 0.9;
/** How many mean deviations above the usual round trip count as strain. */
const DEVIATIONS = 2.5;
/** Below this a longer round trip may well be our own event loop. */
const LEAST_TOLERANCE_MS = 25;
const SMOOTHING = 0.4;

interface Round {
  readonly startedAt: number;
  count: number;
  sum: number;
  strained: boolean;
  mostInFlight: number;
}

function newRound(startedAt: number): Round {
  return { startedAt, count: 0, sum: 0, strained: false, mostInFlight: 0 };
}
