import { crc32 } from 'node:zlib';
import { Inflater } from '../inflate.js';
import { StoredBytes } from '../stored-bytes.js';
import type { ArchiveFile } from './archive-file.js';
import { inflate64 } from './deflate64.js';
import { DEFLATE, DEFLATE64, EntryDamage, STORED, type ZipEntry } from './zip-entry.js';

/** An entry whose place in the archive is known. */
export interface PlacedEntry extends ZipEntry {
  readonly dataStart: number;
}

/**
 * Decodes one entry, chunk by chunk, and checks its size and checksum at its end.
 * @param onStored told how many of its stored bytes were taken so far
 * @throws {EntryDamage} when the bytes so far are not those that the archive vouches for; {ReadFailure}
 */
export async function* decodeEntry(
  file: ArchiveFile,
  entry: PlacedEntry,
  signal: AbortSignal,
  onStored: (bytes: number) => void = () => {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const stored = new StoredBytes(file.chunks(entry.dataStart, entry.dataStart + entry.storedSize, signal), {
    hash: false,
  });
  let size = 0;
  let crc = 0;
  try {
    for await (const bytes of decompress(stored, entry.method)) {
      size += bytes.length;
      if (size > entry.size) throw new EntryDamage('it is larger than the archive says');
      crc = crc32(bytes, crc);
      onStored(stored.taken);
      yield bytes;
    }
    if (stored.buffered.length > 0 || (await stored.more())) {
      throw new EntryDamage('its data ends before the place that the archive names');
    }
    if (stored.taken < entry.storedSize) throw new EntryDamage('it is cut off');
    if (size !== entry.size) throw new EntryDamage('it is smaller than the archive says');
    if (crc !== entry.crc) throw new EntryDamage('its checksum is wrong');
  } catch (error) {
    throw entry.method === DEFLATE64 && error instanceof EntryDamage ? doubtful(error) : error;
  } finally {
    await stored.close();
  }
}

/** Decompresses what `stored` begins with. @throws {EntryDamage} when it can't */
export async function* decompress(stored: StoredBytes, method: number): AsyncGenerator<Uint8Array, void, undefined> {
  if (method === STORED) {
    while (stored.buffered.length > 0 || (await stored.more())) yield stored.take(stored.buffered.length);
    return;
  }
  const end = yield* method === DEFLATE ? inflate(stored) : inflate64(stored);
  if (end === 'input_ended') throw new EntryDamage('it is cut off');
  if (end === 'bad') throw new EntryDamage("it can't be decompressed");
}

async function* inflate(stored: StoredBytes): AsyncGenerator<Uint8Array, 'whole' | 'input_ended' | 'bad', undefined> {
  const inflater = new Inflater(stored);
  try {
    for (let bytes = await inflater.next(); bytes !== undefined; bytes = await inflater.next()) yield bytes;
  } finally {
    inflater.close();
  }
  return inflater.end!;
}

/** The decoder of Deflate64 misreads some valid data. */
function doubtful(error: EntryDamage): EntryDamage {
  const what = `${error.what}, or it is valid Deflate64 that this program can't read: then unpack the archive and import the files in it`;
  return new EntryDamage(what, { cause: error });
}
