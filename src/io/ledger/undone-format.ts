import { FLAG, readRecord, type StoredRecord, sealRecord } from './record-format.js';
import { type Cursor, readVarint, unzigzag, writeVarint, zigzag } from './varint.js';

/** What is stored of an id that was taken back. */
export interface StoredUndone {
  /** As it was delivered. */
  readonly record: StoredRecord;
  readonly undoing: boolean;
  /** The run that took it back, as a number, and when, in milliseconds since the start of that run. */
  readonly run: number;
  readonly sinceStart: number;
}

/** A record, and behind it run and time (zigzag) of the undo as varints, all under the record's check. */
export function encodeUndone(
  delivered: Uint8Array,
  hash: Uint8Array,
  undo: Omit<StoredUndone, 'record'>,
): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(delivered.length + 2 * 8);
  whole.set(delivered);
  const end = writeVarint(whole, writeVarint(whole, delivered.length, undo.run), zigzag(undo.sinceStart));
  const value = whole.slice(0, end);
  if (undo.undoing) value[0]! |= FLAG.undoing;
  else value[0]! &= ~FLAG.undoing;
  sealRecord(value, hash);
  return value;
}

/** @throws {RangeError} when the value was altered, or belongs to another id */
export function decodeUndone(value: Uint8Array, hash: Uint8Array): StoredUndone {
  const cursor: Cursor = { bytes: value, at: 0 };
  const { flags, ...record } = readRecord(cursor, hash);
  const run = readVarint(cursor);
  const sinceStart = unzigzag(readVarint(cursor));
  const undoing = (flags & FLAG.undoing) !== 0;
  return { record: { ...record, flags: flags & ~FLAG.undoing }, undoing, run, sinceStart };
}

/** The record alone, as it stood under the delivered ids. @throws {RangeError} */
export function deliveredIn(value: Uint8Array, hash: Uint8Array): Uint8Array<ArrayBuffer> {
  const cursor: Cursor = { bytes: value, at: 0 };
  readRecord(cursor, hash);
  const record = value.slice(0, cursor.at) as Uint8Array<ArrayBuffer>;
  record[0]! &= ~FLAG.undoing;
  sealRecord(record, hash);
  return record;
}
