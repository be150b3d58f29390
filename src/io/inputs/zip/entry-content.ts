import { InputError } from '../../../core/input.js';
import { notImportable } from '../damage.js';
import { checkDecoded, formatOf } from '../format.js';
import { decodeGzip, type GzipPiece } from '../gzip.js';
import { StoredBytes } from '../stored-bytes.js';

/**
 * What an entry holds: its bytes, or what comes out of them when they are gzip, in pieces as gzip gives them. The
 * entry is read to its end also where the gzip in it ends early, so that its own check is made.
 * @param path of archive and entry, for messages
 * @throws {InputError} for what can't be imported; and as `decoded` does
 */
export async function* entryContent(
  path: string,
  decoded: AsyncIterable<Uint8Array>,
): AsyncGenerator<GzipPiece, void, undefined> {
  const stored = new StoredBytes(decoded, { hash: false });
  try {
    const format = await formatOf(path, stored);
    if (format === 'zip') throw new InputError(notImportable(path, ZIP_IN_ZIP, false));
    if (format === 'plain') {
      while (stored.buffered.length > 0 || (await stored.more())) {
        yield { kind: 'bytes', bytes: stored.take(stored.buffered.length) };
      }
      yield { kind: 'verified' };
      return;
    }
    let isFirst = true;
    let end: GzipPiece | undefined;
    for await (const piece of decodeGzip(stored)) {
      if (piece.kind === 'bytes' && isFirst) checkDecoded(path, piece.bytes);
      isFirst &&= piece.kind !== 'bytes';
      if (piece.kind === 'damage') end = piece;
      else yield piece;
    }
    do stored.take(stored.buffered.length);
    while (await stored.more());
    if (end !== undefined) yield end;
  } finally {
    await stored.close();
  }
}

const ZIP_IN_ZIP = {
  kind: 'refused',
  name: 'a zip archive inside a zip archive',
  advice: 'unpack the outer one and import what is in it',
} as const;
