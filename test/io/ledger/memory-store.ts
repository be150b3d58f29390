import type { KeyRange } from '../../../src/io/ledger/keys.js';
import type { Entry, Op, Store } from '../../../src/io/ledger/store.js';

/**
 * A disk that outlives the stores opened on it. Written batches survive a kill; a power loss takes some of those that
 * were not synced, from the end.
 */
export class MemoryDisk {
  #log: { readonly ops: readonly Op[]; synced: boolean }[] = [];
  #content = new Map<string, Entry>();
  #marked = 0;
  #epoch = 0;

  /** A new store on what the disk holds. Stores opened before are dead: they fail, as a killed process does nothing. */
  open(folder = '/memory'): Store {
    const epoch = ++this.#epoch;
    for (const write of this.#log) write.synced = true;
    const alive = async <T>(act: () => T): Promise<T> => {
      await Promise.resolve();
      if (epoch !== this.#epoch) throw new Error('the process is dead');
      return act();
    };
    const get = (key: Uint8Array): Uint8Array | undefined => this.#content.get(hex(key))?.[1];
    return {
      folder,
      marked: this.#marked,
      getMany: (keys) => alive(() => keys.map(get)),
      hasMany: (keys) => alive(() => keys.map((key) => get(key) !== undefined)),
      batch: (ops, { sync }) =>
        alive(() => {
          const copy = ops.map(({ key, value }) => ({ key: key.slice(), value: value?.slice() }));
          this.#log.push({ ops: copy, synced: sync });
          if (sync) for (const write of this.#log) write.synced = true;
          this.#apply(copy);
        }),
      iterate: (range) => this.#iterate(range),
      mark: (sequence) =>
        alive(() => {
          this.#marked = sequence;
        }),
      diskBytes: () => alive(() => this.#content.size),
      close: () => alive(() => undefined),
    };
  }

  /** How many writes a power loss could take. */
  get unsynced(): number {
    return this.#log.filter(({ synced }) => !synced).length;
  }

  /** Loses the last `count` unsynced writes, and whoever has the store open. */
  losePower(count: number): void {
    this.#epoch++;
    this.#log = this.#log.slice(0, this.#log.length - Math.min(count, this.unsynced));
    this.#content = new Map();
    for (const { ops } of this.#log) this.#apply(ops);
  }

  /** Loses writes that were synced: what a damaged disk does. */
  loseSynced(count: number): void {
    for (const write of this.#log) write.synced = false;
    this.losePower(count);
  }

  #apply(ops: readonly Op[]): void {
    for (const { key, value } of ops) {
      if (value === undefined) this.#content.delete(hex(key));
      else this.#content.set(hex(key), [key, value]);
    }
  }

  async *#iterate({ gte, lt }: KeyRange): AsyncIterable<readonly Entry[]> {
    const inside = [...this.#content.entries()].filter(([key]) => key >= hex(gte) && key < hex(lt));
    inside.sort(([a], [b]) => (a < b ? -1 : 1));
    for (let at = 0; at < inside.length; at += 3) yield inside.slice(at, at + 3).map(([, entry]) => entry);
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
