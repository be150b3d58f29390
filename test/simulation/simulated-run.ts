import type { Ledger } from '../../src/core/ledger.js';
import type { RejectedRecord, Rejects, RunResult } from '../../src/core/run.js';
import { StoredLedger } from '../../src/io/ledger/ledger.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { startImport } from '../../src/pipeline/import.js';
import type { Running } from '../../src/pipeline/run-ports.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { createDidomiTarget } from '../../src/targets/didomi/target.js';
import { DecoderAhead } from '../fakes/decoder-ahead.js';
import type { Journal } from './journal.js';
import type { MemoryOfRuns } from './memory-of-runs.js';
import { RequestWatch } from './request-watch.js';
import { type CheckPorts, checkRecorded, checkRun } from './run-checks.js';
import { RunWatch } from './run-watch.js';
import type { RunPlan, Scenario } from './scenario.js';
import type { SeededRandom } from './seeded-random.js';
import type { StandInTarget } from './stand-in-target.js';
import type { Truth, Wanted } from './truth.js';
import { type DiskSpeed, SLOWEST_WRITE_MS, type VirtualDisk } from './virtual-disk.js';
import { VirtualNetwork } from './virtual-network.js';
import { Life, rest, type VirtualTime } from './virtual-time.js';
import { VirtualInput } from './world-inputs.js';
import { ORGANIZATION } from './world-records.js';

/** What outlives a run. */
export interface World {
  readonly time: VirtualTime;
  readonly journal: Journal;
  readonly disk: VirtualDisk;
  readonly memory: MemoryOfRuns;
  readonly target: StandInTarget;
  readonly truth: Truth;
  readonly scenario: Scenario;
  readonly secret: string;
}

const RULES = createDidomiRules({ organizationId: ORGANIZATION });
const TARGET = createDidomiTarget({
  organizationId: ORGANIZATION,
  disableIntegrations: false,
  credentials: { key: 'key', secret: 'secret' },
});

/** What a power loss may take besides what a killed process loses: what was not synced yet. */
const UNSYNCED_MS = 1_000;
/** No machine is up again sooner after a power loss. */
const BOOTING_MS = 2_000;

/** Opens the ledger as a process of its own does. */
export function openLedger(world: World, life: Life, speed: DiskSpeed, run: number): Promise<StoredLedger> {
  const { time, disk, secret } = world;
  const store = disk.storeOf(life, speed);
  const meta = { format: 1, destination: ['simulation'], idRule: 'didomi', secret, createdAt: 0 } as const;
  const identity = { id: `run-${run}`, pid: run, host: 'host', startedAt: time.epoch, command: 'import' };
  return StoredLedger.open(store, meta as never, identity, time.clockOf(life));
}

/**
 * Plays one run from its start to its end, or until it is killed, and checks it all the way.
 * @returns its result; undefined when it was killed
 */
