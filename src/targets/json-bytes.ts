/**
 * The grammar of JSON (RFC 8259) over bytes, strictly as JSON.parse has it. Each function takes the index at which
 * something begins and returns the index behind it, or -1 where no such thing stands. Bytes from 0x80 on pass inside
 * texts: that they are UTF-8 is checked elsewhere.
 */

/** Set when `skipSpace`, or what uses it, passed a line feed. */
export const passed = { lineFeed: false };

/** Open brackets that `skipValue` follows; deeper values give -1. */
const MOST_DEPTH = 30;

/** From `i` to the next byte that is no white space. */
export function skipSpace(bytes: Uint8Array, i: number): number {
  for (;;) {
    const byte = bytes[i];
    if (byte === 0x0a) passed.lineFeed = true;
    else if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return i;
    i++;
  }
}

/** Passes over any JSON value. Which brackets are open stands in the bits of `open`: 1 for an object. */
export function skipValue(bytes: Uint8Array, i: number, end: number): number {
  let open = 0;
  let depth = 0;
  for (;;) {
    const first = bytes[i];
    if (first === 0x22) {
      i = skipText(bytes, i, end);
    } else if (first === 0x7b || first === 0x5b) {
      const isObject = first === 0x7b;
      i = skipSpace(bytes, i + 1);
      if (bytes[i] !== (isObject ? 0x7d : 0x5d)) {
        if (depth === MOST_DEPTH) return -1;
        depth++;
        open = (open << 1) | (isObject ? 1 : 0);
        if (isObject) i = skipKey(bytes, i, end);
        if (i < 0 || i >= end) return -1;
        continue;
      }
      i++;
    } else {
      i = skipScalar(bytes, i, end);
    }
    // Behind a value: close what ends here, up to the next value.
    for (;;) {
      if (i < 0 || i > end) return -1;
      if (depth === 0) return i;
      i = skipSpace(bytes, i);
      const isObject = (open & 1) === 1;
      if (bytes[i] === 0x2c) {
        i = skipSpace(bytes, i + 1);
        if (isObject) i = skipKey(bytes, i, end);
        if (i < 0 || i >= end) return -1;
        break;
      }
      if (bytes[i] !== (isObject ? 0x7d : 0x5d)) return -1;
      open >>>= 1;
      depth--;
      i++;
    }
  }
}

/** From a key's opening quote to the value. */
function skipKey(bytes: Uint8Array, i: number, end: number): number {
  if (bytes[i] !== 0x22) return -1;
  i = skipText(bytes, i, end);
  if (i < 0) return -1;
  i = skipSpace(bytes, i);
  return bytes[i] === 0x3a ? skipSpace(bytes, i + 1) : -1;
}

/** The index after the text whose opening quote stands at `i`; -1 where it is none. */
export function skipText(bytes: Uint8Array, i: number, end: number): number {
  for (i++; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x22) return i + 1;
    if (byte < 0x20) return -1;
    if (byte !== 0x5c) continue;
    i++;
    const escaped = bytes[i];
    if (escaped === 0x75) {
      for (const last = i + 4; i < last; ) if (!isHex(bytes[++i])) return -1;
    } else if (!isEscape(escaped)) return -1;
  }
  return -1;
}

/** The same for a text of ASCII without escapes: -1 for any other. */
export function skipPlainText(bytes: Uint8Array, i: number, end: number): number {
  for (i++; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x22) return i + 1;
    if (byte < 0x20 || byte === 0x5c || byte > 0x7e) return -1;
  }
  return -1;
}

/** `"`, `\`, `/`, `b`, `f`, `n`, `r`, `t` */
function isEscape(byte: number | undefined): boolean {
  return (
    byte === 0x22 ||
    byte === 0x5c ||
    byte === 0x2f ||
    byte === 0x62 ||
    byte === 0x66 ||
    byte === 0x6e ||
    byte === 0x72 ||
    byte === 0x74
  );
}

function isHex(byte: number | undefined): boolean {
  return byte !== undefined && (isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66));
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
}

/** The index after a number, `true`, `false` or `null`; -1 where none stands. */
export function skipScalar(bytes: Uint8Array, i: number, end: number): number {
  const first = bytes[i];
  if (first === 0x74) return matches(TRUE, bytes, i) ? i + 4 : -1;
  if (first === 0x66) return matches(FALSE, bytes, i) ? i + 5 : -1;
  if (first === 0x6e) return matches(NULL, bytes, i) ? i + 4 : -1;
  if (first === 0x2d) i++;
  if (!isDigit(bytes[i])) return -1;
  if (bytes[i] === 0x30) i++;
  else while (i < end && isDigit(bytes[i])) i++;
  if (bytes[i] === 0x2e) {
    if (!isDigit(bytes[++i])) return -1;
    while (i < end && isDigit(bytes[i])) i++;
  }
  if (((bytes[i] ?? 0) | 0x20) === 0x65) {
    i++;
    if (bytes[i] === 0x2b || bytes[i] === 0x2d) i++;
    if (!isDigit(bytes[i])) return -1;
    while (i < end && isDigit(bytes[i])) i++;
  }
  return i;
}

/** Do the expected bytes stand at `at`? */
export function matches(expected: Uint8Array, bytes: Uint8Array, at: number): boolean {
  for (let k = 0; k < expected.length; k++) if (bytes[at + k] !== expected[k]) return false;
  return true;
}

const ascii = new TextEncoder();
const TRUE = ascii.encode('true');
const FALSE = ascii.encode('false');
const NULL = ascii.encode('null');
