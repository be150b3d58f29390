import { objectLines } from './object-lines.js';
import { ParseFailure, parseRecord } from './parse.js';
import { isWhiteSpace } from './trim.js';

/** How JSON objects lie in a text that is not one of JSON lines. */
export type Shape =
  /** One behind the other on the same line. */
  | 'concatenated'
  /** Each over several lines. */
  | 'spread'
  /** Each on a line, with a comma behind it: an array without its brackets. */
  | 'commas';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/** Recognises the shape by the first object, which begins at `start`; undefined when it shows none. */
export function shapeOf(bytes: Uint8Array, start: number): Shape | undefined {
  if (bytes[start] !== 0x7b) return undefined;
  const end = objectEnd(bytes, start);
  if (end === undefined) return isAlone(bytes, start) ? 'spread' : undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  if (parseRecord(text) instanceof ParseFailure) return undefined;
  // Where the next line holds a whole object, only the first record is broken.
  if (text.includes('\n')) return objectLines(bytes, end, 1, true).count === 1 ? undefined : 'spread';
  let next = end;
  while (bytes[next] !== LINE_FEED && next < bytes.length && isWhiteSpace(bytes[next]!)) next += 1;
  const hasComma = bytes[next] === 0x2c;
  if (hasComma) next += 1;
  while (bytes[next] !== LINE_FEED && next < bytes.length && isWhiteSpace(bytes[next]!)) next += 1;
  if (hasComma && bytes[next] === LINE_FEED) return 'commas';
  return bytes[next] === 0x7b ? 'concatenated' : undefined;
}

/** The offset behind the object's closing brace; undefined when the bytes end before. */
function objectEnd(bytes: Uint8Array, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < bytes.length; at += 1) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at += 1;
      while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === 0x5c ? 2 : 1;
    } else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return undefined;
}

/** Is the opening brace all that stands on its line, and a key what stands on the next? No record begins like that. */
function isAlone(bytes: Uint8Array, start: number): boolean {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== LINE_FEED && isWhiteSpace(bytes[at]!)) at += 1;
  if (bytes[at] !== LINE_FEED) return false;
  while (at < bytes.length && isWhiteSpace(bytes[at]!)) at += 1;
  return bytes[at] === QUOTE;
}
