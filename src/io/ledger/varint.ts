/** Reads numbers one after the other. */
export interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Seven bits a byte, low bits first. Numbers up to 2^53. Returns where the next byte goes. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let rest = value;
  let next = at;
  while (rest >= 0x80) {
    bytes[next++] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
  }
  bytes[next++] = rest;
  return next;
}

/** @throws {RangeError} when the bytes end inside the number, or it is over 2^53. */
export function readVarint(cursor: Cursor): number {
  let value = 0;
  let factor = 1;
  for (;;) {
    const byte = cursor.bytes[cursor.at];
    if (byte === undefined || factor > 2 ** 49) throw new RangeError('a number is cut off');
    cursor.at++;
    value += (byte & 0x7f) * factor;
    if (byte < 0x80) return value;
    factor *= 0x80;
  }
}

/** Small numbers of either sign become small numbers. */
export function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

export function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
