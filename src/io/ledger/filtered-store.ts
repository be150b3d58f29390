import type { FilterFile } from './filter-file.js';
import { IdFilter } from './id-filter.js';
import { PREFIX, rangeOf } from './keys.js';
import { readCounters } from './ledger.js';
import type { Op, Store } from './store.js';

/** Fewer look-ups than this at a time are no import, and not worth making a filter for. */
const WORTH_A_FILTER = 50;

/**
 * Spares the look-ups of delivered ids that are not there: nearly all of them in a first import. It only skips a
 * look-up whose answer is certain; what is held is always read from the store.
 */
export async function filteredStore(store: Store, file: FilterFile): Promise<Store> {
  // By what the store itself says: after a power loss its mark may be as old as a filter that came back.
  let filter = await file.take((await readCounters(store)).sequence);
  let making: Promise<void> | undefined;
  let growing: IdFilter | undefined;
  let closed = false;
  /** What is on its way to the store: a filter that is begun meanwhile does not meet it there. */
  const underway = new Set<readonly Op[]>();

  /** Makes the filter from the store, in the background; what is written meanwhile is added as it comes. */
  const make = async (): Promise<void> => {
    const fresh = new IdFilter();
    growing = fresh;
    for (const ops of underway) addTo([fresh], ops);
    for await (const page of store.iterate(rangeOf(PREFIX.delivered))) {
      if (closed) return;
      for (const [key] of page) fresh.add(key);
    }
    filter = fresh;
  };
  const surelyAbsent = (key: Uint8Array): boolean =>
    filter !== undefined && key[0] === PREFIX.delivered && !filter.mayHold(key);
  const prepare = (keys: readonly Uint8Array[]): void => {
    if (filter !== undefined || making !== undefined || keys.length < WORTH_A_FILTER) return;
    // When it can't be made, look-ups go on without it, and meet the same error where it matters.
    making = make().catch(() => undefined);
  };
  /** Asks the store for those that may be there, and puts the answers in their places. */
  const ask = async <T>(
    keys: readonly Uint8Array[],
    absent: T,
    read: (keys: readonly Uint8Array[]) => Promise<readonly T[]>,
  ): Promise<readonly T[]> => {
    prepare(keys);
    if (filter === undefined) return read(keys);
    const asked = keys.filter((key) => !surelyAbsent(key));
    if (asked.length === keys.length) return read(keys);
    if (asked.length === 0) return keys.map(() => absent);
    const found = await read(asked);
    // An id that moved here while those in front of it were read must not be missed in both places.
    const late = keys.filter((key) => !surelyAbsent(key));
    if (late.length > asked.length) return read(keys);
    let at = 0;
    return keys.map((key) => (key === asked[at] ? found[at++]! : absent));
  };

  return {
    folder: store.folder,
    marked: store.marked,
    getMany: (keys) => ask<Uint8Array | undefined>(keys, undefined, (asked) => store.getMany(asked)),
    hasMany: (keys) => ask(keys, false, (asked) => store.hasMany(asked)),
    isSurelyAbsent: (a, b, c, d) => filter !== undefined && !filter.mayHoldHash(a, b, c, d),
    iterate: (range) => store.iterate(range),
    diskBytes: () => store.diskBytes(),
    batch: (ops, options) => {
      addTo([filter, growing], ops);
      if (filter !== undefined) return store.batch(ops, options);
      underway.add(ops);
      return store.batch(ops, options).finally(() => underway.delete(ops));
    },
    mark: (sequence) => store.mark(sequence),
    close: async () => {
      closed = true;
      await making;
      // Without its counters nobody could tell whether the filter belongs to the store.
      const counters = await readCounters(store).catch(() => undefined);
      await store.close();
      if (filter !== undefined && counters !== undefined) await file.keep(filter, counters.sequence);
    },
  };
}

/** Adds the delivered ids that are written. */
function addTo(filters: readonly (IdFilter | undefined)[], ops: readonly Op[]): void {
  const [one, other] = new Set(filters);
  for (const { key, value } of ops) {
    if (value === undefined || key[0] !== PREFIX.delivered) continue;
    one?.add(key);
    other?.add(key);
  }
}
