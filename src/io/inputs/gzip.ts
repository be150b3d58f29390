import { crc32 } from 'node:zlib';
import { parseGzipHeader } from './gzip-header.js';
import { Inflater } from './inflate.js';
import { endsLikeAMember, TAIL_BYTES } from './member-end.js';
import { decodeSmallMembers } from './small-members.js';
import type { StoredBytes } from './stored-bytes.js';

/** What decoding gives, in order. */
export type GzipPiece =
  /** Decoded bytes, about 256 KiB at most; their member may turn out damaged. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** Every byte so far belongs to members whose checks passed. */
  | { readonly kind: 'verified' }
  /** Always the last piece. */
  | { readonly kind: 'damage'; readonly damage: GzipDamage };

export interface GzipDamage {
  readonly code: 'cut_off' | 'damaged' | 'trailing_garbage';
  /** What is wrong, for people, as the end of a sentence; '' for what the code says already. */
  readonly what: string;
}

/** A member of at most this many stored bytes makes it likely that more small ones follow (bgzip: 64 KiB). */
const SMALL_MEMBER = 64 * 1024;
/** Buffered bytes in which a small member surely lies wholly. */
const SMALL_BUFFER = 2 * SMALL_MEMBER;
/** How often a member is tried anew with more bytes before it is inflated as a stream. */
const MAX_TRIES = 8;
const TRAILER_BYTES = 8;

/**
 * Decodes gzip (RFC 1952): any number of members, with zero padding between and behind them. Members are framed and
 * checked here and not by node:zlib, whose gunzip drops a member behind padding, and on trailing garbage the last
 * chunk in front of it. Memory stays constant whatever the data: a chunk is decoded when it is asked for.
 * Ends after the last byte of `stored`, or with a `damage` piece. Rejects only as `stored` does.
 */
export async function* decodeGzip(stored: StoredBytes): AsyncGenerator<GzipPiece, void, undefined> {
  stored.keepTail(TAIL_BYTES);
  await stored.atLeast(1);
  let members = 0;
  let trySmall = stored.buffered.length <= SMALL_MEMBER;
  let tries = 0;
  for (;;) {
    if (trySmall) {
      const small = decodeSmallMembers(stored.buffered, members > 0);
      stored.take(small.consumed);
      members += small.members;
      if (small.members > 0) tries = 0;
      if (small.decoded.length > 0) {
        yield { kind: 'bytes', bytes: small.decoded };
        yield { kind: 'verified' };
      }
      if (small.full) continue;
      if (stored.buffered.length < SMALL_BUFFER && ++tries < MAX_TRIES && (await hasMore(stored))) continue;
    }
    const start = stored.taken;
    const damage = yield* decodeMember(stored, members + 1);
    if (damage === 'end') return;
    if (damage !== undefined) return yield { kind: 'damage', damage };
    yield { kind: 'verified' };
    members++;
    tries = 0;
    trySmall = stored.taken - start <= SMALL_MEMBER;
  }
}

/** Whether another chunk came. Where the source failed, what is buffered is decoded first: asking again tells then. */
async function hasMore(stored: StoredBytes): Promise<boolean> {
  return await stored.more().catch(() => false);
}

/** Decodes one member (and padding in front of it, if it isn't the first). 'end' when there is none left. */
async function* decodeMember(
  stored: StoredBytes,
  number: number,
): AsyncGenerator<GzipPiece, GzipDamage | 'end' | undefined, undefined> {
  if (number > 1) await skipZeros(stored);
  const header = await takeHeader(stored);
  if (header === 'end' && number > 1) return 'end';
  if (header === 'foreign' && number > 1) return { code: 'trailing_garbage', what: '' };
  if (header === 'bad' || header === 'foreign') return damaged(`the header of gzip member ${number} is wrong`);
  if (header !== 'header') return CUT_OFF;

  const bodyStart = stored.taken;
  const inflater = new Inflater(stored);
  let size = 0;
  let crc = 0;
  try {
    for (let bytes = await inflater.next(); bytes !== undefined; bytes = await inflater.next()) {
      size += bytes.length;
      crc = crc32(bytes, crc);
      yield { kind: 'bytes', bytes };
    }
  } finally {
    inflater.close();
  }
  if (inflater.end === 'bad') return damaged(`gzip member ${number} can't be decompressed`);

  if (inflater.end === 'whole') await stored.atLeast(TRAILER_BYTES);
  const trailer = Buffer.from(stored.take(TRAILER_BYTES));
  if (inflater.end === 'whole' && trailer.length >= 4) {
    if (trailer.readUInt32LE(0) !== crc) return damaged(`the checksum of gzip member ${number} is wrong`);
    if (trailer.length < TRAILER_BYTES) return CUT_OFF;
    const sizeIsRight = trailer.readUInt32LE(4) === size % 2 ** 32;
    return sizeIsRight ? undefined : damaged(`the size of gzip member ${number} is wrong`);
  }
  const wasCut = !endsLikeAMember(stored.tail(stored.taken - bodyStart), size);
  return wasCut ? CUT_OFF : damaged(`the data of gzip member ${number} runs past its end`);
}

const CUT_OFF: GzipDamage = { code: 'cut_off', what: '' };

function damaged(what: string): GzipDamage {
  return { code: 'damaged', what };
}

async function skipZeros(stored: StoredBytes): Promise<void> {
  do {
    let zeros = 0;
    while (zeros < stored.buffered.length && stored.buffered[zeros] === 0) zeros++;
    stored.take(zeros);
  } while (stored.buffered.length === 0 && (await stored.more()));
}

async function takeHeader(stored: StoredBytes): Promise<'header' | 'cut' | 'end' | 'foreign' | 'bad'> {
  for (;;) {
    const header = parseGzipHeader(stored.buffered, 0);
    if (header.kind === 'header') {
      stored.take(header.length);
      return 'header';
    }
    if (header.kind !== 'more') return header.kind;
    if (!(await stored.more())) return stored.buffered.length === 0 ? 'end' : 'cut';
  }
}
