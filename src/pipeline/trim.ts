/** JSON's white space (RFC 8259, section 2): space, tab, line feed, carriage return. */
export function isWhiteSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

/** Where the record of a line begins: after a byte order mark and white space. */
export function trimStart(bytes: Uint8Array, from: number, to: number): number {
  let start = from;
  if (bytes[start] === 0xef && start + 2 < to && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf) start += 3;
  while (start < to && isWhiteSpace(bytes[start]!)) start += 1;
  return start;
}

/** Where the record of a line ends, not before `start`. */
export function trimEnd(bytes: Uint8Array, start: number, to: number): number {
  let end = to;
  while (end > start && isWhiteSpace(bytes[end - 1]!)) end -= 1;
  return end;
}
