import { constants } from 'node:fs';
import { copyFile, link, open, rename, rm, stat, unlink, utimes } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { makeFolder } from '../make-folder.js';

/** A file could not be moved; `message` says why. It is where it was. */
export class MoveError extends Error {
  override readonly name = 'MoveError';
}

/** Makes the folder that complete files are moved to. @throws {MoveError} */
export async function prepareMove(folder: string): Promise<void> {
  await makeFolder(folder).catch((error: NodeJS.ErrnoException) => {
    throw new MoveError(error.code ?? 'no code', { cause: error });
  });
}

/**
 * Moves a file into a folder under its own name, on another disk too. A file that is there already is never replaced.
 * @throws {MoveError}
 */
export async function moveInto(folder: string, path: string): Promise<void> {
  const to = join(folder, basename(path));
  try {
    // Unlike a rename, a link does not replace what is there.
    await link(path, to);
    await removeOriginal(path, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new MoveError(`${to} exists`, { cause: error });
    if (code === 'EXDEV' || code === 'EPERM' || code === 'ENOTSUP' || code === 'EMLINK')
      return await copyInto(path, to);
    throw new MoveError(code ?? 'no code', { cause: error });
  }
}

/** The copy has another name until it is whole and on the disk; only then the original goes. It keeps its date and mode. */
async function copyInto(path: string, to: string): Promise<void> {
  const partial = `${to}.partial`;
  try {
    await copyFile(path, partial, constants.COPYFILE_EXCL);
    const { atime, mtime } = await stat(path);
    await utimes(partial, atime, mtime);
    await sync(partial);
    await rename(partial, to);
    await removeOriginal(path, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') await rm(partial, { force: true });
    throw new MoveError(code === 'EEXIST' ? `${partial} exists` : (code ?? 'no code'), { cause: error });
  }
}

async function sync(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Where the original has to stay, it is not doubled either. */
async function removeOriginal(path: string, moved: string): Promise<void> {
  await unlink(path).catch(async (error: unknown) => {
    await rm(moved, { force: true });
    throw error;
  });
}
