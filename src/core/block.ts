import type { Origin } from './origin.js';
import type { Rejection } from './rejection.js';

/**
 * A slab is what `lines` hands to `decode`: a few hundred KiB of whole lines (with their line ends), or one record that
 * was too long to be held. It holds nothing but plain data, so it can be moved to a worker thread.
 */
export type Slab = LineSlab | OverlongSlab;

export interface LineSlab {
  readonly kind: 'lines';
  /** Whole lines; only the last line of a file may lack its line end. */
  readonly bytes: Uint8Array;
}

/** One line longer than `--max-line-bytes`: it was counted and hashed while it passed, never held. */
export interface OverlongSlab {
  readonly kind: 'overlong';
  /** Length in bytes, without its line end. */
  readonly length: number;
  /** SHA-256 of those bytes, in hex. */
  readonly sha256: string;
  /** Its first KiB. */
  readonly head: Uint8Array;
}

/** Bits of `Block.warnings`. The names are the keys of `warnings` in the summary. */
export const WARNING_NAMES = [
  'missing_created_at',
  'missing_regulation',
  'unknown_field',
  'many_purposes',
  'unchecked_against_token',
] as const;

export type WarningName = (typeof WARNING_NAMES)[number];

export function warningBit(name: WarningName): number {
  return 1 << WARNING_NAMES.indexOf(name);
}

/**
 * What `decode` makes of a slab: the same bytes, and columns of numbers with one entry per record, in file order.
 * Columns instead of objects, so that a block can be handed over from a worker thread without copying.
 */
export interface Block {
  readonly bytes: Uint8Array;
  /** How many records the columns hold. */
  readonly count: number;
  /** How many physical lines the slab had, blank ones included. */
  readonly lines: number;
  /** First byte of each record, and the byte after its last, without white space around it. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Physical line of each record, counted from 0 at the slab's start. */
  readonly line: Uint32Array;
  /** Four words per record: the keyed 128-bit hash of the event id. */
  readonly idHash: Uint32Array;
  /** Two words per record: the keyed 64-bit hash of the record's bytes. */
  readonly fingerprint: Uint32Array;
  /** Two entries per record: keyed hashes (53 bits, never 0) of the subjects it belongs to; 0 stands for none. */
  readonly subjects: Float64Array;
  /** A set of `warningBit`s per record. */
  readonly warnings: Uint16Array;
  /** Bytes to insert directly after a record's `{` when it is sent, by record; most records have none. */
  readonly splices: ReadonlyMap<number, Uint8Array>;
  /** The rejected records. All others are events. */
  readonly rejections: ReadonlyMap<number, Rejection>;
  /** Where a record stood first, for those that came wrapped (in a line of a rejects file). */
  readonly origins: ReadonlyMap<number, Origin>;
  /** Rejected lines of a rejects file that hold nothing to import: they go into the next one as they are. */
  readonly rejectLines: ReadonlySet<number>;
  /** The records that are too long: of these only length, hash and the first KiB count. */
  readonly overlong: ReadonlyMap<number, { readonly length: number; readonly sha256: string }>;
}
