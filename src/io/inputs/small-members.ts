import { crc32 } from 'node:zlib';
import { parseGzipHeader } from './gzip-header.js';
import { CHUNK_BYTES, inflateWhole } from './inflate.js';

export interface SmallMembers {
  /** The decoded bytes of all of them: every one was checked. */
  readonly decoded: Uint8Array;
  readonly members: number;
  /** Stored bytes of these members, and of the padding around them. */
  readonly consumed: number;
  /** It stopped because 256 KiB were decoded: there may be more. */
  readonly full: boolean;
}

const TRAILER_BYTES = 8;

/**
 * Decodes the small whole members (at most 256 KiB decoded) that `bytes` begins with, at once: an inflater stream for
 * each would cost 120 µs, this costs 15 µs. Stops in front of whatever is not such a member, damaged ones included:
 * saying what is wrong with them is left to the caller.
 * @param behindMember `bytes` follow a member, so padding may come first
 */
export function decodeSmallMembers(bytes: Uint8Array, behindMember: boolean): SmallMembers {
  const decoded: Uint8Array[] = [];
  let size = 0;
  let members = 0;
  let consumed = 0;
  for (;;) {
    const start = behindMember || members > 0 ? skipZeros(bytes, consumed) : 0;
    const member = start < bytes.length ? decodeSmallMember(bytes, start) : undefined;
    if (member === undefined) return { decoded: joined(decoded), members, consumed, full: false };
    if (size + member.decoded.length > CHUNK_BYTES) {
      return { decoded: joined(decoded), members, consumed, full: true };
    }
    decoded.push(member.decoded);
    size += member.decoded.length;
    members++;
    consumed = member.end;
  }
}

function decodeSmallMember(bytes: Uint8Array, start: number): { decoded: Uint8Array; end: number } | undefined {
  const header = parseGzipHeader(bytes, start);
  if (header.kind !== 'header') return undefined;
  const body = start + header.length;
  const inflated = inflateWhole(bytes.subarray(body));
  if (inflated === undefined) return undefined;
  const trailer = body + inflated.consumed;
  if (trailer + TRAILER_BYTES > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + trailer, TRAILER_BYTES);
  const isIntact =
    view.getUint32(0, true) === crc32(inflated.decoded) && view.getUint32(4, true) === inflated.decoded.length;
  return isIntact ? { decoded: inflated.decoded, end: trailer + TRAILER_BYTES } : undefined;
}

function skipZeros(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] === 0) at++;
  return at;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}