export async function simulateRun(
  world: World,
  plan: RunPlan,
  run: number,
  inDoubt: ReadonlySet<Wanted>,
  random: SeededRandom,
): Promise<RunResult | undefined> {
  const { time, journal, disk, memory, target, truth, scenario } = world;
  const life = new Life();
  const { settings } = plan;
  const watch = new RequestWatch(
    { time, journal, memory, truth, target, manner: scenario.manner },
    settings.dispatch,
    settings.maxRequestsPerMinute,
    inDoubt,
  );
  const ports: CheckPorts = { journal, truth, target, memory, run };
  const overseer = new RunWatch(world, plan, life, watch);
  const rejects: RejectedRecord[] = [];
  let recordedBefore: ReadonlySet<string> = new Set();
  let sizeBefore = 0;

  async function play(): Promise<{ result: RunResult; grewBy: number }> {
    const ledger = await openLedger(world, life, plan.disk, run);
    await memory.compare(ledger, truth);
    recordedBefore = new Set(memory.recorded);
    sizeBefore = ledger.size;
    const decoder = decoderOf(ledger.secret, settings, world, life, random.fork());
    const running: Running = await startImport(
      scenario.files.map((file) => new VirtualInput(file, time, random.fork(), life)),
      { ...settings, run: `run-${run}` },
      {
        clock: time.clockOf(life),
        random: random.fork().next,
        rules: RULES,
        decoder,
        target: TARGET,
        ledger: watched(ledger, watch, ports),
        rejects: rejectsInto(rejects, time, life, random.fork()),
        transport: new VirtualNetwork(
          { time, life, random: random.fork(), target, manner: scenario.manner, watch, journal, run },
          plan.faults,
          plan.timeoutMs,
        ),
      },
    );
    overseer.started(running, decoder);
    const result = await running.result;
    watch.close('the end of the run');
    const grewBy = ledger.size - sizeBefore;
    await ledger.close().catch((error: unknown) => {
      if (!disk.full) throw error;
    });
    return { result, grewBy };
  }

  journal.note('run', `${run}`);
  const played = await overseer.follow(play());
  if (journal.failure !== undefined) return undefined;
  if (played === undefined) {
    const diedAt = time.now;
    const isPowerLoss = plan.disturbance?.kind === 'power-loss';
    if (isPowerLoss) {
      journal.note('writes lost:', disk.powerFailed());
      await rest(time, BOOTING_MS);
    } else disk.processDied();
    memory.forgetLast(SLOWEST_WRITE_MS + (isPowerLoss ? UNSYNCED_MS : 0), diedAt);
    return undefined;
  }
  const { result, grewBy } = played;
  const diskFailed = disk.full;
  disk.full = false;
  // What could not be written can't hold for the next run.
  if (diskFailed) memory.forgetAll();
  journal.note('ended', `${result.stop?.reason ?? 'completed'} ${JSON.stringify(result.tally.events)}`);
  checkRun(
    { settings, result, rejects, watch, recordedBefore, ledgerGrewBy: grewBy, diskFailed, endedAt: time.now },
    ports,
  );
  overseer.markWhatWasSeen(result);
  return result;
}

/** Decodes at once, as on the main thread, or each slab in its own time, as other threads do. */
function decoderOf(
  secret: Uint32Array,
  settings: RunPlan['settings'],
  { time, journal }: World,
  life: Life,
  random: SeededRandom,
): DecoderAhead | undefined {
  const ahead = random.pick([0, 1, 4]);
  if (ahead === 0) {
    journal.mark('decoded on the main thread');
    return undefined;
  }
  const decode = createDecode({ ...settings, secret }, RULES);
  const later = (act: () => void): unknown => time.after(random.next() * 10, act, life);
  return new DecoderAhead(ahead, decode, later, (sight) => journal.mark(sight));
}

/** The ledger, looking at what is recorded. */
function watched(ledger: StoredLedger, watch: RequestWatch, ports: CheckPorts): Ledger {
  return {
    secret: ledger.secret,
    get size() {
      return ledger.size;
    },
    isSurelyNew: (a, b, c, d) => ledger.isSurelyNew(a, b, c, d),
    lookup: (keys) => ledger.lookup(keys),
    recordIntents: (entries) => ledger.recordIntents(entries),
    forgetIntents: (keys) => ledger.forgetIntents(keys),
    readState: (name) => ledger.readState(name),
    writeState: (name, value) => ledger.writeState(name, value),
    recordDelivered: async (entries) => {
      checkRecorded(entries, watch, ports);
      await ledger.recordDelivered(entries);
      for (const { key } of entries) ports.memory.recorded.add(ports.memory.idOf(key)!);
    },
  };
}

function rejectsInto(list: RejectedRecord[], time: VirtualTime, life: Life, random: SeededRandom): Rejects {
  return {
    write: (record) => {
      const { content } = record;
      list.push(
        content.kind === 'record' ? { ...record, content: { ...content, bytes: content.bytes.slice() } } : record,
      );
      if (!random.chance(0.1)) return undefined;
      return new Promise((resolve) => time.after(random.next() * 20, resolve, life));
    },
    flush: () => new Promise((resolve) => time.after(1, resolve, life)),
  };
}
