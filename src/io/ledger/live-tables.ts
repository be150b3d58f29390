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

/**
 * The numbers of the tables that a store consists of, as its manifest tells. Others in its folder were being written
 * when LevelDB was stopped, or were replaced: it removes them the next time it opens the store.
 * @returns undefined when the manifest holds something that we do not know
 */
export function liveTables(manifest: Buffer): ReadonlySet<number> | undefined {
  const live = new Set<number>();
  try {
    checkLog(manifest, (record) => applyEdit(record, live));
  } catch {
    return undefined;
  }
  return live;
}

/** @throws {RangeError} */
function applyEdit(record: Buffer, live: Set<number>): void {
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
      case NEW_FILE:
        readVarint(cursor);
        live.add(readVarint(cursor));
        readVarint(cursor);
        skipText(cursor);
        skipText(cursor);
        break;
      default:
        throw new RangeError(`unknown tag ${tag}`);
    }
  }
}

function skipText(cursor: Cursor): void {
  const length = readVarint(cursor);
  cursor.at += length;
}
