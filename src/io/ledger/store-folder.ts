import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './atomic-file.js';
import { LedgerDamagedError, storageFailure } from './errors.js';
import { FilterFile } from './filter-file.js';
import { filteredStore } from './filtered-store.js';
import { readHead } from './head-file.js';
import { idKey, type KeyRange, PREFIX, rangeAt } from './keys.js';
import { createLevelStore, openLevelStore, storePaths } from './level-store.js';
import { hashOfId, isSameMeta, META_KEY, type Meta, type MetaFile, readMetaFile, writeMetaFile } from './meta.js';
import { unseal } from './sealed-json.js';
import type { StorageHooks, Store } from './store.js';
import { checkStore, type TablesToCheck } from './store-check.js';

/**
 * A destination's folder:
 *
 *     ledger.json     what the ledger is (its destination, its rule for ids, its secret), and which store is in use
 *     data-1/level/   the store; data-1/head says what of it is surely on disk
 *     data-1/filter   spares look-ups; there only while nobody has the store open
 *     lock/           the lock
 *     holder.json     who holds the lock
 *     progress.json   how far the run is
 *
 * A store is built under another name and renamed when it is whole, so a folder `data-…` was whole once. What
 * `ledger.json` does not name is a leftover.
 */
export function dataFolder(folder: string, generation: number): string {
  return join(folder, `data-${generation}`);
}

/** The stores in the folder, by generation. */
export async function generations(folder: string): Promise<readonly number[]> {
  const names = await readdir(folder);
  return names.flatMap((name) => /^data-(\d+)$/.exec(name)?.[1] ?? []).map(Number);
}

/**
 * What ledger is in the folder: undefined when there is none.
 * @throws {LedgerDamagedError, LedgerVersionError}
 */
export async function findLedger(folder: string, hooks?: StorageHooks): Promise<MetaFile | undefined> {
  const found = await readMetaFile(folder);
  if (found !== undefined) return found;
  const [generation, ...others] = await generations(folder);
  if (generation === undefined) return undefined;
  // A kill after the store was made, before the file was; or someone removed the file. The store knows as much.
  if (others.length > 0) throw new LedgerDamagedError(folder, 'its file ledger.json is missing');
  const { store } = await openChecked(folder, generation, BUT_DELIVERED);
  const meta = await readMeta(store).finally(() => store.close());
  if (meta === undefined) throw new LedgerDamagedError(folder, 'its description is missing');
  const file = { meta, generation };
  await writeMetaFile(folder, file, hooks);
  return file;
}

/** Builds a store, which `fill` completes, and gives it its name. */
export async function buildStore(
  folder: string,
  generation: number,
  fill: (store: Store) => Promise<void>,
): Promise<void> {
  const final = dataFolder(folder, generation);
  const growing = `${final}.new`;
  await rm(growing, { recursive: true, force: true });
  const store = await createLevelStore(growing, folder);
  try {
    await fill(store);
  } finally {
    await store.close();
  }
  await syncFolder(growing);
  await rename(growing, final);
  await syncFolder(folder);
}

/** Removes what a killed run left half-built, or had replaced. */
export async function removeLeftovers(folder: string, generation: number): Promise<void> {
  const inUse = `data-${generation}`;
  for (const name of await readdir(folder)) {
    if (/^data-\d+(\.new)?$/.test(name) && name !== inUse)
      await rm(join(folder, name), { recursive: true, force: true });
  }
}

/**
 * What to check of a store before it is opened: every byte (about a second for ten million ids), or, for a look that
 * changes nothing, all that may hold what is no delivered id, or one of these event ids.
 */
export type CheckDepth = 'all' | { readonly ids: readonly string[] };

/** For a look at anything but delivered ids. */
export const LOOK: CheckDepth = { ids: [] };

const BUT_DELIVERED: readonly KeyRange[] = [
  { gte: Uint8Array.of(0), lt: Uint8Array.of(PREFIX.delivered) },
  { gte: Uint8Array.of(PREFIX.delivered + 1), lt: Uint8Array.of(0xff) },
];

function tablesToCheck(depth: CheckDepth, meta: Meta): TablesToCheck {
  if (depth === 'all') return 'all';
  return [...BUT_DELIVERED, ...depth.ids.map((id) => rangeAt(idKey(PREFIX.delivered, hashOfId(meta, id))))];
}

/**
 * Opens the ledger's store after checking it.
 * @returns also how many bytes of a broken, unsynced end were cut off (a power loss leaves such)
 * @throws {LedgerDamagedError, LedgerError}
 */
export async function openStore(
  folder: string,
  file: MetaFile,
  depth: CheckDepth,
): Promise<{ readonly store: Store; readonly cut: number }> {
  const opened = await openChecked(folder, file.generation, tablesToCheck(depth, file.meta));
  try {
    const meta = await readMeta(opened.store);
    if (meta === undefined || !isSameMeta(meta, file.meta)) {
      throw new LedgerDamagedError(folder, 'its store does not belong to its file ledger.json');
    }
    return opened;
  } catch (error) {
    await opened.store.close();
    throw error;
  }
}

export async function readMeta(store: Store): Promise<Meta | undefined> {
  const [value] = await store.getMany([META_KEY]);
  return value === undefined ? undefined : (unseal(value, store.folder) as Meta);
}

async function openChecked(
  folder: string,
  generation: number,
  tables: TablesToCheck,
): Promise<{ store: Store; cut: number }> {
  const data = dataFolder(folder, generation);
  const paths = storePaths(data);
  try {
    const found = await readHead(paths.head);
    if (found === undefined)
      throw new LedgerDamagedError(folder, `its file data-${generation}/head is missing or altered`);
    const check = await checkStore(paths.level, found.head, tables);
    if (!check.intact) throw new LedgerDamagedError(folder, check.what);
    const level = await openLevelStore(data, folder);
    // A look leaves the filter, which is large, where it is: it stays true, for nothing is written.
    if (tables !== 'all') return { store: level, cut: check.cut };
    try {
      return { store: await filteredStore(level, new FilterFile(data)), cut: check.cut };
    } catch (error) {
      await level.close();
      throw error;
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw new LedgerDamagedError(folder, `its folder data-${generation} is missing or lacks files`, { cause });
    }
    throw storageFailure(folder, 'opened', cause);
  }
}
