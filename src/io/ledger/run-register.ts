import type { LedgerEntry } from '../../core/ledger.js';
import type { Origin } from '../../core/origin.js';
import { LedgerDamagedError } from './errors.js';
import type { RunIdentity } from './holder.js';
import { numberedKey, numberInKey, PREFIX, rangeOf } from './keys.js';
import { encodeRecord, MAX_RECORD_BYTES, type StoredRecord } from './record-format.js';
import { seal, unseal } from './sealed-json.js';
import type { Op, Store } from './store.js';

/** One run as the ledger keeps it. */
export interface RunRecord extends RunIdentity {
  /** What the run said of itself at its end, in short: this is read with every opening. */
  readonly summary?: unknown;
}

type FileName = Pick<Origin, 'file' | 'entry'>;

const ARENA = 64 * 1024;

/**
 * Gives runs, and the files of a run, the small numbers under which records name them. A run is entered when it first
 * records something, so looking at a ledger leaves no trace in it.
 */
export class RunRegister {
  readonly #store: Store;
  readonly #runs: Map<number, RunRecord>;
  readonly #current: RunIdentity;
  /** The current run's number. */
  readonly run: number;
  readonly #fileNumbers = new Map<string, number>();
  readonly #fileNames = new Map<number, FileName>();
  #entered = false;
  #ops: Op[] = [];
  #arena = new Uint8Array(ARENA);
  /** The record that is being encoded: one for all. */
  readonly #record: { -readonly [Name in keyof StoredRecord]: StoredRecord[Name] } = {
    ...{ flags: 0, run: 0, file: 0, line: 0, element: undefined, index: undefined, sinceStart: 0, fingerprint: [0, 0] },
  };
  #used = 0;
  #lastFile: string | undefined;
  #lastEntry: string | undefined;
  #lastNumber = 0;

  private constructor(store: Store, runs: Map<number, RunRecord>, current: RunIdentity) {
    this.#store = store;
    this.#runs = runs;
    this.#current = current;
    this.run = Math.max(0, ...runs.keys()) + 1;
  }

  static async load(store: Store, current: RunIdentity): Promise<RunRegister> {
    const runs = new Map<number, RunRecord>();
    for await (const page of store.iterate(rangeOf(PREFIX.run))) {
      for (const [key, value] of page) {
        runs.set(numberInKey(key, 0), unseal(value, store.folder) as RunRecord);
      }
    }
    return new RunRegister(store, runs, current);
  }

  /** All runs that recorded something, oldest first. */
  get runs(): readonly RunRecord[] {
    return [...this.#runs.values()];
  }

  numberOf(runId: string): number | undefined {
    for (const [number, { id }] of this.#runs) if (id === runId) return number;
    return undefined;
  }

  /** The operations that enter the current run, or add its summary. */
  enter(summary?: unknown): void {
    if (this.#entered && summary === undefined) return;
    this.#entered = true;
    const record: RunRecord = summary === undefined ? this.#current : { ...this.#current, summary };
    this.#runs.set(this.run, record);
    this.#ops.push({ key: numberedKey(PREFIX.run, this.run), value: seal(record) });
  }

  /** What must be written with the records that were encoded since the last call, for them to be understood. */
  takeOps(): Op[] {
    const ops = this.#ops;
    this.#ops = [];
    return ops;
  }

  /** When the current run, which is entered by this, did something. @param time epoch milliseconds */
  moment(time: number): { readonly run: number; readonly sinceStart: number } {
    this.enter();
    return { run: this.run, sinceStart: Math.round(time - this.#current.startedAt) };
  }

  /** @param hash the entry's key, where it stands in another array already */
  encode(entry: LedgerEntry, flags: number, hash = entry.key, hashAt = 0): Uint8Array {
    this.enter();
    if (this.#arena.length - this.#used < MAX_RECORD_BYTES) {
      this.#arena = new Uint8Array(ARENA);
      this.#used = 0;
    }
    const { origin } = entry;
    const record = this.#record;
    record.flags = flags;
    record.run = this.run;
    record.file = this.#numberFor(origin);
    record.line = origin.line;
    record.element = origin.element;
    record.index = origin.index;
    record.sinceStart = Math.round(entry.time - this.#current.startedAt);
    record.fingerprint = entry.fingerprint;
    const start = this.#used;
    this.#used = encodeRecord(this.#arena, start, hash, record, hashAt);
    return new Uint8Array(this.#arena.buffer, start, this.#used - start);
  }

  /** @throws {LedgerDamagedError} when it names a run that is not there. */
  runOf(record: Pick<StoredRecord, 'run'>): RunRecord {
    const run = this.#runs.get(record.run);
    if (run === undefined) throw new LedgerDamagedError(this.#store.folder, `run ${record.run} is missing`);
    return run;
  }

  /** The files that these records name, which `nameOf` then knows. */
  async loadNames(records: Iterable<StoredRecord>): Promise<void> {
    const missing = new Map<number, Uint8Array>();
    for (const { run, file } of records) {
      const slot = nameSlot(run, file);
      if (!this.#fileNames.has(slot)) missing.set(slot, numberedKey(PREFIX.fileName, run, file));
    }
    if (missing.size === 0) return;
    const values = await this.#store.getMany([...missing.values()]);
    [...missing.keys()].forEach((slot, position) => {
      const value = values[position];
      if (value === undefined) throw new LedgerDamagedError(this.#store.folder, 'the name of a file is missing');
      this.#fileNames.set(slot, unseal(value, this.#store.folder) as FileName);
    });
  }

  nameOf(record: StoredRecord): FileName {
    return this.#fileNames.get(nameSlot(record.run, record.file))!;
  }

  #numberFor(origin: Origin): number {
    if (origin.file === this.#lastFile && origin.entry === this.#lastEntry) return this.#lastNumber;
    const name: FileName =
      origin.entry === undefined ? { file: origin.file } : { file: origin.file, entry: origin.entry };
    const text = JSON.stringify(name);
    let number = this.#fileNumbers.get(text);
    if (number === undefined) {
      number = this.#fileNumbers.size + 1;
      this.#fileNumbers.set(text, number);
      this.#fileNames.set(nameSlot(this.run, number), name);
      this.#ops.push({ key: numberedKey(PREFIX.fileName, this.run, number), value: seal(name) });
    }
    this.#lastFile = origin.file;
    this.#lastEntry = origin.entry;
    this.#lastNumber = number;
    return number;
  }
}

/** Up to 2^29 runs of 2^24 files. */
function nameSlot(run: number, file: number): number {
  return run * 2 ** 24 + file;
}
