import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './atomic-file.js';
import { storePaths } from './level-store.js';
import type { Op, Store } from './store.js';
import { checkTable } from './table-check.js';
import { salvageTable, type TableEntry } from './table-salvage.js';

const NAME = 'damaged';
const GROUP = 1000;

/** Moves damaged tables out of LevelDB's sight. They stay beside the store until the repair is done, should it be killed. */
export async function setAsideDamagedTables(data: string): Promise<void> {
  const { level } = storePaths(data);
  const aside = join(data, NAME);
  await mkdir(aside, { recursive: true, mode: 0o700 });
  for (const name of await readdir(level)) {
    if (!/^\d+\.(ldb|sst)$/.test(name)) continue;
    if (checkTable(await readFile(join(level, name))) !== undefined) await rename(join(level, name), join(aside, name));
  }
  await syncFolder(aside);
}

/**
 * Puts back what is intact in the tables that were set aside. What the store has under the same key is taken to be
 * newer; something that was removed since may come back (in doubt rather than forgotten, delivered rather than resent).
 */
export async function putBackIntactEntries(data: string, store: Store): Promise<void> {
  const newest = new Map<string, TableEntry>();
  const aside = join(data, NAME);
  for (const name of await readdir(aside)) {
    for (const entry of salvageTable(await readFile(join(aside, name)))) {
      const text = Buffer.from(entry.key).toString('latin1');
      if ((newest.get(text)?.sequence ?? -1) < entry.sequence) newest.set(text, entry);
    }
  }
  const entries = [...newest.values()];
  for (let at = 0; at < entries.length; at += GROUP) {
    const group = entries.slice(at, at + GROUP);
    const present = await store.hasMany(group.map(({ key }) => key));
    const ops: Op[] = group.filter(({ value }, position) => value !== undefined && !present[position]);
    await store.batch(ops, { sync: false });
  }
}

export async function removeDamagedTables(data: string): Promise<void> {
  await rm(join(data, NAME), { recursive: true, force: true });
}
