import { type InputDamage, InputError } from '../../../core/input.js';
import { gzipDamage, intactPart } from '../damage.js';
import { LineTally } from '../line-tally.js';
import type { ArchiveFile } from './archive-file.js';
import { decodeEntry, type PlacedEntry } from './decode-entry.js';
import { entryContent } from './entry-content.js';
import { damagedEntry } from './zip-damage.js';
import { EntryDamage } from './zip-entry.js';

/**
 * Decodes one entry of an archive to see what of it may be imported: nothing when its own check fails; of gzip in it, the
 * intact members. Rejects with {ReadFailure}.
 */
export async function checkEntry(
  archive: string,
  file: ArchiveFile,
  entry: PlacedEntry,
  signal: AbortSignal,
  onStored: (bytes: number) => void,
): Promise<{ intactBytes: number; problem: InputDamage | undefined }> {
  const path = `${archive}/${entry.name}`;
  const tally = new LineTally();
  let verified = tally.position();
  let problem: InputDamage | undefined;
  let intactBytes: number | undefined;
  try {
    for await (const piece of entryContent(path, decodeEntry(file, entry, signal, onStored))) {
      if (piece.kind === 'bytes') tally.add(piece.bytes);
      else if (piece.kind === 'verified') verified = tally.position();
      else {
        const intact = intactPart(piece.damage.code, tally.position(), verified);
        problem = gzipDamage(path, piece.damage, intact);
        intactBytes = intact.bytes;
      }
    }
  } catch (error) {
    if (error instanceof EntryDamage) problem = damagedEntry(archive, entry.name, error.what);
    else if (error instanceof InputError) problem = error.damage;
    else throw error;
    intactBytes = 0;
  }
  return { intactBytes: intactBytes ?? tally.position().bytes, problem };
}
