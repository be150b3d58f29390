import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { makeFolder } from '../make-folder.js';
import { LedgerInUseError, storageFailure } from './errors.js';
import { type RunIdentity, readHolder, removeHolder, writeHolder } from './holder.js';
import { lockFolder } from './level-store.js';
import type { StorageHooks } from './store.js';

/** A destination's folder that only this run may use until it lets go. */
export interface HeldFolder {
  release(): Promise<void>;
}

/** How often, and with what pause, a lock is tried again that a verb of `ledger` holds, or somebody who has left no note. */
const TRIES = { ofVerb: 50, ofUnknown: 10, ofRun: 0 };
const PAUSE_MS = 100;

/**
 * Makes the folder where it is missing (mode 0700, so that nobody else sees into it) and takes its lock.
 * A verb of `ledger` that holds it is about to end, so it is waited for, for some seconds; a run is not.
 * @throws {LedgerInUseError, LedgerError}
 */
export async function holdFolder(folder: string, run: RunIdentity, hooks?: StorageHooks): Promise<HeldFolder> {
  try {
    await makeFolder(folder, 0o700);
    await chmod(folder, 0o700);
    let lock = await lockFolder(join(folder, 'lock'));
    for (let tries = 1; lock === undefined; tries++) {
      const holder = await readHolder(folder);
      if (tries > TRIES[kindOf(holder)]) throw new LedgerInUseError(folder, holder);
      await setTimeout(PAUSE_MS);
      lock = await lockFolder(join(folder, 'lock'));
    }
    try {
      await writeHolder(folder, run, hooks);
    } catch (error) {
      await lock.release();
      throw error;
    }
    return {
      release: async () => {
        // While the lock is still held: the file may be the next holder's afterwards.
        await removeHolder(folder).catch(() => undefined);
        await lock.release();
      },
    };
  } catch (cause) {
    throw storageFailure(folder, 'opened', cause);
  }
}

/** The note is missing for a moment when the lock was just taken, or is about to be let go. */
function kindOf(holder: RunIdentity | undefined): keyof typeof TRIES {
  if (holder === undefined) return 'ofUnknown';
  return holder.command.startsWith('ledger ') ? 'ofVerb' : 'ofRun';
}
