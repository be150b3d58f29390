import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeAtomically } from './atomic-file.js';
import type { StorageHooks } from './store.js';

/** Who runs. */
export interface RunIdentity {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly user?: string;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  /** The command in a few words; no credentials. */
  readonly command: string;
}

const NAME = 'holder.json';

/** Says who holds the lock. Only for messages: the lock itself decides, so a file left by a dead process is harmless. */
export async function writeHolder(folder: string, run: RunIdentity, hooks: StorageHooks | undefined): Promise<void> {
  await writeAtomically(join(folder, NAME), JSON.stringify(run), { sync: false, hooks });
}

/** Who holds (or last held) the ledger in this folder. */
export async function readHolder(folder: string): Promise<RunIdentity | undefined> {
  try {
    const run = JSON.parse(await readFile(join(folder, NAME), 'utf8')) as Partial<RunIdentity> | null;
    const known =
      typeof run?.id === 'string' &&
      typeof run.pid === 'number' &&
      typeof run.host === 'string' &&
      typeof run.command === 'string' &&
      Number.isFinite(new Date(run.startedAt ?? Number.NaN).getTime());
    return known ? (run as RunIdentity) : undefined;
  } catch {
    return undefined;
  }
}

export async function removeHolder(folder: string): Promise<void> {
  await rm(join(folder, NAME), { force: true });
}
