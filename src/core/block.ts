import type { LedgerRecord } from './ledger.js';
import type { Origin } from './origin.js';
import type { Rejection } from './rejection.js';
import type { Stamp } from './stamp.js';

/**
 * A slab is what `records` hands to `decode`: a few hundred KiB of whole lines (with their line ends), or of whole
 * elements of a JSON array, or one record that was too long to be held. It holds nothing but plain data, so it can be
 * moved to a worker thread.
 */
export type Slab = LineSlab | ElementSlab | OverlongSlab;

export interface LineSlab {
  readonly kind: 'lines';
  /** Whole lines; only the last line of a file may lack its line end. */
  readonly bytes: Uint8Array;
}

/** Elements of a JSON array, and the bytes between them. One entry per element in each column. */
export interface ElementSlab {
  readonly kind: 'elements';
  readonly bytes: Uint8Array;
  /** First byte of each element, and the comma or bracket behind it. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Physical line of each element's first byte, counted from 0 at the line where the last slab ended. */
  readonly line: Uint32Array;
  /** How many line ends lie between the last slab's end and this one's. */
  readonly lines: number;
  /** Which element of the input the first one is, from 1. */
  readonly firstElement: number;
}

/** One line or element longer than `--max-line-bytes`: it was counted and hashed while it passed, never held. */
export interface OverlongSlab {
  readonly kind: 'overlong';
  /** Length in bytes, without its line end; of an element, with the white space behind it. */
  readonly length: number;
  /** SHA-256 of those bytes, in hex. */
  readonly sha256: string;
  /** Its first KiB. */
  readonly head: Uint8Array;
  /** Where an element stands, and how many line ends it passed, as in an `ElementSlab`. Undefined for a line. */
  readonly element: { readonly number: number; readonly line: number; readonly lines: number } | undefined;
}

/** Bits of `Block.warnings`. The names are the keys of `warnings` in the summary. */
export const WARNING_NAMES = [
  'missing_created_at',
  'missing_regulation',
  'unknown_field',
  'many_purposes',
  'unchecked_against_token',
  'missing_interaction_date',
  'known_to_target',
  'older_than_previous',
  'unknown_purpose',
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
  /** How many physical lines the slab had, blank ones included; of elements, how many line ends. */
  readonly lines: number;
  /** First byte of each record, and the byte after its last, without white space around it. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Physical line of each record, counted from 0 at the slab's start. */
  readonly line: Uint32Array;
  /** The element of a JSON array that each record is, or stands in, from 1; undefined where records are lines. */
  readonly element: Uint32Array | undefined;
  /** The place of each record among those that came wrapped in one line or element, from 1; 0 for one not wrapped. */
  readonly index: Uint32Array | undefined;
  /** Four words per record: the keyed 128-bit hash of the event id. */
  readonly idHash: Uint32Array;
  /** Two words per record: the keyed 64-bit hash of the record's bytes. */
  readonly fingerprint: Uint32Array;
  /** Two entries per record: keyed hashes (53 bits, never 0) of the subjects it belongs to; 0 stands for none. */
  readonly subjects: Float64Array;
  /** When the person chose, per record: epoch milliseconds; NaN where the record does not say. */
  readonly dates: Float64Array;
  /** The event id of each record, as text, by record; undefined where nobody asked for them. Most need the hash only. */
  readonly ids: ReadonlyMap<number, string> | undefined;
  /** A set of `warningBit`s per record. */
  readonly warnings: Uint16Array;
  /** Bytes to insert directly after a record's `{` when it is sent, by record; most records have none. */
  readonly splices: ReadonlyMap<number, Uint8Array>;
  /** Bytes to insert further inside, by record (`--stamp`). */
  readonly stamps: ReadonlyMap<number, Stamp>;
  /** The rejected records. All others are events. */
  readonly rejections: ReadonlyMap<number, Rejection>;
  /** Where a record stood first, for those that came wrapped (in a line of a rejects file). */
  readonly origins: ReadonlyMap<number, Origin>;
  /** Rejected lines of a rejects file that hold nothing to import: they go into the next one as they are. */
  readonly rejectLines: ReadonlySet<number>;
  /** What the ledger holds of the events, by record, where that was found out and all are delivered: they stay so. */
  readonly known?: ReadonlyMap<number, LedgerRecord> | undefined;
  /** The records that are too long: of these only length, hash and the first KiB count. */
  readonly overlong: ReadonlyMap<number, { readonly length: number; readonly sha256: string }>;
}
