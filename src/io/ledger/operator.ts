import type { LedgerRecord, RejectedFile } from '../../core/ledger.js';
import type { FileMemory } from './file-memory.js';
import { keysRequest, type LedgerRequest, opsRequest } from './id-requests.js';
import { numberedKey, numberInKey, PREFIX, rangeOf } from './keys.js';
import type { FoundRecord, Records } from './records.js';
import { seal, unseal } from './sealed-json.js';
import type { Store } from './store.js';
import type { WriteQueue } from './write-queue.js';

/** Which ids an operator means. */
export type Selection =
  /** Keyed hashes of ids. */
  | { readonly keys: readonly Uint8Array[] }
  /** As the file was named when it was imported. */
  | { readonly file: string }
  | { readonly run: string }
  | { readonly before: number }
  | { readonly all: true };

/** What someone changed in the ledger by hand. It is never removed. */
export interface AuditRecord {
  /** Epoch milliseconds. */
  readonly time: number;
  readonly user: string;
  /** `resolve --delivered`, say. */
  readonly what: string;
  /** How many ids it changed; undefined when it did not come to its end. */
  readonly ids: number | undefined;
}

/** The changes that a person may make, each recorded. Ids are dropped only after the memory of files. */
export class Operator {
  readonly #store: Store;
  readonly #queue: WriteQueue<LedgerRequest>;
  readonly #records: Records;
  readonly #files: FileMemory;

  constructor(store: Store, queue: WriteQueue<LedgerRequest>, records: Records, files: FileMemory) {
    this.#store = store;
    this.#queue = queue;
    this.#records = records;
    this.#files = files;
  }

  /** Pages of what is in doubt. */
  async *inDoubt(selection: Selection = { all: true }): AsyncIterable<readonly FoundRecord[]> {
    yield* this.#select(PREFIX.inDoubt, selection);
  }

  /** Pages of what is delivered. */
  async *delivered(selection: Selection = { all: true }): AsyncIterable<readonly FoundRecord[]> {
    yield* this.#select(PREFIX.delivered, selection);
  }

  /** The rejects of these files are dealt with. @returns how many those are */
  accept(files: readonly RejectedFile[], by: Omit<AuditRecord, 'ids'>): Promise<number> {
    return this.#audited(by, async () => {
      for (const file of files) await this.#files.accept(file);
      return files.reduce((sum, { rejected }) => sum + rejected, 0);
    });
  }

  /** How many ids a run recorded last. Looks at all of them. */
  async recordedBy(run: string): Promise<{ readonly delivered: number; readonly inDoubt: number }> {
    const counted = async (pages: AsyncIterable<readonly FoundRecord[]>): Promise<number> => {
      let sum = 0;
      for await (const page of pages) sum += page.length;
      return sum;
    };
    return {
      delivered: await counted(this.delivered({ run })),
      inDoubt: await counted(this.inDoubt({ run })),
    };
  }

  /**
   * `delivered`: they arrived. `retry`: they did not, and the next import sends them.
   * @returns how many were settled; what is not in doubt is left alone
   */
  async resolve(selection: Selection, as: 'delivered' | 'retry', by: Omit<AuditRecord, 'ids'>): Promise<number> {
    return this.#audited(by, () => this.#apply(as === 'delivered' ? 'arrived' : 'release', PREFIX.inDoubt, selection));
  }

  /** Drops delivered ids, so that the next import sends them again (or, with `before`, because they are old). */
  async drop(selection: Selection, by: Omit<AuditRecord, 'ids'>): Promise<number> {
    return this.#audited(by, () => this.#apply('remove', PREFIX.delivered, selection));
  }

  /**
   * Records that ids are taken back, one after the other, by `act`. All files are forgotten first, for none may be passed
   * over that holds one of them.
   * @param act returns how many it took back
   */
  async undo(by: Omit<AuditRecord, 'ids'>, act: () => Promise<number>): Promise<number> {
    return this.#audited(by, async () => {
      await this.#files.dropAll();
      return act();
    });
  }

  /** Everything that was changed by hand, oldest first. */
  async audit(): Promise<readonly AuditRecord[]> {
    const records: AuditRecord[] = [];
    for await (const page of this.#store.iterate(rangeOf(PREFIX.audit))) {
      for (const [, value] of page) records.push(unseal(value, this.#store.folder) as AuditRecord);
    }
    return records;
  }

  /** Records a change: that it begins before anything is changed, and its extent at the end. */
  async #audited(by: Omit<AuditRecord, 'ids'>, act: () => Promise<number>): Promise<number> {
    let last = 0;
    for await (const page of this.#store.iterate(rangeOf(PREFIX.audit))) last = numberInKey(page.at(-1)![0], 0);
    const key = numberedKey(PREFIX.audit, last + 1);
    await this.#queue.submit(opsRequest([{ key, value: seal(by) }], true));
    const ids = await act();
    await this.#queue.submit(opsRequest([{ key, value: seal({ ...by, ids }) }], true));
    return ids;
  }

  async #apply(
    kind: 'arrived' | 'release' | 'remove',
    prefix: typeof PREFIX.delivered | typeof PREFIX.inDoubt,
    selection: Selection,
  ): Promise<number> {
    const total = (): number => this.#queue.counters[prefix === PREFIX.delivered ? 'delivered' : 'inDoubt'];
    const before = total();
    let isFirst = true;
    for await (const page of this.#select(prefix, selection)) {
      if (page.length === 0) continue;
      // No file may be passed over that holds one of them. Where none is chosen, all may stay.
      if (isFirst && kind !== 'arrived') await this.#files.dropAll();
      isFirst = false;
      await this.#queue.submit(
        keysRequest(
          kind,
          page.map(({ key }) => key),
          true,
        ),
      );
    }
    return before - total();
  }

  async *#select(
    prefix: typeof PREFIX.delivered | typeof PREFIX.inDoubt,
    selection: Selection,
  ): AsyncIterable<readonly FoundRecord[]> {
    if ('keys' in selection) {
      const keys = selection.keys.map((hash) => Uint8Array.of(prefix, ...hash));
      const values = await this.#store.getMany(keys);
      const entries = keys.flatMap((key, at) => (values[at] === undefined ? [] : [[key, values[at]] as const]));
      const records = await this.#records.decode(entries);
      yield entries.map(([key], at) => ({ key: key.subarray(1), record: records[at]! }));
      return;
    }
    for await (const page of this.#records.all(prefix)) {
      const chosen = page.filter(({ record }) => isChosen(record, selection));
      if (chosen.length > 0) yield chosen;
    }
  }
}

function isChosen(record: LedgerRecord, selection: Exclude<Selection, { readonly keys: unknown }>): boolean {
  if ('file' in selection) return record.origin.file === selection.file;
  if ('run' in selection) return record.run === selection.run;
  return 'all' in selection || record.time < selection.before;
}
