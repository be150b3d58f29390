import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import type { StorageHooks } from './store.js';

const NAME = 'progress.json';

/** How far a run is, beside the ledger: while the run holds the store, nobody else can read it. */
export async function writeProgressFile(folder: string, progress: unknown, hooks?: StorageHooks): Promise<void> {
  await writeAtomically(join(folder, NAME), JSON.stringify(progress), { sync: false, hooks });
}

/** The last progress written; undefined when there is none, or it can't be read. */
export async function readProgressFile(folder: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(join(folder, NAME), 'utf8')) as unknown;
  } catch {
    return undefined;
  }
}
