import { Latencies } from '../../core/latencies.js';
import { type Clock, type Transport, TransportError, type TransportFailure } from '../../core/ports.js';
import type { Progress } from '../../core/run.js';
import { type Pause, RunSeries, SAMPLED, type Sample, type SampledCounts } from '../../core/run-series.js';
import type { CommandContext } from '../context.js';

/** How often a run is looked at, in ms. */
const LOOK_EVERY = 200;

/** How a request ended: with a status, or without a whole answer. */
export type RequestEnd = number | TransportFailure;

/** What `--report` shows of a run over time. */
export interface Recording {
  readonly samples: readonly Sample[];
  /** How many requests ended how: whatever they were for. */
  readonly requestEnds: ReadonlyMap<RequestEnd, number>;
}

/** Records how runs go over time: looks at them five times a second, and times every request. Memory is bounded. */
export class SeriesRecorder implements Recording {
  readonly requestEnds = new Map<RequestEnd, number>();
  readonly #context: Pick<CommandContext, 'every' | 'monotonic'>;
  readonly #series = new RunSeries(LOOK_EVERY);
  #latencies = new Latencies();
  /** Monotonic ms; undefined before the first run. */
  #startedAt: number | undefined;
  #lastAt = 0;

  constructor(context: Pick<CommandContext, 'every' | 'monotonic'>) {
    this.#context = context;
  }

  get samples(): readonly Sample[] {
    return this.#series.samples;
  }

  /** Looks at this run until the answer is called. Time begins with the first run. */
  follow(look: () => Progress): () => void {
    if (this.#startedAt === undefined) {
      this.#startedAt = this.#context.monotonic();
      this.#lastAt = this.#startedAt;
    }
    let before = countsOf(look());
    const sample = (): void => {
      const progress = look();
      const counts = countsOf(progress);
      this.#take(progress, difference(counts, before));
      before = counts;
    };
    const end = this.#context.every(LOOK_EVERY, sample);
    return () => {
      end();
      sample();
    };
  }

  /** The same transport, with every request timed. */
  timing(transport: Transport, clock: Pick<Clock, 'monotonic'>): Transport {
    return {
      send: async (request, signal) => {
        const sentAt = clock.monotonic();
        const ended = (how: RequestEnd): void => {
          this.#latencies.add(clock.monotonic() - sentAt);
          this.requestEnds.set(how, (this.requestEnds.get(how) ?? 0) + 1);
        };
        try {
          const response = await transport.send(request, signal);
          ended(response.status);
          return response;
        } catch (error) {
          if (error instanceof TransportError) ended(error.failure);
          throw error;
        }
      },
    };
  }

  #take(progress: Progress, counts: SampledCounts): void {
    const now = this.#context.monotonic();
    const startedAt = this.#startedAt ?? now;
    const pause = pauseOf(progress);
    this.#series.add({
      from: this.#lastAt - startedAt,
      to: now - startedAt,
      counts,
      latencies: this.#latencies,
      inFlight: progress.inFlight,
      concurrency: progress.concurrency,
      pauses: pause === undefined ? {} : { [pause]: now - this.#lastAt },
    });
    this.#latencies = new Latencies();
    this.#lastAt = now;
  }
}

function pauseOf({ phase, waiting, inFlight, concurrency }: Progress): Pause | undefined {
  if (phase === 'checking') return 'checking';
  // The pace holds nothing back while no slot is free.
  return waiting?.for === 'rate_limit' && inFlight >= concurrency ? undefined : waiting?.for;
}

function countsOf({ tally }: Progress): SampledCounts {
  const { events, requests } = tally;
  return {
    read: events.read,
    settled: events.delivered + events.duplicate + events.rejected + events.inDoubt,
    delivered: events.delivered,
    requests: requests.sent,
    retried: requests.retried,
    rateLimited: requests.rateLimited,
  };
}

function difference(now: SampledCounts, before: SampledCounts): SampledCounts {
  const result = { ...now };
  for (const name of SAMPLED) result[name] -= before[name];
  return result;
}
