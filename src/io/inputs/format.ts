import { InputError } from '../../core/input.js';
import { notImportable } from './damage.js';
import { beginsJson, recogniseFormat, SIGNATURE_BYTES } from './signature.js';
import type { StoredBytes } from './stored-bytes.js';

/** Tells gzip, zip and plain by the first bytes. @throws {InputError} for what can't be imported */
export async function formatOf(path: string, stored: StoredBytes): Promise<'gzip' | 'zip' | 'plain'> {
  await stored.atLeast(2);
  if (!beginsJson(stored.buffered)) await stored.atLeast(SIGNATURE_BYTES);
  const format = recogniseFormat(stored.buffered);
  if (format.kind === 'refused') throw new InputError(notImportable(path, format, false));
  return format.kind;
}

export async function isZip(stored: StoredBytes): Promise<boolean> {
  await stored.atLeast(4);
  return recogniseFormat(stored.buffered).kind === 'zip';
}

/** Looks at the first bytes that came out of gzip. @throws {InputError} for what can't be imported */
export function checkDecoded(path: string, head: Uint8Array): void {
  const format = recogniseFormat(head);
  if (format.kind === 'plain') return;
  const refused =
    format.kind === 'refused'
      ? format
      : ({ kind: 'refused', name: `a ${format.kind} file`, advice: DECOMPRESS_ONCE } as const);
  throw new InputError(notImportable(path, refused, true));
}

const DECOMPRESS_ONCE = 'decompress it once (gunzip) and import the result';
