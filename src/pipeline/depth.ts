/**
 * How deep brackets may be nested. Real records stay below a hundred; a parser needs some 50 bytes for each, so a line of
 * nothing but brackets would take more than a gigabyte.
 */
export const MOST_DEPTH = 1_000_000;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Whether a record nests brackets deeper than `MOST_DEPTH`, as far as they can be told in what may be no JSON. */
export function isTooDeep(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= MOST_DEPTH) return false;
  let depth = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at += 1;
      while (at < end && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > MOST_DEPTH) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}
