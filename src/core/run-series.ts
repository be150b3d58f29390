import { Latencies } from './latencies.js';
import type { Waiting } from './run.js';

/** What a run may be doing instead of sending: the waits of {@link Waiting}, and the check of inputs before the first event. */
export type Pause = NonNullable<Waiting>['for'] | 'checking';

export const PAUSES = [
  'checking',
  'rate_limit',
  'target',
  'retry',
  'outage',
  'answer',
] as const satisfies readonly Pause[];

/** What is counted while the time of one sample passes. */
export const SAMPLED = ['read', 'settled', 'delivered', 'requests', 'retried', 'rateLimited'] as const;

export type SampledCounts = Record<(typeof SAMPLED)[number], number>;

/** What a run did in one stretch of time. Times are ms since the series began. */
export interface Sample {
  readonly from: number;
  readonly to: number;
  readonly counts: SampledCounts;
  /** How long those requests took that ended in it. */
  readonly latencies: Latencies;
  /** Means over its time. */
  readonly inFlight: number;
  readonly concurrency: number;
  /** Ms spent in each; those without are left out. */
  readonly pauses: Readonly<Partial<Record<Pause, number>>>;
}

/** Enough for any plot, and little memory. */
const MOST_SAMPLES = 240;

/**
 * How a run went over time, in at most so many samples however long it lasts: when they are full, each two neighbours
 * become one, and from then on a sample lasts twice as long. Pure: times are passed in.
 */
export class RunSeries {
  readonly #most: number;
  readonly #everyMs: number;
  /** How long a sample is to last. */
  #spanMs: number;
  #samples: Sample[] = [];

  /**
   * @param everyMs how often a sample is to come
   * @param most samples, at least 2
   */
  constructor(everyMs: number, most = MOST_SAMPLES) {
    this.#everyMs = everyMs;
    this.#spanMs = everyMs;
    this.#most = most;
  }

  /** Oldest first; each begins where the one before ended. */
  get samples(): readonly Sample[] {
    return this.#samples;
  }

  /** Takes in what came next. It begins where the last one ended. */
  add(sample: Sample): void {
    const last = this.#samples.at(-1);
    // As close to its span as can be: samples come a little early or late. The last of a run may be much too short for a
    // rate to be told of it.
    const isShort = sample.to - sample.from < this.#everyMs / 2;
    if (last !== undefined && (isShort || last.to - last.from < this.#spanMs - this.#everyMs / 2)) {
      this.#samples[this.#samples.length - 1] = joined(last, sample);
      return;
    }
    if (this.#samples.length >= this.#most) this.#halve();
    this.#samples.push(sample);
  }

  #halve(): void {
    this.#samples = pairs(this.#samples);
    this.#spanMs *= 2;
  }
}

/** The same in at most `most` samples. */
export function coarser(samples: readonly Sample[], most: number): readonly Sample[] {
  let result = samples;
  while (result.length > most) result = pairs(result);
  return result;
}

function pairs(samples: readonly Sample[]): Sample[] {
  const result: Sample[] = [];
  for (let i = 0; i < samples.length; i += 2) {
    const next = samples[i + 1];
    result.push(next === undefined ? samples[i]! : joined(samples[i]!, next));
  }
  return result;
}

function joined(a: Sample, b: Sample): Sample {
  const latencies = new Latencies();
  latencies.merge(a.latencies);
  latencies.merge(b.latencies);
  const pauses: Partial<Record<Pause, number>> = { ...a.pauses };
  for (const pause of PAUSES) {
    const ms = (a.pauses[pause] ?? 0) + (b.pauses[pause] ?? 0);
    if (ms > 0) pauses[pause] = ms;
  }
  const counts = { ...a.counts };
  for (const name of SAMPLED) counts[name] += b.counts[name];
  const [lasted, more] = [a.to - a.from, b.to - b.from];
  const whole = lasted + more;
  const mean = (x: number, y: number): number => (whole === 0 ? y : (x * lasted + y * more) / whole);
  return {
    from: a.from,
    to: b.to,
    counts,
    latencies,
    inFlight: mean(a.inFlight, b.inFlight),
    concurrency: mean(a.concurrency, b.concurrency),
    pauses,
  };
}
