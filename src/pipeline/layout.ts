import { scanArray } from '../core/json-scan.js';
import { objectLines } from './object-lines.js';
import { isWhiteSpace, trimEnd, trimStart } from './trim.js';

/** How records lie in a text: one per line, or as the elements of JSON arrays. */
export type Layout = 'lines' | 'elements';

/** More of a text's beginning is not looked at. */
export const MOST_BYTES = 64 * 1024;
const LINE_FEED = 0x0a;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const COMMA = 0x2c;

/**
 * Tells the layout by a text's beginning. A text that begins with `[` is an array, unless its first element is no
 * object and its first line is a whole array with another line behind it: then those arrays are the records (a table,
 * say), and each is rejected as one. Nor is it an array when behind its first line, in which nothing ended, whole objects
 * stand on lines of their own, without commas: then only that line is damaged, and would swallow all the others.
 * @param isWhole nothing follows `head`
 * @returns undefined when more of the text is needed
 */
export function layoutOf(head: Uint8Array, isWhole: boolean): Layout | undefined {
  const isEnough = isWhole || head.length >= MOST_BYTES;
  const start = textStart(head);
  // The first byte or two of a byte order mark.
  if (head[start] === 0xef && head.length - start < 3 && !isWhole) return undefined;
  if (start === head.length) return isEnough ? 'lines' : undefined;
  if (head[start] !== OPENING_BRACKET) return 'lines';
  const first = firstByte(head, start + 1);
  if (first === undefined) return isEnough ? 'elements' : undefined;
  if (first === CLOSING_BRACKET) return 'elements';
  const lineEnd = head.indexOf(LINE_FEED, start);
  const line = head.subarray(start, lineEnd < 0 ? head.length : lineEnd);
  const { elements, problem } = scanArray(line);
  if (first === OPENING_BRACE && elements.length > 0) return 'elements';
  if (lineEnd < 0) return isEnough ? 'elements' : undefined;
  if (problem === 'trailing_bytes') return 'lines';
  if (problem === 'cut_off')
    return layoutBehind(line, head, lineEnd + 1, isWhole) ?? (isEnough ? 'elements' : undefined);
  if (firstByte(head, lineEnd + 1) !== undefined) return 'lines';
  return isEnough ? 'elements' : undefined;
}

/** The layout of a text whose first line opens an array, by the lines behind it. */
function layoutBehind(line: Uint8Array, head: Uint8Array, from: number, isWhole: boolean): Layout | undefined {
  const { count, endedBy } = objectLines(head, from, 2, isWhole);
  if (endedBy === 'enough') return 'lines';
  if (endedBy === 'another_line') return 'elements';
  if (!isWhole) return undefined;
  const last = line[trimEnd(line, 0, line.length) - 1];
  return count === 1 && last !== COMMA && last !== OPENING_BRACKET ? 'lines' : 'elements';
}

/** Where the text begins: behind white space and one byte order mark. */
export function textStart(head: Uint8Array): number {
  let at = 0;
  while (at < head.length && isWhiteSpace(head[at]!)) at += 1;
  return trimStart(head, at, head.length);
}

/** The first byte from `at` on that is no white space. */
export function firstByte(bytes: Uint8Array, at: number): number | undefined {
  let index = at;
  while (index < bytes.length && isWhiteSpace(bytes[index]!)) index += 1;
  return bytes[index];
}
