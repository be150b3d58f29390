import { ParseFailure, parseRecord } from './parse.js';
import { trimEnd, trimStart } from './trim.js';

const LINE_FEED = 0x0a;
const OPENING_BRACE = 0x7b;

/** What was found: so many lines in a row that are each one whole JSON object, and what ended the count. */
export interface ObjectLines {
  readonly count: number;
  readonly endedBy: 'enough' | 'another_line' | 'end_of_bytes';
}

/**
 * Counts the lines from `from` on that hold one whole JSON object each, up to `enough`. Blank lines don't count.
 * @param isWhole nothing follows `bytes`; if not, a line without its end may go on and is not looked at
 */
export function objectLines(bytes: Uint8Array, from: number, enough: number, isWhole: boolean): ObjectLines {
  let count = 0;
  for (let at = from; count < enough; ) {
    const feed = bytes.indexOf(LINE_FEED, at);
    if (feed < 0 && !isWhole) return { count, endedBy: 'end_of_bytes' };
    const lineEnd = feed < 0 ? bytes.length : feed;
    const start = trimStart(bytes, at, lineEnd);
    if (start < lineEnd && !isObject(bytes, start, trimEnd(bytes, start, lineEnd))) {
      return { count, endedBy: 'another_line' };
    }
    if (start < lineEnd) count += 1;
    if (feed < 0) return { count, endedBy: count < enough ? 'end_of_bytes' : 'enough' };
    at = feed + 1;
  }
  return { count, endedBy: 'enough' };
}

function isObject(bytes: Uint8Array, start: number, end: number): boolean {
  if (bytes[start] !== OPENING_BRACE) return false;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('utf8');
  return !(parseRecord(text) instanceof ParseFailure);
}
