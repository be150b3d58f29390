import { type KeyRange, PREFIX } from '../../src/io/ledger/keys.js';
import type { Entry, Op, Store } from '../../src/io/ledger/store.js';
import type { SeededRandom } from './seeded-random.js';
import type { Life, VirtualTime } from './virtual-time.js';

/** Milliseconds of a write and of a sync. */
export interface DiskSpeed {
  readonly writeMs: number;
  readonly syncMs: number;
}

/** Longest time from asking for a write to its end, for what waits behind one sync and is then synced itself. */
export const SLOWEST_WRITE_MS = 60;

/**
 * A disk with one ledger on it. A write that has ended survives a killed process; of those that were not synced a
 * power loss keeps only a prefix. A write on its way when the process ends may or may not be there afterwards.
 */
export class VirtualDisk {
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  #entries = new Map<string, Uint8Array>();
  #synced = new Map<string, Uint8Array>();
  /** Ended, and not synced yet. */
  #unsynced: (readonly Op[])[] = [];
  #onItsWay: { readonly ops: readonly Op[]; readonly sync: boolean } | undefined;
  #marked = 0;
  /** Every write from now on fails, as on a full disk. */
  full = false;

  constructor(time: VirtualTime, random: SeededRandom) {
    this.#time = time;
    this.#random = random;
  }

  /** The process was killed: only what was on its way is uncertain. */
  processDied(): void {
    const writing = this.#onItsWay;
    this.#onItsWay = undefined;
    if (writing !== undefined && this.#random.chance(0.5)) this.#apply(writing.ops, false);
  }

  /** Returns how many writes are gone. */
  powerFailed(): number {
    this.processDied();
    const kept = this.#random.whole(0, this.#unsynced.length);
    const lost = this.#unsynced.length - kept;
    const prefix = this.#unsynced.slice(0, kept);
    this.#entries = new Map(this.#synced);
    for (const ops of prefix) put(this.#entries, ops);
    this.#synced = new Map(this.#entries);
    this.#unsynced = [];
    return lost;
  }

  /** The disk as one process sees it. Opening a store syncs what is in it, as LevelDB does. */
  storeOf(life: Life, speed: DiskSpeed): Store {
    this.#synced = new Map(this.#entries);
    this.#unsynced = [];
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => this.#time.after(ms * (0.5 + this.#random.next()), resolve, life));
    return {
      folder: 'the ledger',
      marked: this.#marked,
      // Like a filter: it says yes of what is there or comes, and now and then of what is not.
      isSurelyAbsent: (...words) => {
        const key = text(Buffer.concat([Uint8Array.of(PREFIX.delivered), Buffer.from(Uint32Array.from(words).buffer)]));
        const comes = this.#onItsWay?.ops.some((op) => text(op.key) === key) ?? false;
        return !comes && !this.#entries.has(key) && words[0] % 16 !== 0;
      },
      getMany: async (keys) => {
        // Read at some moment between question and answer.
        const early = this.#random.chance(0.5);
        const found = early ? keys.map((key) => this.#entries.get(text(key))) : undefined;
        await wait(speed.writeMs / 2);
        return found ?? keys.map((key) => this.#entries.get(text(key)));
      },
      hasMany: async (keys) => {
        await wait(speed.writeMs / 2);
        return keys.map((key) => this.#entries.has(text(key)));
      },
      batch: async (ops, { sync }) => {
        if (this.#onItsWay !== undefined) throw new Error('two writes at a time');
        // As a store copies what it is given.
        const copied = ops.map(({ key, value }) => ({ key: key.slice(), value: value?.slice() }));
        this.#onItsWay = { ops: copied, sync };
        await wait(sync ? speed.syncMs : speed.writeMs);
        this.#onItsWay = undefined;
        if (this.full) throw new Error('no space left on device');
        this.#apply(copied, sync);
      },
      iterate: (range) => this.#iterate(range),
      mark: async (sequence) => {
        this.#marked = sequence;
      },
      diskBytes: async () => 0,
      close: async () => undefined,
    };
  }

  #apply(ops: readonly Op[], sync: boolean): void {
    put(this.#entries, ops);
    this.#unsynced.push(ops);
    if (!sync) return;
    for (const written of this.#unsynced) put(this.#synced, written);
    this.#unsynced = [];
  }

  async *#iterate({ gte, lt }: KeyRange): AsyncGenerator<readonly Entry[]> {
    const [from, to] = [text(gte), text(lt)];
    const keys = [...this.#entries.keys()].filter((key) => key >= from && key < to).sort();
    if (keys.length > 0) yield keys.map((key) => [Buffer.from(key, 'latin1'), this.#entries.get(key)!] as const);
  }
}

function put(entries: Map<string, Uint8Array>, ops: readonly Op[]): void {
  for (const { key, value } of ops) {
    if (value === undefined) entries.delete(text(key));
    else entries.set(text(key), value);
  }
}

/** Bytes as a key of a Map that compares as they do. */
function text(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
}
