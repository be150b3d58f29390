import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { FileIdentity } from '../../core/ledger.js';

const READ_BYTES = 1024 * 1024;

/** What the file system says of a regular file; undefined for anything else, and for what can't be looked at. */
export async function identityOf(path: string): Promise<FileIdentity | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) return undefined;
  const { size, ino, mtimeMs, ctimeMs } = found;
  return { path: resolve(path), size, ino, mtimeMs, ctimeMs };
}

/** SHA-256 of a file's bytes as stored, in hex; undefined when it can't be read to its end. */
export async function hashOf(path: string, signal: AbortSignal): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: READ_BYTES, signal })) hash.update(bytes);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
}
