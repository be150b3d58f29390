import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { access, type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** The file can't be written. `reason` is the system's code, such as ENOSPC. */
export class SummaryFileError extends Error {
  override readonly name = 'SummaryFileError';
  readonly reason: string;
  constructor(path: string, cause: unknown) {
    const reason = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    super(`can't write ${path} (${reason})`, { cause });
    this.reason = reason;
  }
}

/**
 * Finds out, before a long run, whether `writeSummaryFile` could write there. Makes and changes nothing.
 * @throws {SummaryFileError}
 */
export async function checkSummaryFile(path: string): Promise<void> {
  try {
    const target = await resolveTarget(path);
    if (target.kind === 'special') {
      await access(target.path, constants.W_OK);
    } else {
      await access(dirname(target.path), constants.W_OK);
    }
  } catch (error) {
    throw new SummaryFileError(path, error);
  }
}

/**
 * Writes a whole small file so that a reader sees the old content or the new, never a part, also after a power cut: into
 * a new file beside it, synced, then renamed over it. Pipes and devices are written to as they are; a symbolic link stays one.
 * A file that is replaced keeps its mode.
 * @param newMode the mode where there was no file; the process's own umask does not narrow it
 * @throws {SummaryFileError} and then nothing is left behind
 */
export async function writeSummaryFile(path: string, text: string, newMode = 0o600): Promise<void> {
  try {
    const target = await resolveTarget(path);
    if (target.kind === 'special') {
      const file = await open(target.path, constants.O_WRONLY);
      await finish(file, () => file.writeFile(text));
    } else {
      await replace(target.path, text, target.mode ?? newMode);
    }
  } catch (error) {
    throw new SummaryFileError(path, error);
  }
}

async function replace(path: string, text: string, mode: number): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    await finish(file, async () => {
      await file.chmod(mode);
      await file.writeFile(text);
      await file.sync();
    });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** Makes the rename itself last. Not every system can; then its own good time must do. */
async function syncFolder(path: string): Promise<void> {
  try {
    const folder = await open(path, constants.O_RDONLY);
    await finish(folder, () => folder.sync());
  } catch {
    // The file is whole and in its place; only a power cut in the next seconds could bring the old one back.
  }
}

async function finish(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await file.close();
  }
}

type Target =
  | { readonly kind: 'file'; readonly path: string; readonly mode: number | undefined }
  | { readonly kind: 'special'; readonly path: string };

async function resolveTarget(path: string): Promise<Target> {
  try {
    const real = await realpath(path);
    const { mode, ...found } = await stat(real).then((stats) => ({
      mode: stats.mode,
      isFile: stats.isFile(),
      isFolder: stats.isDirectory(),
    }));
    if (found.isFolder) {
      throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
    }
    return found.isFile ? { kind: 'file', path: real, mode: mode & 0o777 } : { kind: 'special', path };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return { kind: 'file', path, mode: undefined };
    }
    throw error;
  }
}
