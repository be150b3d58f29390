import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { InputError } from '../../../core/input.js';

/** A temporary file that only this user can read, with bytes that can then be read twice. */
export interface Spooled {
  readonly path: string;
  remove(): Promise<void>;
}

/** Stores all bytes. Rejects as `chunks` does, and with {InputError} when the disk fails; then nothing is left behind. */
export async function spool(shown: string, chunks: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<Spooled> {
  const folder = await mkdtemp(join(tmpdir(), 'consent-import-'));
  const path = join(folder, 'input');
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await pipeline(chunks, createWriteStream(path, { mode: 0o600, flags: 'wx' }), { signal });
    return { path, remove };
  } catch (error) {
    await remove();
    signal.throwIfAborted();
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof InputError || code === undefined) throw error;
    const message = `${shown} can't be stored in a temporary file (${code}). Make room in ${tmpdir()}, or set TMPDIR to another folder.`;
    throw new InputError({ code: 'unreadable', message }, { cause: error });
  }
}
