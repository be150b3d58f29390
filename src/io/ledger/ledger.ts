import type { Ledger, LedgerEntry, LedgerRecord } from '../../core/ledger.js';
import type { Clock } from '../../core/ports.js';
import { COUNTERS_KEY, type Counters, decodeCounters, NO_COUNTERS } from './counters.js';
import { LedgerDamagedError } from './errors.js';
import { FileMemory } from './file-memory.js';
import type { RunIdentity } from './holder.js';
import { planGroup } from './id-plan.js';
import { entriesRequest, keysRequest, type LedgerRequest, opsRequest } from './id-requests.js';
import { idKey, numberedKey, PREFIX, textKey } from './keys.js';
import { hashOfId, type Meta, secretWords } from './meta.js';
import { Operator } from './operator.js';
import { StoredQuota } from './quota.js';
import { Records } from './records.js';
import { type RunRecord, RunRegister } from './run-register.js';
import { seal, unseal } from './sealed-json.js';
import type { Store } from './store.js';
import { StoredUndoing } from './undoing.js';
import { WriteQueue } from './write-queue.js';

export interface LedgerStats {
  readonly delivered: number;
  readonly inDoubt: number;
  readonly runs: number;
  readonly completedFiles: number;
  /** About; it shrinks only when LevelDB tidies up. */
  readonly diskBytes: number;
  /** Epoch milliseconds of the start of the last run that recorded something, before this one. */
  readonly lastUsed: number | undefined;
}

/** The ledger's logic over any store. It holds no lock and no files: `open.ts` adds those. */
export class StoredLedger implements Ledger {
  readonly secret: Uint32Array;
  readonly meta: Meta;
  readonly files: FileMemory;
  readonly quota: StoredQuota;
  readonly operator: Operator;
  readonly undoing: StoredUndoing;
  readonly #store: Store;
  readonly #queue: WriteQueue<LedgerRequest>;
  readonly #register: RunRegister;
  readonly #records: Records;
  readonly #lastUsed: number | undefined;

