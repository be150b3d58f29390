import type { MaxRejects } from '../../src/core/units.js';
import type { ImportSettings } from '../../src/pipeline/import.js';
import { type FaultPlan, NO_FAULTS, planFaults } from './fault-script.js';
import { SeededRandom } from './seeded-random.js';
import { planManner, type TargetManner } from './target-manner.js';
import type { DiskSpeed } from './virtual-disk.js';
import { makeFile, type WorldFile } from './world-inputs.js';
import { RecordMaker } from './world-records.js';

/** How a run is disturbed from outside. `step`: after so many happenings of the run. */
export type Disturbance =
  | { readonly kind: 'kill' | 'power-loss' | 'disk-full'; readonly step: number }
  | { readonly kind: 'signal'; readonly step: number; readonly secondAfterMs: number | undefined };

export interface RunPlan {
  readonly settings: Omit<ImportSettings, 'run'>;
  readonly timeoutMs: number;
  readonly faults: FaultPlan;
  readonly disturbance: Disturbance | undefined;
  readonly disk: DiskSpeed;
  /** Milliseconds before it starts. */
  readonly pauseBefore: number;
}

/** All that one seed decides in advance. */
export interface Scenario {
  readonly files: readonly WorldFile[];
  readonly manner: TargetManner;
  /** Runs with faults, then one without, which must complete the import. */
  readonly runs: readonly RunPlan[];
  /** How many of the events the target had before the first run. */
  readonly hadBefore: number;
  /** How many of the events the ledger holds as in doubt until the run before the last. */
  readonly inDoubt: number;
}

const MOST_LINE_BYTES = 6_000;

export function makeScenario(seed: number): Scenario {
  const random = new SeededRandom(seed);
  const files = makeFiles(random.fork());
  const order = random.weighted([
    ['strict', 6],
    ['batch', 3],
    ['none', 1],
  ] as const);
  const manner = planManner(random.fork(), order === 'batch');
  const lasting = {
    order,
    onConflict: random.pick(['reject', 'skip'] as const),
    onInputError: random.chance(0.8) ? ('continue' as const) : ('stop' as const),
    perMinute: random.chance(0.3) ? Math.ceil(random.scale(20, 3_000)) : undefined,
  };
  const runs: RunPlan[] = [];
  const faulty = random.whole(0, 4);
  for (let i = 0; i < faulty; i += 1) runs.push(planRun(random.fork(), lasting, files, false));
  runs.push(planRun(random.fork(), lasting, files, true));
  return {
    files,
    manner,
    runs,
    hadBefore: random.chance(0.15) ? random.next() : 0,
    inDoubt: faulty > 0 && random.chance(0.08) ? random.scale(0.001, 0.2) : 0,
  };
}

function makeFiles(random: SeededRandom): WorldFile[] {
  const sometimes = (likely: number, most: number): number => (random.chance(likely) ? random.next() * most : 0);
  const records = Math.ceil(random.scale(1, random.chance(0.03) ? 3_000 : 250));
  const maker = new RecordMaker(random.fork(), {
    persons: Math.ceil(random.scale(1, records)),
    hot: sometimes(0.4, 1),
    broken: sometimes(0.4, 0.3),
    poison: sometimes(0.4, random.pick([0.02, 0.2, 0.8])),
    withoutId: sometimes(0.4, 1),
    repeats: sometimes(0.4, 0.4),
    conflicts: sometimes(0.3, 0.2),
    large: sometimes(0.2, 0.2),
    maxLineBytes: MOST_LINE_BYTES,
  });
  const files = random.whole(1, 4);
  let left = records;
  return Array.from({ length: files }, (_, i) => {
    const count = i === files - 1 ? left : random.whole(0, left);
    left -= count;
    return makeFile(`part-${i + 1}.jsonl`, count, maker, random);
  });
}

function planRun(
  random: SeededRandom,
  lasting: Pick<ImportSettings['dispatch'], 'order'> &
    Pick<ImportSettings, 'onConflict' | 'onInputError'> & { perMinute: number | undefined },
  files: readonly WorldFile[],
  calm: boolean,
): RunPlan {
  const events = files.reduce((sum, file) => sum + file.records.length, 0);
  const settings: RunPlan['settings'] = {
    maxLineBytes: MOST_LINE_BYTES,
    skipInputCheck: random.chance(0.3),
    onConflict: lasting.onConflict,
    maxRejects: calm ? { kind: 'none' } : planMaxRejects(random),
    onInputError: lasting.onInputError,
    maxDurationMs: !calm && random.chance(0.1) ? random.scale(20, 60_000) : undefined,
    drainTimeMs: random.scale(100, 25_000),
    window: {
      events: Math.ceil(random.scale(1, 2_000)),
      bytes: Math.ceil(random.scale(500, 300_000)),
    },
    dispatch: {
      order: lasting.order,
      batch: {
        events: random.chance(0.3) ? 100 : Math.ceil(random.scale(1, 100)),
        bytes: random.chance(0.7) ? 1024 * 1024 : Math.ceil(random.scale(300, 30_000)),
      },
      concurrency: random.whole(1, 12),
      giveUpAfterMs: calm || random.chance(0.7) ? 600_000 : random.scale(1_000, 600_000),
      maxWaitMs: calm || random.chance(0.7) ? 65 * 60_000 : random.scale(1_000, 300_000),
      limit: !calm && random.chance(0.12) ? Math.ceil(random.scale(1, Math.max(1, events))) : undefined,
    },
    maxRequestsPerMinute: lasting.perMinute,
  };
  return {
    settings,
    timeoutMs: calm ? 30_000 : random.scale(1_000, 30_000),
    faults: calm ? NO_FAULTS : planFaults(random, lasting.order !== 'batch'),
    disturbance: calm ? undefined : planDisturbance(random),
    disk: { writeMs: random.scale(0.05, 4), syncMs: random.scale(0.5, 12) },
    pauseBefore: random.scale(50, 20_000),
  };
}

function planMaxRejects(random: SeededRandom): MaxRejects {
  return random.weighted<MaxRejects>([
    [{ kind: 'none' }, 6],
    [{ kind: 'percent', most: 50 }, 3],
    [{ kind: 'count', most: random.whole(0, 20) }, 1],
  ]);
}

function planDisturbance(random: SeededRandom): Disturbance | undefined {
  const step = Math.floor(random.scale(1, 2_000));
  const kind = random.weighted([
    [undefined, 3],
    ['kill', 4],
    ['power-loss', 2],
    ['disk-full', 0.5],
    ['signal', 3],
  ] as const);
  if (kind === undefined) return undefined;
  if (kind !== 'signal') return { kind, step };
  return { kind, step, secondAfterMs: random.chance(0.4) ? random.scale(1, 5_000) : undefined };
}
