import { crc32c, masked } from './crc32c.js';
import { unsnap } from './snappy.js';
import { type Cursor, readVarint } from './varint.js';

const FOOTER = 48;
/** After each block: how it is compressed (1 byte), masked CRC-32C (4). */
const TRAILER = 5;
const SNAPPY = 1;

/** Where a block stands. */
export interface Handle {
  readonly offset: number;
  readonly size: number;
}

/**
 * Tells what is wrong with a file in LevelDB's table format (table_format.md), or undefined. Every byte is checked:
 * LevelDB as we can open it (no "paranoid checks") verifies none when it reads, so a flipped bit would alter an id, or
 * make a filter deny one.
 */
export function checkTable(bytes: Buffer): string | undefined {
  try {
    if (bytes.length < FOOTER) return 'it is cut off';
    const footer = bytes.length - FOOTER;
    if (bytes.readUInt32LE(bytes.length - 8) !== 0x8b80fb57 || bytes.readUInt32LE(bytes.length - 4) !== 0xdb477524) {
      return 'it is cut off';
    }
    const cursor: Cursor = { bytes, at: footer };
    const meta = readHandle(cursor);
    const index = readHandle(cursor);
    // The handles are padded with zeros up to the magic number.
    if (bytes.subarray(cursor.at, bytes.length - 8).some((byte) => byte !== 0)) return 'its end was altered';
    const handles = [meta, index, ...handlesIn(intactBlock(bytes, meta)), ...handlesIn(intactBlock(bytes, index))];
    handles.sort((a, b) => a.offset - b.offset);
    let end = 0;
    for (const handle of handles) {
      if (handle.offset !== end) return `there is a gap at byte ${end}`;
      if (handle !== meta && handle !== index) checkBlock(bytes, handle);
      end = handle.offset + handle.size + TRAILER;
    }
    return end === footer ? undefined : `there is a gap at byte ${end}`;
  } catch (error) {
    return (error as Error).message;
  }
}

/** Where the blocks with the entries are; undefined when the index is not intact. */
export function blockHandles(bytes: Buffer): readonly Handle[] | undefined {
  try {
    const cursor: Cursor = { bytes, at: bytes.length - FOOTER };
    readHandle(cursor);
    return handlesIn(intactBlock(bytes, readHandle(cursor)));
  } catch {
    return undefined;
  }
}

function readHandle(cursor: Cursor): Handle {
  return { offset: readVarint(cursor), size: readVarint(cursor) };
}

function checkBlock(bytes: Buffer, { offset, size }: Handle): void {
  const end = offset + size;
  if (end + TRAILER > bytes.length) throw new RangeError('a block is cut off');
  if (bytes.readUInt32LE(end + 1) !== masked(crc32c(bytes, offset, end + 1))) {
    throw new RangeError(`the block at byte ${offset} fails its check`);
  }
}

/** A block, decompressed. @throws {RangeError} when it is not what was written */
export function intactBlock(bytes: Buffer, handle: Handle): Uint8Array {
  checkBlock(bytes, handle);
  const block = bytes.subarray(handle.offset, handle.offset + handle.size);
  return bytes[handle.offset + handle.size] === SNAPPY ? unsnap(block) : block;
}

/** The handles that a block of handles holds: entries, then restart points (4 bytes each) and their number (4). */
function handlesIn(block: Uint8Array): Handle[] {
  const view = Buffer.from(block.buffer, block.byteOffset, block.byteLength);
  if (view.length < 4) throw new RangeError('a block is cut off');
  const end = view.length - 4 - 4 * view.readUInt32LE(view.length - 4);
  const handles: Handle[] = [];
  const cursor: Cursor = { bytes: block, at: 0 };
  while (cursor.at < end) {
    readVarint(cursor);
    const ownKeyBytes = readVarint(cursor);
    const valueBytes = readVarint(cursor);
    const value: Cursor = { bytes: block, at: cursor.at + ownKeyBytes };
    handles.push(readHandle(value));
    cursor.at += ownKeyBytes + valueBytes;
  }
  return handles;
}
