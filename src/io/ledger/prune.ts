import type { LedgerRecord } from '../../core/ledger.js';
import { COUNTERS_KEY, encodeCounters } from './counters.js';
import { destinationParts } from './destination.js';
import { LedgerMissingError, storageFailure } from './errors.js';
import { FILE_PREFIXES } from './file-memory.js';
import { holdFolder } from './held-folder.js';
import { numberedKey, numberInKey, PREFIX, type Prefix } from './keys.js';
import { readCounters } from './ledger.js';
import { checkPurpose, writeMetaFile } from './meta.js';
import { type LedgerOptions, ledgerFolder } from './open.js';
import type { AuditRecord } from './operator.js';
import { Records } from './records.js';
import { RunRegister } from './run-register.js';
import { seal } from './sealed-json.js';
import type { Entry, Op, Store } from './store.js';
import { buildStore, findLedger, openStore, removeLeftovers } from './store-folder.js';

/** What a pruning forgot. */
export interface Pruned {
  readonly forgotten: number;
  readonly delivered: number;
  readonly inDoubt: number;
}

export interface Pruning extends LedgerOptions {
  /** Epoch milliseconds: what was delivered before is forgotten. */
  readonly before: number;
  readonly by: Omit<AuditRecord, 'ids'>;
}

/** All that LevelDB may hold: keys begin with a letter. */
const EVERYTHING = { gte: Uint8Array.of(0), lt: Uint8Array.of(0xff) };

/**
 * Forgets what was delivered, or taken back again, before a date, and all files, for none may be passed over that holds such an event. What is in
 * doubt stays, and so do the runs. The rest is copied into a new store, which takes the place of the old one, so that no
 * byte of a forgotten key stays in its files: LevelDB itself keeps removed keys in tables, logs and manifests. A kill leaves
 * the old ledger or the new one.
 * @throws {LedgerMissingError, LedgerInUseError, LedgerMismatchError, LedgerDamagedError, LedgerError}
 */
export async function pruneLedger(options: Pruning): Promise<Pruned> {
  const folder = ledgerFolder(options);
  const held = await holdFolder(folder, options.run, options.hooks);
  try {
    const file = await findLedger(folder, options.hooks);
    if (file === undefined) throw new LedgerMissingError(folder);
    checkPurpose(folder, file.meta, destinationParts(options.destination), options.idRule);
    await removeLeftovers(folder, file.generation);
    const { store } = await openStore(folder, file, 'all');
    const generation = file.generation + 1;
    let pruned: Pruned;
    try {
      pruned = await copyKept(store, folder, generation, options);
    } finally {
      await store.close();
    }
    await writeMetaFile(folder, { meta: file.meta, generation }, options.hooks);
    await removeLeftovers(folder, generation);
    return pruned;
  } catch (cause) {
    throw storageFailure(folder, 'written', cause);
  } finally {
    await held.release();
  }
}

async function copyKept(
  from: Store,
  folder: string,
  generation: number,
  { before, by, run }: Pruning,
): Promise<Pruned> {
  const records = new Records(from, await RunRegister.load(from, run));
  const counters = await readCounters(from);
  let forgotten = 0;
  let audits = 0;
  await buildStore(folder, generation, async (store) => {
    for await (const page of from.iterate(EVERYTHING)) {
      const isOld = await oldOnes(page, records, before);
      const isUndone = await undoneOnes(page, records, before);
      const kept: Op[] = [];
      page.forEach(([key, value], i) => {
        if (key[0] === PREFIX.audit) audits = Math.max(audits, numberInKey(key, 0));
        if (isOld[i]) forgotten += 1;
        else if (isUndone[i]) return;
        else if (!FILE_PREFIXES.includes(key[0] as Prefix)) kept.push({ key, value });
      });
      await store.batch(kept, { sync: false });
    }
    const sequence = counters.sequence + 1;
    const delivered = counters.delivered - forgotten;
    const audit: AuditRecord = { ...by, ids: forgotten };
    await store.batch(
      [
        { key: COUNTERS_KEY, value: encodeCounters({ ...counters, sequence, delivered }) },
        { key: numberedKey(PREFIX.audit, audits + 1), value: seal(audit) },
      ],
      { sync: true },
    );
    await store.mark(sequence);
  });
  return { forgotten, delivered: counters.delivered - forgotten, inDoubt: counters.inDoubt };
}

/** Which entries of the page are ids to be forgotten. */
async function oldOnes(page: readonly Entry[], records: Records, before: number): Promise<readonly boolean[]> {
  const found = await records.decode(page.map((entry) => (entry[0][0] === PREFIX.delivered ? entry : undefined)));
  return found.map((record: LedgerRecord | undefined) => record !== undefined && record.time < before);
}

/** Which are ids that were taken back before the date. What is being taken back is not settled yet, and stays. */
async function undoneOnes(page: readonly Entry[], records: Records, before: number): Promise<readonly boolean[]> {
  const found = await records.decodeUndone(page.map((entry) => (entry[0][0] === PREFIX.undone ? entry : undefined)));
  return found.map((undone) => undone?.state === 'undone' && undone.time < before);
}
