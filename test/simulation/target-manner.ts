import type { SeededRandom } from './seeded-random.js';

/** How a target behaves in what its documentation leaves open, and how it is set up. */
export interface TargetManner {
  readonly success: 200 | 201;
  /** What a success holds. */
  readonly shape: 'array' | 'data' | 'shuffled' | 'first' | 'empty';
  /** What one refused event does to its batch, and how the answer names it. */
  readonly onBad:
    | 'all-refused-index'
    | 'all-refused-id'
    | 'all-refused-silently'
    /** The others are stored although the answer is a refusal. */
    | 'rest-stored-silently'
    /** Those before it are stored. */
    | 'stored-up-to-it'
    /** A success whose entries tell. */
    | 'entries-tell'
    | 'errors-tell';
  readonly badStatus: 400 | 422;
  readonly onDuplicate: 'accepted' | 'all-refused-409' | 'all-refused-400' | 'entries-tell-409';
  /** In which order it works through an array. */
  readonly works: 'forward' | 'backward' | 'shuffled';
  readonly mostBodyBytes: number;
  readonly limit:
    | { readonly requests: number; readonly windowMs: number; readonly told: boolean; readonly waitTold: boolean }
    | undefined;
  readonly tokenLifeMs: number;
  readonly tokenTellsLife: boolean;
  readonly latencyMs: number;
  readonly workMs: number;
}

export function planManner(random: SeededRandom, worksForward: boolean): TargetManner {
  const isLimited = random.chance(0.15);
  const onDuplicate = random.pick(['accepted', 'accepted', 'all-refused-409', 'all-refused-400', 'entries-tell-409']);
  return {
    success: random.pick([200, 201]),
    shape: random.pick(['array', 'data', 'shuffled', 'first', 'empty']),
    onBad: random.pick([
      'all-refused-index',
      'all-refused-id',
      'all-refused-silently',
      'rest-stored-silently',
      'stored-up-to-it',
      'entries-tell',
      'errors-tell',
    ]),
    badStatus: random.pick([400, 422]),
    onDuplicate: onDuplicate as TargetManner['onDuplicate'],
    works: worksForward ? 'forward' : random.pick(['forward', 'backward', 'shuffled']),
    mostBodyBytes: random.chance(0.8) ? 10_000_000 : Math.ceil(random.scale(700, 30_000)),
    limit: isLimited
      ? {
          requests: Math.ceil(random.scale(3, 200)),
          windowMs: random.pick([1_000, 15_000, 60_000]),
          told: random.chance(0.7),
          waitTold: random.chance(0.8),
        }
      : undefined,
    // Where requests are far apart, a token must live long enough to be used.
    tokenLifeMs: random.chance(0.6) ? 3_600_000 : random.scale(isLimited ? 100_000 : 10_000, 300_000),
    tokenTellsLife: random.chance(0.7),
    latencyMs: random.scale(0.3, 250),
    workMs: random.scale(0.1, 250),
  };
}
