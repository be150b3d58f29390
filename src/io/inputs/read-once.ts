import { type Chunk, InputError } from '../../core/input.js';
import { unreadable, zipReadOnce } from './damage.js';
import { formatOf } from './format.js';
import { readUncheckedGzip } from './read-gzip.js';
import type { StoredBytes } from './stored-bytes.js';
import { ReadFailure } from './stream-chunks.js';

/**
 * Reads an input that was not inspected: plain, or gzip. The last chunk's `storedBytesRead` is all that was stored; it
 * may be empty, when padding or a trailer came last.
 * @throws {InputError} at damage, after everything that was decoded before it
 */
export async function* readOnce(path: string, stored: StoredBytes): AsyncGenerator<Chunk> {
  let told = 0;
  try {
    const format = await formatOf(path, stored);
    if (format === 'zip') throw new InputError(zipReadOnce(path));
    for await (const chunk of format === 'gzip' ? readUncheckedGzip(path, stored) : readPlain(stored)) {
      told = chunk.storedBytesRead;
      yield chunk;
    }
  } catch (error) {
    if (error instanceof ReadFailure) {
      throw new InputError(unreadable(path, error.code, stored.arrived), { cause: error });
    }
    throw error;
  }
  if (told < stored.taken) yield { bytes: new Uint8Array(0), storedBytesRead: stored.taken };
}

async function* readPlain(stored: StoredBytes): AsyncGenerator<Chunk> {
  while (stored.buffered.length > 0 || (await stored.more())) {
    const bytes = stored.take(stored.buffered.length);
    yield { bytes, storedBytesRead: stored.taken };
  }
}