  private constructor(store: Store, meta: Meta, counters: Counters, register: RunRegister, clock: Clock) {
    this.#store = store;
    this.meta = meta;
    this.secret = secretWords(meta);
    this.#register = register;
    this.#lastUsed = register.runs.at(-1)?.startedAt;
    this.#queue = new WriteQueue<LedgerRequest>(store, clock, counters, (group) =>
      planGroup(group, this.#queue.counters, store, register),
    );
    this.#records = new Records(store, register);
    this.files = new FileMemory(store, this.#queue);
    this.quota = new StoredQuota(store, this.#queue);
    this.operator = new Operator(store, this.#queue, this.#records, this.files);
    this.undoing = new StoredUndoing(store, this.#queue, this.#records, clock);
  }

  /** @throws {LedgerDamagedError} when writes are missing that are known to have been on disk. */
  static async open(store: Store, meta: Meta, run: RunIdentity, clock: Clock): Promise<StoredLedger> {
    const counters = await readCounters(store);
    if (counters.sequence < store.marked) {
      throw new LedgerDamagedError(store.folder, `its last ${store.marked - counters.sequence} writes are missing`);
    }
    // A killed run may have written more than it synced. By being opened, that is on disk now.
    if (counters.sequence > store.marked) await store.mark(counters.sequence);
    const register = await RunRegister.load(store, run);
    return new StoredLedger(store, meta, counters, register, clock);
  }

  get size(): number {
    const { delivered, inDoubt } = this.#queue.counters;
    return delivered + inDoubt;
  }

  get counters(): Counters {
    return this.#queue.counters;
  }

  isSurelyNew(a: number, b: number, c: number, d: number): boolean {
    // What is in doubt is in no filter; and after a failure a look-up must say so.
    if (!this.#queue.works || this.#queue.counters.inDoubt > 0) return false;
    return this.#store.isSurelyAbsent?.(a, b, c, d) ?? false;
  }

  async lookup(keys: readonly Uint8Array[]): Promise<readonly (LedgerRecord | undefined)[]> {
    this.#queue.assertWorks();
    const delivered = keys.map((hash) => idKey(PREFIX.delivered, hash));
    // Doubts are read first: an id that is settled meanwhile is found in one place at least.
    const doubts = this.#queue.counters.inDoubt === 0 ? [] : keys.map((hash) => idKey(PREFIX.inDoubt, hash));
    const values = await this.#store.getMany([...doubts, ...delivered]);
    const entries = delivered.map((key, position) => {
      const value = values[doubts.length + position];
      if (value !== undefined) return [key, value] as const;
      const doubt = doubts.length === 0 ? undefined : values[position];
      return doubt === undefined ? undefined : ([doubts[position]!, doubt] as const);
    });
    return this.#records.decode(entries);
  }

  recordDelivered(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#queue.submit(entriesRequest('delivered', entries));
  }

  recordIntents(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#queue.submit(entriesRequest('intents', entries));
  }

  forgetIntents(keys: readonly Uint8Array[]): Promise<void> {
    return this.#queue.submit(keysRequest('forget', keys));
  }

  async readState(name: string): Promise<unknown> {
    this.#queue.assertWorks();
    const [value] = await this.#store.getMany([textKey(PREFIX.state, name)]);
    return value === undefined ? undefined : unseal(value, this.#store.folder);
  }

  writeState(name: string, value: unknown): Promise<void> {
    return this.#queue.submit(opsRequest([{ key: textKey(PREFIX.state, name), value: seal(value) }], false));
  }

  /** What the ledger knows of an event id. */
  async show(id: string): Promise<LedgerRecord | undefined> {
    return (await this.lookup([this.hashOf(id)]))[0];
  }

  /** The key under which an event id stands. */
  hashOf(id: string): Uint8Array {
    return hashOfId(this.meta, id);
  }

  /** The runs that recorded something, oldest first. */
  get runs(): readonly RunRecord[] {
    return this.#register.runs;
  }

  /**
   * Keeps how the current run went, synced.
   * @param summary in short: it is at hand in `runs`
   * @param account all of it: it is read when it is asked for
   */
  async recordRun(summary: unknown, account?: unknown): Promise<void> {
    this.#register.enter(summary);
    const ops = account === undefined ? [] : [{ key: accountKey(this.#register.run), value: seal(account) }];
    await this.#queue.submit(opsRequest(ops, true));
  }

  /** All that was kept of a run; undefined for a run that did not come to its end, or is not known. */
  async accountOf(runId: string): Promise<unknown> {
    const number = this.#register.numberOf(runId);
    if (number === undefined) return undefined;
    const [value] = await this.#store.getMany([accountKey(number)]);
    return value === undefined ? undefined : unseal(value, this.#store.folder);
  }

  async stats(): Promise<LedgerStats> {
    const { delivered, inDoubt } = this.#queue.counters;
    return {
      delivered,
      inDoubt,
      runs: this.#register.runs.length,
      completedFiles: (await this.files.completedFiles()).length,
      diskBytes: await this.#store.diskBytes(),
      lastUsed: this.#lastUsed,
    };
  }

  /** Resolves when everything recorded so far is on disk. @throws {LedgerError} */
  sync(): Promise<void> {
    return this.#queue.sync();
  }

  /** Syncs, notes where the ledger ends, and closes the store. @throws {LedgerError} when something could not be written. */
  async close(): Promise<void> {
    try {
      await this.quota.settle();
      await this.#queue.close();
    } finally {
      await this.#store.close();
    }
  }
}

function accountKey(run: number): Uint8Array {
  return numberedKey(PREFIX.account, run);
}

/** @throws {LedgerError} */
export async function readCounters(store: Store): Promise<Counters> {
  const [value] = await store.getMany([COUNTERS_KEY]);
  if (value === undefined) return NO_COUNTERS;
  try {
    return decodeCounters(value);
  } catch (cause) {
    throw new LedgerDamagedError(store.folder, 'its counters were altered', { cause });
  }
}
