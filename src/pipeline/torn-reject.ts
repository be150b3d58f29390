import { ParseFailure, parseRecord } from './parse.js';

/** How every line of a rejects file that this program wrote begins. */
const MARK = '{"rejected":{"file":';

/** Whether a text begins as a rejects file does. */
export function beginsAsRejects(text: Uint8Array): boolean {
  return asText(text.subarray(0, MARK.length)) === MARK;
}

/**
 * Whether the last line of a text, which has no line end, is a line of a rejects file of which the end was never written:
 * a kill or a full disk tore it. The record in it still stands in its own file, which was not imported to its end.
 * @param inRejects the text begins as a rejects file does: then few bytes are enough to tell
 */
export function isTornReject(line: Uint8Array, inRejects: boolean): boolean {
  const begin = asText(line.subarray(0, MARK.length));
  if (inRejects ? !MARK.startsWith(begin) : begin !== MARK) return false;
  return line.length > 0 && parseRecord(asText(line)) instanceof ParseFailure;
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8');
}
