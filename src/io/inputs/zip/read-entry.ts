import { type Chunk, type InputDamage, InputError } from '../../../core/input.js';
import { changed, gzipDamage, intactPart, withUncheckedLines } from '../damage.js';
import { LineTally } from '../line-tally.js';
import type { ArchiveFile } from './archive-file.js';
import { decodeEntry, type PlacedEntry } from './decode-entry.js';
import { entryContent } from './entry-content.js';
import { damagedUncheckedEntry } from './zip-damage.js';
import { EntryDamage } from './zip-entry.js';

const NOTHING = new Uint8Array(0);

/** @throws {InputError} 'changed' when what is decoded is not what was checked */
export async function* readCheckedEntry(
  archive: string,
  file: ArchiveFile,
  entry: PlacedEntry,
  intactBytes: number,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void, undefined> {
  const path = `${archive}/${entry.name}`;
  let left = intactBytes;
  let stored = 0;
  const decoded = decodeEntry(file, entry, signal, (bytes) => {
    stored = bytes;
  });
  yield { bytes: NOTHING, storedBytesRead: 0, entryBegins: entry.name };
  try {
    for await (const piece of entryContent(path, decoded)) {
      if (piece.kind !== 'bytes') continue;
      const bytes = piece.bytes.subarray(0, left);
      left -= bytes.length;
      if (bytes.length > 0) yield { bytes, storedBytesRead: stored };
    }
  } catch (error) {
    if (error instanceof EntryDamage) throw new InputError(changed(archive), { cause: error });
    throw error;
  }
  if (left > 0) throw new InputError(changed(archive));
  yield { bytes: NOTHING, storedBytesRead: entry.storedSize, entryEnds: true };
}

/** What is wrong with the entry is added to `problems`. */
export async function* readUncheckedEntry(
  archive: string,
  file: ArchiveFile,
  entry: PlacedEntry,
  signal: AbortSignal,
  problems: InputDamage[],
): AsyncGenerator<Chunk, void, undefined> {
  const path = `${archive}/${entry.name}`;
  const tally = new LineTally();
  let verified = tally.position();
  let stored = 0;
  const decoded = decodeEntry(file, entry, signal, (bytes) => {
    stored = bytes;
  });
  yield { bytes: NOTHING, storedBytesRead: 0, entryBegins: entry.name };
  try {
    for await (const piece of entryContent(path, decoded)) {
      if (piece.kind === 'bytes') {
        tally.add(piece.bytes);
        yield { bytes: piece.bytes, storedBytesRead: stored };
      } else if (piece.kind === 'verified') {
        verified = tally.position();
      } else {
        const damage = gzipDamage(path, piece.damage, intactPart(piece.damage.code, tally.position(), verified));
        problems.push(withUncheckedLines(damage, verified, tally.position()));
        return;
      }
    }
  } catch (error) {
    if (error instanceof EntryDamage) {
      problems.push(damagedUncheckedEntry(archive, entry.name, error.what, tally.position()));
    } else if (error instanceof InputError) {
      problems.push(error.damage);
    } else throw error;
    return;
  }
  yield { bytes: NOTHING, storedBytesRead: entry.storedSize, entryEnds: true };
}
