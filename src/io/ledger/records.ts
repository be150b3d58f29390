import type { LedgerRecord, UndoneRecord } from '../../core/ledger.js';
import type { Origin } from '../../core/origin.js';
import { LedgerDamagedError } from './errors.js';
import { hashOfKey, PREFIX, rangeOf } from './keys.js';
import { decodeRecord, FLAG, type StoredRecord } from './record-format.js';
import type { RunRegister } from './run-register.js';
import type { Entry, Store } from './store.js';
import { decodeUndone } from './undone-format.js';

/** One id with what the ledger knows of it. */
export interface FoundRecord {
  /** The keyed hash of the id. */
  readonly key: Uint8Array;
  readonly record: LedgerRecord;
}

/** Reads records and puts the names back in place of the numbers. */
export class Records {
  readonly #store: Store;
  readonly #register: RunRegister;

  constructor(store: Store, register: RunRegister) {
    this.#store = store;
    this.#register = register;
  }

  /** @param entries keys and values as they stand in the store */
  async decode(entries: readonly (Entry | undefined)[]): Promise<(LedgerRecord | undefined)[]> {
    const stored = entries.map((entry) => (entry === undefined ? undefined : this.#stored(entry)));
    await this.#register.loadNames(stored.filter((record) => record !== undefined));
    return stored.map((record, position) =>
      record === undefined ? undefined : this.#named(record, entries[position]![0][0] === PREFIX.delivered),
    );
  }

  /** @param entries keys and values as they stand under `PREFIX.undone` */
  async decodeUndone(entries: readonly (Entry | undefined)[]): Promise<(UndoneRecord | undefined)[]> {
    const stored = entries.map((entry) =>
      entry === undefined ? undefined : this.#intact(() => decodeUndone(entry[1], hashOfKey(entry[0]))),
    );
    const found = stored.filter((each) => each !== undefined);
    await this.#register.loadNames(found.map(({ record }) => record));
    return stored.map((undone) => {
      if (undone === undefined) return undefined;
      const by = this.#register.runOf(undone);
      return {
        state: undone.undoing ? 'undoing' : 'undone',
        delivered: this.#named(undone.record, true),
        by: by.id,
        time: by.startedAt + undone.sinceStart,
      };
    });
  }

  /** Pages of all ids that are delivered, or in doubt. */
  async *all(prefix: typeof PREFIX.delivered | typeof PREFIX.inDoubt): AsyncIterable<readonly FoundRecord[]> {
    for await (const page of this.#store.iterate(rangeOf(prefix))) {
      const records = await this.decode(page);
      yield page.map(([key], position) => ({ key: hashOfKey(key), record: records[position]! }));
    }
  }

  #stored([key, value]: Entry): StoredRecord {
    return this.#intact(() => decodeRecord(value, hashOfKey(key)));
  }

  #intact<T>(decode: () => T): T {
    try {
      return decode();
    } catch (cause) {
      throw new LedgerDamagedError(this.#store.folder, 'the entry of an id was altered', { cause });
    }
  }

  #named(record: StoredRecord, isDelivered: boolean): LedgerRecord {
    const run = this.#register.runOf(record);
    // Assigned one by one, for spreading costs more than all the rest of a look-up.
    const { file, entry } = this.#register.nameOf(record);
    const origin: Mutable<Origin> = { file, line: record.line };
    if (entry !== undefined) origin.entry = entry;
    if (record.element !== undefined) origin.element = record.element;
    if (record.index !== undefined) origin.index = record.index;
    const found: Mutable<LedgerRecord> = {
      state: isDelivered ? 'delivered' : 'inDoubt',
      hadBefore: (record.flags & FLAG.hadBefore) !== 0,
      run: run.id,
      origin,
      time: run.startedAt + record.sinceStart,
      fingerprint: record.fingerprint,
    };
    if ((record.flags & FLAG.settledByOperator) !== 0) found.settledByOperator = true;
    if ((record.flags & FLAG.maybeHadBefore) !== 0) found.maybeHadBefore = true;
    return found;
  }
}

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] };
