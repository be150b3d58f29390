import type { Input } from '../../src/core/input.js';
import type { RunResult } from '../../src/core/run.js';
import { StoredLedger } from '../../src/io/ledger/ledger.js';
import { hookedStore, type StorageHooks } from '../../src/io/ledger/store.js';
import type { Running } from '../../src/pipeline/run-ports.js';
import { MemoryDisk } from '../io/ledger/memory-store.js';
import type { FakeDidomiOptions } from './fake-didomi.js';
import type { MemoryFile } from './memory-file.js';
import type { MemoryInputOptions } from './memory-input.js';
import { VirtualClock } from './virtual-clock.js';
import { type SettingsChange, World } from './world.js';

const META = { format: 1, destination: ['d'], idRule: 'r', secret: '0123456789abcdef'.repeat(2), createdAt: 0 };

/** How one run of a {@link RememberingWorld} differs from an undisturbed one. */
export interface RunChange extends FakeDidomiOptions {
  readonly settings?: SettingsChange;
  readonly hooks?: StorageHooks;
  /** How its inputs are read. */
  readonly reading?: MemoryInputOptions;
  readonly skip?: boolean;
  readonly fingerprint?: string;
  readonly during?: (running: Running) => void;
  /** Kill it after so many ms: its disk does nothing more. */
  readonly killAfterMs?: number;
}

/** What is left of a run. */
export interface Ran {
  readonly world: World;
  readonly result: RunResult;
}

/** Runs one after the other, each a new process on the same disk, with the ledger that the program has. */
export class RememberingWorld {
  readonly clock: VirtualClock;
  readonly disk = new MemoryDisk();
  runs = 0;

  constructor(clock = new VirtualClock()) {
    this.clock = clock;
  }

  open(run: string, hooks: StorageHooks = {}): Promise<StoredLedger> {
    const identity = { id: run, pid: 1, host: 'h', user: 'u', startedAt: this.clock.now(), command: 'import' };
    return StoredLedger.open(hookedStore(this.disk.open(), hooks), META, identity, this.clock);
  }

  async import(files: readonly (MemoryFile | Input)[], change: RunChange = {}): Promise<Ran> {
    const { clock, disk } = this;
    this.runs += 1;
    const run = `run-${this.runs}`;
    const ledger = await clock.run(this.open(run, change.hooks));
    const { skip = true, fingerprint = 'settings' } = change;
    const ports = { ledger, files: ledger.files, quota: ledger.quota };
    const world = new World({ ...change, clock, ports });
    const inputs = files.map((file) => ('input' in file ? file.input(clock, change.reading) : file));
    const settings = { ...change.settings, run, files: { fingerprint, skip } };
    const spare =
      change.killAfterMs === undefined ? undefined : clock.after(change.killAfterMs, () => disk.losePower(0));
    const result = await world.import(inputs, settings, change.during);
    spare?.();
    await clock.run(ledger.close().catch(() => undefined));
    return { world, result };
  }
}
