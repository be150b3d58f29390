import { type Chunk, InputError, type Inspection } from '../../core/input.js';
import { changed, gzipDamage, type IntactPart, intactPart, unreadable, withUncheckedLines } from './damage.js';
import { checkDecoded } from './format.js';
import { decodeGzip } from './gzip.js';
import { LineTally } from './line-tally.js';
import type { StoredBytes } from './stored-bytes.js';
import { ReadFailure } from './stream-chunks.js';

/**
 * Decodes a gzip input to its end or its damage, and finds out what of it may be imported.
 * @param onProgress told how many stored bytes were read so far
 */
export async function inspectGzip(
  path: string,
  stored: StoredBytes,
  onProgress: ((storedBytesRead: number) => void) | undefined,
): Promise<Inspection> {
  const tally = new LineTally();
  let verified = tally.position();
  try {
    for await (const piece of decodeGzip(stored)) {
      if (piece.kind === 'bytes') {
        if (tally.position().bytes === 0) checkDecoded(path, piece.bytes);
        tally.add(piece.bytes);
        onProgress?.(stored.taken);
      } else if (piece.kind === 'verified') {
        verified = tally.position();
      } else {
        const intact = intactPart(piece.damage.code, tally.position(), verified);
        return { sha256: undefined, intactBytes: intact.bytes, damage: gzipDamage(path, piece.damage, intact) };
      }
    }
  } catch (error) {
    if (!(error instanceof ReadFailure)) throw error;
    const damage = unreadable(path, error.code, stored.arrived);
    return { sha256: undefined, intactBytes: verified.wholeLineBytes, damage };
  }
  return { sha256: stored.sha256(), intactBytes: tally.position().bytes, damage: undefined };
}

/**
 * Reads a gzip input that was inspected: exactly the bytes that may be imported, then ends.
 * @throws {InputError} 'changed' when what is decoded is not what was inspected
 */
export async function* readInspectedGzip(
  path: string,
  stored: StoredBytes,
  inspection: Inspection,
): AsyncGenerator<Chunk> {
  let left = inspection.intactBytes;
  let told = 0;
  for await (const piece of decodeGzip(stored)) {
    if (piece.kind === 'damage') throw new InputError(changed(path));
    if (piece.kind === 'verified') continue;
    const bytes = piece.bytes.subarray(0, left);
    left -= bytes.length;
    told = stored.taken;
    if (bytes.length > 0) yield { bytes, storedBytesRead: told };
    if (inspection.damage !== undefined && left === 0) return;
    if (bytes.length < piece.bytes.length) throw new InputError(changed(path));
  }
  if (left > 0 || inspection.damage !== undefined || stored.sha256() !== inspection.sha256) {
    throw new InputError(changed(path));
  }
  if (told < stored.taken) yield { bytes: new Uint8Array(0), storedBytesRead: stored.taken };
}

/**
 * Reads a gzip input that was not inspected.
 * @throws {InputError} at damage, after everything that was decoded before it; the message names the unchecked lines
 */
export async function* readUncheckedGzip(path: string, stored: StoredBytes): AsyncGenerator<Chunk> {
  const tally = new LineTally();
  let verified = tally.position();
  let broken: InputError | undefined;
  try {
    for await (const piece of decodeGzip(stored)) {
      if (piece.kind === 'bytes') {
        if (tally.position().bytes === 0) checkDecoded(path, piece.bytes);
        tally.add(piece.bytes);
        yield { bytes: piece.bytes, storedBytesRead: stored.taken };
      } else if (piece.kind === 'verified') {
        verified = tally.position();
      } else {
        const intact: IntactPart = intactPart(piece.damage.code, tally.position(), verified);
        broken = new InputError(gzipDamage(path, piece.damage, intact));
      }
    }
  } catch (error) {
    // A connection that broke off, say.
    if (!(error instanceof InputError)) throw error;
    broken = error;
  }
  if (broken === undefined) return;
  throw new InputError(withUncheckedLines(broken.damage, verified, tally.position()), { cause: broken });
}
