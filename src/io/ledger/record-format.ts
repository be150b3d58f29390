import { HASH_BYTES } from './keys.js';
import { type Cursor, readVarint, unzigzag, writeVarint, zigzag } from './varint.js';

/** What is stored per id. Run and file are numbers; their names stand in tables of their own. */
export interface StoredRecord {
  /** A set of `FLAG`s. */
  readonly flags: number;
  readonly run: number;
  readonly file: number;
  readonly line: number;
  readonly element: number | undefined;
  readonly index: number | undefined;
  /** Milliseconds since the start of the run. */
  readonly sinceStart: number;
  readonly fingerprint: readonly [number, number];
}

export const FLAG = {
  /** The target said that it had the event before. */
  hadBefore: 1,
  /** An operator recorded that it arrived. */
  settledByOperator: 2,
  /** It was in doubt already when this intent was recorded: forgetting the intent leaves the doubt. */
  doubtBefore: 4,
  /** The target said that it had the event, after a sending of this run that was never clearly answered. */
  maybeHadBefore: 32,
  /** Of an entry under `PREFIX.undone`: it is not known yet that it was deleted. */
  undoing: 64,
} as const;

const HAS_ELEMENT = 8;
const HAS_INDEX = 16;
const PLACE_FLAGS = HAS_ELEMENT | HAS_INDEX;

/** flags, check (2), fingerprint (8), then at most six numbers of at most 8 bytes. */
export const MAX_RECORD_BYTES = 11 + 6 * 8;

/**
 * Layout: flags (1 byte), check (2), fingerprint (two words, little-endian), then varints: run, file, line, time
 * (zigzag), and where flagged element and index. About 20 bytes. The check covers the id's hash and the rest, for
 * LevelDB itself does not verify what it reads.
 */
export function encodeRecord(
  into: Uint8Array,
  at: number,
  hash: Uint8Array,
  record: StoredRecord,
  /** Where the hash stands in its array. */
  hashAt = 0,
): number {
  const { element, index } = record;
  into[at] =
    (record.flags & ~PLACE_FLAGS) | (element === undefined ? 0 : HAS_ELEMENT) | (index === undefined ? 0 : HAS_INDEX);
  writeWord(into, at + 3, record.fingerprint[0]);
  writeWord(into, at + 7, record.fingerprint[1]);
  let end = writeVarint(into, at + 11, record.run);
  end = writeVarint(into, end, record.file);
  end = writeVarint(into, end, record.line);
  end = writeVarint(into, end, zigzag(record.sinceStart));
  if (element !== undefined) end = writeVarint(into, end, element);
  if (index !== undefined) end = writeVarint(into, end, index);
  writeCheck(into, at, end, hash, hashAt);
  return end;
}

/** @throws {RangeError} when the value was altered, or belongs to another id. */
export function decodeRecord(value: Uint8Array, hash: Uint8Array): StoredRecord {
  return readRecord({ bytes: value, at: 0 }, hash);
}

/** The same, leaving the cursor behind the record: what follows is covered by its check. */
export function readRecord(cursor: Cursor, hash: Uint8Array): StoredRecord {
  const value = cursor.bytes;
  if (value.length < 15 || (value[1]! | (value[2]! << 8)) !== checkOf(value, 0, value.length, hash)) {
    throw new RangeError('an entry was altered');
  }
  cursor.at = 11;
  const flags = value[0]!;
  const run = readVarint(cursor);
  const file = readVarint(cursor);
  const line = readVarint(cursor);
  const sinceStart = unzigzag(readVarint(cursor));
  const element = flags & HAS_ELEMENT ? readVarint(cursor) : undefined;
  const index = flags & HAS_INDEX ? readVarint(cursor) : undefined;
  const fingerprint: [number, number] = [readWord(value, 3), readWord(value, 7)];
  return { flags: flags & ~PLACE_FLAGS, run, file, line, element, index, sinceStart, fingerprint };
}

/** The same record with one more flag. */
export function withFlag(value: Uint8Array, hash: Uint8Array, flag: number): Uint8Array {
  const copy = Uint8Array.from(value);
  copy[0]! |= flag;
  sealRecord(copy, hash);
  return copy;
}

/** Makes the check of a whole value anew, after it was changed. */
export function sealRecord(value: Uint8Array, hash: Uint8Array): void {
  writeCheck(value, 0, value.length, hash);
}

function writeCheck(bytes: Uint8Array, at: number, end: number, hash: Uint8Array, hashAt = 0): void {
  const check = checkOf(bytes, at, end, hash, hashAt);
  bytes[at + 1] = check & 0xff;
  bytes[at + 2] = check >>> 8;
}

/** FNV-1a, folded to 16 bits. */
function checkOf(bytes: Uint8Array, start: number, end: number, hash: Uint8Array, hashAt = 0): number {
  let sum = Math.imul(0x811c9dc5 ^ bytes[start]!, 0x01000193);
  for (let at = 0; at < HASH_BYTES; at++) sum = Math.imul(sum ^ hash[hashAt + at]!, 0x01000193);
  for (let at = start + 3; at < end; at++) sum = Math.imul(sum ^ bytes[at]!, 0x01000193);
  return ((sum >>> 16) ^ sum) & 0xffff;
}

function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word;
  bytes[at + 1] = word >>> 8;
  bytes[at + 2] = word >>> 16;
  bytes[at + 3] = word >>> 24;
}

function readWord(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
