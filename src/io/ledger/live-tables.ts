import { checkLog } from './log-check.js';
import { type Cursor, readVarint } from './varint.js';

/** What a record of a manifest holds (LevelDB's version_edit.cc): a tag, and behind it what belongs to it. */
const COMPARATOR = 1;
const LOG_NUMBER = 2;
const NEXT_FILE = 3;
const LAST_SEQUENCE = 4;
const COMPACT_POINTER = 5;
const DELETED_FILE = 6;
const NEW_FILE = 7;
const PREVIOUS_LOG = 9;

/** Behind a key stand its sequence number and its kind. */
const KEY_SUFFIX = 8;

/** The first and the last key of a table. */
export interface TableRange {
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

/**
 * The tables that a store consists of, by number, as its manifest tells. Others in its folder were being written
 * when LevelDB was stopped, or were replaced: it removes them the next time it opens the store.
 * @returns undefined when the manifest holds something that we do not know
 */
export function liveTables(manifest: Buffer): ReadonlyMap<number, TableRange> | undefined {
  const live = new Map<number, TableRange>();
  try {
    checkLog(manifest, (record) => applyEdit(record, live));
  } catch {
    return undefined;
  }
  return live;
}

/** @throws {RangeError} */
function applyEdit(record: Buffer, live: Map<number, TableRange>): void {
  const cursor: Cursor = { bytes: record, at: 0 };
  while (cursor.at < record.length) {
    const tag = readVarint(cursor);
    switch (tag) {
      case COMPARATOR:
        skipText(cursor);
        break;
      case LOG_NUMBER:
      case NEXT_FILE:
      case LAST_SEQUENCE:
      case PREVIOUS_LOG:
        readVarint(cursor);
        break;
      case COMPACT_POINTER:
        readVarint(cursor);
        skipText(cursor);
        break;
      case DELETED_FILE:
        readVarint(cursor);
        live.delete(readVarint(cursor));
        break;
      case NEW_FILE: {
        readVarint(cursor);
        const number = readVarint(cursor);
        readVarint(cursor);
        live.set(number, { first: takeKey(cursor), last: takeKey(cursor) });
        break;
      }
      default:
        throw new RangeError(`unknown tag ${tag}`);
    }
  }
}

function skipText(cursor: Cursor): void {
  const length = readVarint(cursor);
  cursor.at += length;
}

function takeKey(cursor: Cursor): Uint8Array {
  const length = readVarint(cursor);
  cursor.at += length;
  return Uint8Array.from(cursor.bytes.subarray(cursor.at - length, cursor.at - KEY_SUFFIX));
}
