import { PREFIX } from './keys.js';
import { readVarint, writeVarint } from './varint.js';

/** Written with every batch, in the same atomic write, so that they are right after any crash. */
export interface Counters {
  /** How many writes this ledger has seen. It only grows; a smaller one than was seen before means lost writes. */
  readonly sequence: number;
  readonly delivered: number;
  readonly inDoubt: number;
}

export const NO_COUNTERS: Counters = { sequence: 0, delivered: 0, inDoubt: 0 };

export const COUNTERS_KEY = Uint8Array.of(PREFIX.counters);

export function encodeCounters(counters: Counters): Uint8Array {
  const bytes = new Uint8Array(24);
  const end = writeVarint(
    bytes,
    writeVarint(bytes, writeVarint(bytes, 0, counters.sequence), counters.delivered),
    counters.inDoubt,
  );
  return bytes.subarray(0, end);
}

/** @throws {RangeError} */
export function decodeCounters(bytes: Uint8Array): Counters {
  const cursor = { bytes, at: 0 };
  return { sequence: readVarint(cursor), delivered: readVarint(cursor), inDoubt: readVarint(cursor) };
}
