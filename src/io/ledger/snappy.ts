import { readVarint } from './varint.js';

/**
 * Decompresses one Snappy block (its format_description.txt). LevelDB compresses so when it repairs a store; what it
 * writes for us is not compressed, for hashes don't shrink.
 * @throws {RangeError} when it is not such a block.
 */
export function unsnap(bytes: Uint8Array): Uint8Array {
  const cursor = { bytes, at: 0 };
  const size = readVarint(cursor);
  if (size > 64 * 1024 * 1024) throw new RangeError('an impossible length');
  const into = new Uint8Array(size);
  let to = 0;
  let at = cursor.at;
  const number = (count: number): number => {
    let value = 0;
    for (let byte = 0; byte < count; byte++) value += (bytes[at++] ?? Number.NaN) * 2 ** (8 * byte);
    return value;
  };
  while (at < bytes.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      const short = tag >>> 2;
      const length = 1 + (short < 60 ? short : number(short - 59));
      if (!(at + length <= bytes.length && to + length <= size)) throw new RangeError('a literal is cut off');
      into.set(bytes.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    const length = kind === 1 ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2);
    const distance = kind === 1 ? (tag >>> 5) * 256 + number(1) : number(kind === 2 ? 2 : 4);
    if (!(distance > 0 && distance <= to && to + length <= size)) throw new RangeError('a copy out of range');
    for (let byte = 0; byte < length; byte++, to++) into[to] = into[to - distance]!;
  }
  if (to !== size) throw new RangeError('a block is cut off');
  return into;
}
