import { crc32 } from 'node:zlib';

export type GzipHeader =
  /** The header is `length` bytes long; the deflate data follows. */
  | { readonly kind: 'header'; readonly length: number }
  /** The bytes end inside the header. */
  | { readonly kind: 'more' }
  /** The bytes are no gzip member: they don't begin with the magic 1f 8b. */
  | { readonly kind: 'foreign' }
  /** A gzip member whose header is damaged. */
  | { readonly kind: 'bad' };

const FHCRC = 0x02;
const FEXTRA = 0x04;
const FNAME = 0x08;
const FCOMMENT = 0x10;
const RESERVED = 0xe0;
const FIXED_BYTES = 10;

/** A header longer than this (64 KiB extra field, file name, comment) is a damaged one, not one to be held in memory. */
export const MAX_HEADER_BYTES = 256 * 1024;

/** Reads the header of a gzip member at `start` (RFC 1952, section 2.3). Pure; a header CRC is checked. */
export function parseGzipHeader(bytes: Uint8Array, start: number): GzipHeader {
  const available = bytes.length - start;
  if (available >= 1 && bytes[start] !== 0x1f) return { kind: 'foreign' };
  if (available >= 2 && bytes[start + 1] !== 0x8b) return { kind: 'foreign' };
  if (available < FIXED_BYTES) return { kind: 'more' };

  const flags = bytes[start + 3]!;
  if (bytes[start + 2] !== 8 || (flags & RESERVED) !== 0) return { kind: 'bad' };

  let at = start + FIXED_BYTES;
  if (flags & FEXTRA) at += 2 + (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
  for (const field of [FNAME, FCOMMENT]) {
    if ((flags & field) === 0) continue;
    const terminator = at < bytes.length ? bytes.indexOf(0, at) : -1;
    if (terminator === -1) return unfinished(available);
    at = terminator + 1;
  }
  if (flags & FHCRC) {
    if (at + 2 > bytes.length) return unfinished(available);
    const stored = bytes[at]! + 256 * bytes[at + 1]!;
    if (stored !== (crc32(bytes.subarray(start, at)) & 0xffff)) return { kind: 'bad' };
    at += 2;
  }
  return at > bytes.length ? unfinished(available) : { kind: 'header', length: at - start };
}

function unfinished(available: number): GzipHeader {
  return available > MAX_HEADER_BYTES ? { kind: 'bad' } : { kind: 'more' };
}
