const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;

export interface MemberRange {
  readonly keyStart: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Finds the value of a member of an object, as bytes. The bytes [start, end) must be one valid JSON object without
 * white space around it. Of members with the same name the last one counts, as it does for JSON.parse.
 * @param name must need no escapes in JSON; a key that is written with escapes is not found
 * @returns the offsets [start, end) of the value, without white space around it, and of the key's opening quote;
 * undefined when there is none
 */
export function memberRange(bytes: Uint8Array, start: number, end: number, name: string): MemberRange | undefined {
  let found: MemberRange | undefined;
  let at = start + 1;
  while (at < end - 1) {
    const keyStart = skipTo(bytes, at, QUOTE);
    if (keyStart >= end) break;
    const keyEnd = stringEnd(bytes, keyStart);
    const valueStart = skipSpace(bytes, skipTo(bytes, keyEnd, COLON) + 1);
    const valueEnd = endOfValue(bytes, valueStart, end - 1);
    if (isKey(bytes, keyStart + 1, keyEnd - 1, name)) {
      found = { keyStart, start: valueStart, end: trimmed(bytes, valueEnd) };
    }
    at = valueEnd + 1;
  }
  return found;
}

/**
 * The bytes to leave out so that the object is the one without this member: the member, and the comma that parts it
 * from the next, or from the one before if it is the last. Conditions and result as for {@link memberRange}.
 */
export function memberWithComma(
  bytes: Uint8Array,
  start: number,
  end: number,
  name: string,
): { readonly start: number; readonly end: number } | undefined {
  const member = memberRange(bytes, start, end, name);
  if (member === undefined) return undefined;
  const after = skipSpace(bytes, member.end);
  if (bytes[after] === COMMA) return { start: member.keyStart, end: skipSpace(bytes, after + 1) };
  const before = trimmed(bytes, member.keyStart);
  if (bytes[before - 1] === COMMA) return { start: trimmed(bytes, before - 1), end: member.end };
  return { start: member.keyStart, end: member.end };
}

/** The offset behind a string that begins at `quote`. */
function stringEnd(bytes: Uint8Array, quote: number): number {
  let at = quote + 1;
  while (bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

/** The offset of the comma or bracket that ends the value. */
function endOfValue(bytes: Uint8Array, start: number, end: number): number {
  let depth = 0;
  let at = start;
  while (at < end) {
    const byte = bytes[at]!;
    if (byte === QUOTE) {
      at = stringEnd(bytes, at);
      continue;
    }
    if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    else if (byte === COMMA && depth === 0) return at;
    at += 1;
  }
  return end;
}

function skipTo(bytes: Uint8Array, from: number, wanted: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== wanted) at += 1;
  return at;
}

function skipSpace(bytes: Uint8Array, from: number): number {
  let at = from;
  while (isSpace(bytes[at])) at += 1;
  return at;
}

function trimmed(bytes: Uint8Array, end: number): number {
  let at = end;
  while (isSpace(bytes[at - 1])) at -= 1;
  return at;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}

function isKey(bytes: Uint8Array, start: number, end: number, name: string): boolean {
  if (end - start !== name.length) return false;
  for (let i = 0; i < name.length; i += 1) if (bytes[start + i] !== name.charCodeAt(i)) return false;
  return true;
}
