import { type Failure, Journal } from './journal.js';
import { MemoryOfRuns } from './memory-of-runs.js';
import { RunWatch } from './run-watch.js';
import { makeScenario, type RunPlan } from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { openLedger, simulateRun, type World } from './simulated-run.js';
import { StandInTarget } from './stand-in-target.js';
import { findTruth, type Wanted } from './truth.js';
import { VirtualDisk } from './virtual-disk.js';
import { Life, rest, VirtualTime } from './virtual-time.js';

/** What became of one seed. */
export interface Outcome {
  readonly seed: number;
  readonly failure: Failure | undefined;
  /** The same for the same seed, always. */
  readonly hash: string;
  readonly seen: ReadonlySet<string>;
  readonly trace: readonly string[];
}

/**
 * Plays one seed: inputs, a target, faults, kills and signals, run after run, until a run without faults has completed
 * the import; then the same command once more, which must find nothing to do.
 */
export async function simulate(seed: number, keepsTrace = false): Promise<Outcome> {
  const time = new VirtualTime();
  const journal = new Journal(time, keepsTrace);
  const scenario = makeScenario(seed);
  const random = new SeededRandom(~seed);
  const { onInputError, dispatch } = scenario.runs[0]!.settings;
  const truth = findTruth(scenario.files, onInputError, scenario.manner.mostBodyBytes);
  const ordered = dispatch.order !== 'none';
  const world: World = {
    ...{ time, journal, scenario, truth },
    disk: new VirtualDisk(time, random.fork()),
    memory: new MemoryOfRuns(),
    target: new StandInTarget(scenario.manner, ordered, truth, time, random.fork(), journal),
    secret: Array.from({ length: 32 }, () => random.whole(0, 15).toString(16)).join(''),
  };
  const deliverable = [...truth.wanted.values()].filter((event) => !event.refused);
  for (const event of deliverable) if (random.chance(scenario.hadBefore)) world.target.had(event);
  const doubts = new Set(deliverable.filter(() => random.chance(scenario.inDoubt)));
  for (const event of doubts) if (world.target.accepted.has(event.id)) doubts.delete(event);
  await play(world, doubts, random);
  const { failure, hash, seen, trace } = journal;
  return { seed, failure, hash, seen, trace };
}

async function play(world: World, doubts: ReadonlySet<Wanted>, random: SeededRandom): Promise<void> {
  const { time, journal, scenario } = world;
  const last = scenario.runs.at(-1)!;
  if (doubts.size > 0) await changeDoubts(world, last, doubts, 'record');
  for (const [i, plan] of scenario.runs.entries()) {
    await rest(time, plan.pauseBefore);
    const isLast = plan === last;
    if (isLast && doubts.size > 0) await changeDoubts(world, plan, doubts, 'forget');
    const result = await simulateRun(world, plan, i + 1, isLast ? new Set() : doubts, random.fork());
    if (journal.failure !== undefined) return;
    if (isLast && result?.stop !== undefined) journal.fail('completion', `without faults: ${result.stop.message}`);
  }
  await rest(time, last.pauseBefore);
  const again = await simulateRun(world, last, scenario.runs.length + 1, new Set(), random.fork());
  const { delivered = 0 } = again?.tally.events ?? {};
  if (delivered > 0) journal.fail('sent twice', `${delivered} events were delivered by a run with nothing to do`);
}

/** Another process puts ids in doubt, or an operator resolves them. */
async function changeDoubts(
  world: World,
  plan: RunPlan,
  doubts: ReadonlySet<Wanted>,
  how: 'record' | 'forget',
): Promise<void> {
  const life = new Life();
  const { time, truth } = world;
  const change = async (): Promise<true> => {
    const ledger = await openLedger(world, life, plan.disk, 0);
    const keys = [...doubts].map((event) => ledger.hashOf(event.id));
    const entries = [...doubts].map((event, i) => {
      const { file, line } = truth.records[event.place]!;
      return { key: keys[i]!, fingerprint: [1, 2] as const, origin: { file, line }, time: time.epoch };
    });
    if (how === 'record') await ledger.recordIntents(entries);
    else await ledger.forgetIntents(keys);
    await ledger.close();
    return true;
  };
  await new RunWatch(world, plan, life, undefined as never).follow(change());
}
