import { masked, nextCrc32c } from './crc32c.js';
import { blockHandles, type Handle, intactBlock } from './table-check.js';
import { readVarint } from './varint.js';

/** One entry as LevelDB keeps it in a table: `value` is undefined where the key was removed. */
export interface TableEntry {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
  /** The higher one of two entries of a key is the newer. */
  readonly sequence: number;
}

/** More than any block of ours: what is longer is no block. */
const LONGEST_BLOCK = 4 * 1024 * 1024;

/**
 * The entries of all intact blocks of a damaged table. LevelDB's own repair would read the damaged ones too, believe
 * them, and at times crash the process.
 */
export function* salvageTable(bytes: Buffer): Iterable<TableEntry> {
  for (const handle of blockHandles(bytes) ?? blocksFromStart(bytes)) {
    let block: Uint8Array;
    try {
      block = intactBlock(bytes, handle);
    } catch {
      continue;
    }
    yield* entriesOf(block);
  }
}

/** Without the index the blocks are found one after the other: one ends where its check is right. */
function* blocksFromStart(bytes: Buffer): Iterable<Handle> {
  let offset = 0;
  let state = nextCrc32c();
  for (let at = 0; at + 5 <= bytes.length && at - offset < LONGEST_BLOCK; at++) {
    state = nextCrc32c(state, bytes[at]!);
    const isType = bytes[at]! <= 1;
    if (!isType || at === offset || bytes.readUInt32LE(at + 1) !== masked(~state >>> 0)) continue;
    yield { offset, size: at - offset };
    offset = at + 5;
    at = offset - 1;
    state = nextCrc32c();
  }
}

/** Entries share the beginnings of their keys; a key ends with sequence number and kind (8 bytes). */
function* entriesOf(block: Uint8Array): Iterable<TableEntry> {
  const view = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  const end = view.length - 4 - 4 * view.readUInt32LE(view.length - 4);
  const cursor = { bytes: block, at: 0 };
  let key: Buffer = Buffer.alloc(0);
  while (cursor.at < end) {
    const shared = readVarint(cursor);
    const own = readVarint(cursor);
    const valueLength = readVarint(cursor);
    key = Buffer.concat([key.subarray(0, shared), view.subarray(cursor.at, cursor.at + own)]);
    const valueAt = cursor.at + own;
    cursor.at = valueAt + valueLength;
    // Blocks of handles and filters are intact too, but hold no such entries.
    if (key.length < 9 || cursor.at > end) return;
    const kind = key[key.length - 8]!;
    yield {
      key: key.subarray(0, -8),
      value: kind === 1 ? block.subarray(valueAt, cursor.at) : undefined,
      sequence: key.readUIntLE(key.length - 7, 6),
    };
  }
}
