import { COUNTERS_KEY, type Counters, encodeCounters } from './counters.js';
import { putBackIntactEntries, removeDamagedTables, setAsideDamagedTables } from './damaged-tables.js';
import { destinationParts } from './destination.js';
import { LedgerDamagedError, storageFailure } from './errors.js';
import { FilterFile } from './filter-file.js';
import { HeadFile, readHead } from './head-file.js';
import { holdFolder } from './held-folder.js';
import { HASH_BYTES, hashOfKey, idKey, numberedKey, numberInKey, PREFIX, type Prefix } from './keys.js';
import { readCounters } from './ledger.js';
import { compactLevel, openLevelStore, rebuildLevel, storePaths } from './level-store.js';
import { checkPurpose, META_KEY, type MetaFile, readMetaFile, writeMetaFile } from './meta.js';
import { type LedgerOptions, ledgerFolder } from './open.js';
import { decodeRecord, type StoredRecord } from './record-format.js';
import type { RunRecord } from './run-register.js';
import { isIntact, seal } from './sealed-json.js';
import type { Entry, Op, Store } from './store.js';
import { dataFolder, generations, readMeta } from './store-folder.js';
import { decodeUndone } from './undone-format.js';

/** What a repair saved. */
export interface Repaired {
  readonly delivered: number;
  readonly inDoubt: number;
  /** Ids that the ledger is known to have held, and no longer does; undefined when it can't tell. */
  readonly lost: number | undefined;
}

/**
 * Makes a damaged ledger usable again with everything in it that is provably intact. What was lost will be sent again,
 * so this is for a person to decide; it is recorded. All memory of completed files is dropped.
 * @throws {LedgerDamagedError} when nothing can be saved
 */
export async function repairLedger(options: LedgerOptions & { readonly user: string }): Promise<Repaired> {
  const folder = ledgerFolder(options);
  const held = await holdFolder(folder, options.run, options.hooks);
  try {
    const file = await readMetaFile(folder).catch(() => undefined);
    const generation = file?.generation ?? (await generations(folder)).at(-1);
    if (generation === undefined) throw new LedgerDamagedError(folder, 'there is no store in it');
    const data = dataFolder(folder, generation);
    const head = storePaths(data).head;
    const marked = (await readHead(head))?.head.sequence ?? 0;
    // What is put back is not in the filter that the last run left.
    await new FilterFile(data).remove();
    await setAsideDamagedTables(data);
    await rebuildLevel(data);
    await compactLevel(data);
    // The manifest is a new one, so what the head says of the old one no longer holds.
    await HeadFile.create(head);
    const store = await openLevelStore(data, folder);
    try {
      await putBackIntactEntries(data, store);
      const repaired = await salvage(store, { ...options, file, generation, marked });
      await removeDamagedTables(data);
      return repaired;
    } finally {
      await store.close();
    }
  } catch (cause) {
    throw storageFailure(folder, 'opened', cause);
  } finally {
    await held.release();
  }
}

interface Salvage extends LedgerOptions {
  readonly user: string;
  readonly file: MetaFile | undefined;
  readonly generation: number;
  readonly marked: number;
}

async function salvage(store: Store, options: Salvage): Promise<Repaired> {
  const { file, generation, idRule, clock } = options;
  const folder = ledgerFolder(options);
  const before = await readCounters(store).catch(() => undefined);
  const meta = file?.meta ?? (await readMeta(store));
  if (meta === undefined) throw new LedgerDamagedError(folder, 'the secret under which its ids stand is lost');
  checkPurpose(folder, meta, destinationParts(options.destination), idRule);

  const names = new Names();
  const kept = { delivered: 0, inDoubt: 0, audits: 0 };
  for await (const page of store.iterate({ gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) })) {
    const settled = await store.hasMany(page.map(([key]) => idKey(PREFIX.delivered, hashOfKey(key))));
    const dropped: Op[] = [];
    for (const [position, entry] of page.entries()) {
      const prefix = entry[0][0];
      if (!isWorthKeeping(entry, names, settled[position]!)) dropped.push({ key: entry[0], value: undefined });
      else if (prefix === PREFIX.delivered) kept.delivered++;
      else if (prefix === PREFIX.inDoubt) kept.inDoubt++;
      else if (prefix === PREFIX.audit) kept.audits = Math.max(kept.audits, numberInKey(entry[0], 0));
    }
    await store.batch(dropped, { sync: false });
  }

  // Only counters of the very end tell how many ids there were.
  const wasWhole = before !== undefined && before.sequence >= options.marked;
  const lost = wasWhole ? before.delivered + before.inDoubt - kept.delivered - kept.inDoubt : undefined;
  const { delivered, inDoubt } = kept;
  const counters: Counters = { sequence: Math.max(before?.sequence ?? 0, options.marked) + 1, delivered, inDoubt };
  const audit = { time: clock.now(), user: options.user, what: 'repair', ids: lost };
  const ops = [
    { key: COUNTERS_KEY, value: encodeCounters(counters) },
    { key: META_KEY, value: seal(meta) },
    { key: numberedKey(PREFIX.audit, kept.audits + 1), value: seal(audit) },
    ...(await names.replaceLost(store)),
  ];
  await store.batch(ops, { sync: true });
  await store.mark(counters.sequence);
  await writeMetaFile(folder, { meta, generation }, options.hooks);
  return { delivered, inDoubt, lost };
}

/** Numbers of runs, and of files of runs, that records name. */
class Names {
  readonly #keys = new Map<string, Uint8Array>();

  add(record: StoredRecord): void {
    const { run, file } = record;
    if (this.#keys.has(`${run}/${file}`)) return;
    this.addRun(run);
    this.#keys.set(`${run}/${file}`, numberedKey(PREFIX.fileName, run, file));
  }

  addRun(run: number): void {
    this.#keys.set(`${run}`, numberedKey(PREFIX.run, run));
  }

  /** What stands in for names that are lost: the ids are worth more than where they came from. */
  async replaceLost(store: Store): Promise<Op[]> {
    const keys = [...this.#keys.values()];
    const known = await store.hasMany(keys);
    return keys
      .filter((_, position) => !known[position])
      .map((key) => ({ key, value: seal(key[0] === PREFIX.run ? LOST_RUN : LOST_FILE) }));
  }
}

const LOST_RUN: RunRecord = { id: 'unknown', pid: 0, host: 'unknown', startedAt: 0, command: 'unknown' };
const LOST_FILE = { file: 'unknown' };

const SEALED: ReadonlySet<Prefix> = new Set([
  PREFIX.run,
  PREFIX.account,
  PREFIX.fileName,
  PREFIX.state,
  PREFIX.quota,
  PREFIX.audit,
]);

function isWorthKeeping([key, value]: Entry, names: Names, isSettled: boolean): boolean {
  const prefix = key[0] as Prefix;
  if (prefix === PREFIX.delivered || prefix === PREFIX.inDoubt || prefix === PREFIX.undone) {
    if (key.length !== 1 + HASH_BYTES || (prefix === PREFIX.inDoubt && isSettled)) return false;
    try {
      names.add(decodeRecord(value, hashOfKey(key)));
      if (prefix === PREFIX.undone) names.addRun(decodeUndone(value, hashOfKey(key)).run);
      return true;
    } catch {
      return false;
    }
  }
  return SEALED.has(prefix) && isIntact(value);
}
