import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LedgerInUseError, storageFailure } from './errors.js';
import { type RunIdentity, readHolder, removeHolder, writeHolder } from './holder.js';
import { lockFolder } from './level-store.js';
import type { StorageHooks } from './store.js';

/** A destination's folder that only this run may use until it lets go. */
export interface HeldFolder {
  release(): Promise<void>;
}

/**
 * Makes the folder where it is missing (mode 0700, so that nobody else sees into it) and takes its lock.
 * @throws {LedgerInUseError, LedgerError}
 */
export async function holdFolder(folder: string, run: RunIdentity, hooks?: StorageHooks): Promise<HeldFolder> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    const lock = await lockFolder(join(folder, 'lock'));
    if (lock === undefined) throw new LedgerInUseError(folder, await readHolder(folder));
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
