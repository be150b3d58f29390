import { readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Head } from './head-file.js';
import type { KeyRange } from './keys.js';
import { liveTables, type TableRange } from './live-tables.js';
import { checkLog } from './log-check.js';
import { checkTable } from './table-check.js';

/** Which tables to look at before LevelDB opens a store, besides its logs: all, or those in which such keys may stand. */
export type TablesToCheck = 'all' | readonly KeyRange[];

export type StoreCheck =
  | {
      readonly intact: true /** Bytes of an unsynced end that a power loss left broken, cut off. */;
      readonly cut: number;
    }
  | { readonly intact: false; readonly what: string };

/**
 * Checks a LevelDB folder that nobody has open. LevelDB hides damage: it skips broken log records, ends at a cut-off
 * manifest (and then deletes the newer files), and reads tables without verifying them.
 *
 * A broken end of the newest log is no damage when all that was synced stands before it: power was lost. It is cut
 * off, for LevelDB would skip the hole and go on behind it.
 */
export async function checkStore(folder: string, head: Head, tables: TablesToCheck): Promise<StoreCheck> {
  const names = await readdir(folder);
  const manifest = await checkManifest(folder, names, head);
  if (manifest !== undefined) return { intact: false, what: manifest };

  const live = liveTables(await readFile(join(folder, (await currentManifest(folder))!)));
  for (const name of names.filter((each) => /^\d+\.(ldb|sst)$/.test(each))) {
    const holds = live?.get(Number.parseInt(name, 10));
    if (live !== undefined && (holds === undefined || !mayHold(holds, tables))) continue;
    const fault = checkTable(await readFile(join(folder, name)));
    if (fault !== undefined) return { intact: false, what: `in ${name} ${fault}` };
  }
  return checkLogs(folder, names, head);
}

function mayHold({ first, last }: TableRange, keys: TablesToCheck): boolean {
  if (keys === 'all') return true;
  return keys.some(({ gte, lt }) => Buffer.compare(first, lt) < 0 && Buffer.compare(last, gte) >= 0);
}

async function checkManifest(folder: string, names: readonly string[], head: Head): Promise<string | undefined> {
  if (!names.includes('CURRENT')) return 'its file CURRENT is missing';
  const name = await currentManifest(folder);
  if (name === undefined) return 'its file CURRENT was altered';
  if (!names.includes(name)) return `its file ${name} is missing`;
  const number = name.slice('MANIFEST-'.length);
  if (Number(number) < head.manifest) return 'its file CURRENT is older than what was written';
  const path = join(folder, name);
  const { size } = await stat(path);
  if (Number(number) === head.manifest && size < head.manifestSize) return `its file ${name} is cut off`;
  return checkLog(await readFile(path)).state === 'broken' ? `its file ${name} was altered` : undefined;
}

/** The name of the manifest in use; undefined when the file that names it is no good. */
async function currentManifest(folder: string): Promise<string | undefined> {
  const current = await readFile(join(folder, 'CURRENT'), 'latin1');
  return /^(MANIFEST-\d{6,})\n$/.exec(current)?.[1];
}

async function checkLogs(folder: string, names: readonly string[], head: Head): Promise<StoreCheck> {
  const logs = names
    .filter((name) => /^\d+\.log$/.test(name))
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10));
  let newest = -1;
  for (const [index, name] of logs.entries()) {
    const path = join(folder, name);
    const bytes = await readFile(path);
    const log = checkLog(bytes);
    newest = log.counters?.sequence ?? newest;
    if (log.state !== 'broken') continue;
    if (index < logs.length - 1 || newest < head.sequence)
      return { intact: false, what: `its file ${name} was altered` };
    await truncate(path, log.intactBytes);
    return { intact: true, cut: bytes.length - log.intactBytes };
  }
  return { intact: true, cut: 0 };
}
