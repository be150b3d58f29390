import { isDateTimeAt } from './date-time.js';
import { matches, passed, skipPlainText, skipScalar, skipSpace, skipText, skipValue } from './json-bytes.js';
import { KIND, type Member, type SchemaPart, type Shape, shapeOf } from './scan-shape.js';

/**
 * Holds a record's bytes against a schema without parsing them: no text, no object, one pass. It says yes only where
 * parser and schema surely would. In doubt (a field that the schema does not name, a key that stands twice, an escape
 * where the text itself counts, anything that the schema or the grammar of JSON refuses) it says nothing, and whoever
 * asked parses the record, for the exact findings. That its yes is right is held by a property test against both.
 *
 * A schema may use `type`, `minLength` (0 or 1), `enum` of texts, `format: date-time`, `properties`, `required`,
 * `items`, `additionalProperties` as a schema, and `anyOf` for "one of these members is a text that is not empty".
 */
export interface SchemaScan {
  /**
   * @param bytes must be valid UTF-8, at least from `start` to the end of the record
   * @param end the record ends here or before
   * @returns the index after the object that begins at `start`; -1 in doubt
   */
  scan(bytes: Uint8Array, start: number, end: number): number;
  /** After a yes: a line feed stands between the record's tokens. */
  readonly crossedLine: boolean;
  /**
   * After a yes: first byte of each captured text, and the byte after its last; both 0 for one that is not there.
   * Such a text is ASCII without escapes.
   */
  readonly captured: Int32Array;
}

/**
 * @param captures JSON Pointers of the texts to capture, at most once per object
 * @throws {RangeError} when the schema uses what can't be scanned
 */
export function createSchemaScan(schema: object, captures: readonly string[]): SchemaScan {
  const root = shapeOf(schema as SchemaPart, '', captures);
  const captured = new Int32Array(captures.length * 2);

  function scanValue(bytes: Uint8Array, i: number, end: number, shape: Shape): number {
    const first = bytes[i];
    if (first === 0x22) return (shape.kinds & KIND.string) === 0 ? -1 : scanText(bytes, i, end, shape);
    if (first === 0x7b) {
      if ((shape.kinds & KIND.object) === 0) return -1;
      if (shape.members !== undefined) return scanMembers(bytes, i, end, shape, shape.members);
      return shape.values === undefined ? skipValue(bytes, i, end) : scanFreeKeys(bytes, i, end, shape.values);
    }
    if (first === 0x5b) {
      if ((shape.kinds & KIND.array) === 0) return -1;
      return shape.items === undefined ? skipValue(bytes, i, end) : scanItems(bytes, i, end, shape.items);
    }
    const kind = first === 0x74 || first === 0x66 ? KIND.boolean : first === 0x6e ? KIND.null : KIND.number;
    return (shape.kinds & kind) === 0 ? -1 : skipScalar(bytes, i, end);
  }

  function scanText(bytes: Uint8Array, i: number, end: number, shape: Shape): number {
    if (shape.isNotEmpty && bytes[i + 1] === 0x22) return -1;
    const after = shape.slot < 0 ? skipText(bytes, i, end) : skipPlainText(bytes, i, end);
    if (after < 0) return -1;
    if (shape.isDateTime && !isDateTimeAt(bytes, i + 1, after - 1)) return -1;
    if (shape.choices !== undefined && !isOneOf(shape.choices, bytes, i + 1, after)) return -1;
    if (shape.slot >= 0) {
      captured[shape.slot] = i + 1;
      captured[shape.slot + 1] = after - 1;
    }
    return after;
  }

  function scanMembers(bytes: Uint8Array, i: number, end: number, shape: Shape, members: readonly Member[]): number {
    let seen = 0;
    let notEmpty = 0;
    let before: Shape | Member = shape;
    i = skipSpace(bytes, i + 1);
    if (bytes[i] === 0x7d) return shape.required === 0 && shape.oneNotEmpty === 0 ? i + 1 : -1;
    for (;;) {
      if (bytes[i] !== 0x22) return -1;
      let member: Member | undefined = before.guess;
      if (member === undefined || !matches(member.key, bytes, i + 1)) {
        member = find(members, bytes, i + 1);
        if (member === undefined) return -1;
        before.guess = member;
      }
      before = member;
      if ((seen & member.bit) !== 0) return -1;
      seen |= member.bit;
      i += 1 + member.key.length;
      if (bytes[i] !== 0x3a) i = skipSpace(bytes, i);
      if (bytes[i] !== 0x3a) return -1;
      i++;
      if (bytes[i]! <= 0x20) i = skipSpace(bytes, i);
      if (bytes[i] === 0x22 && bytes[i + 1] !== 0x22) notEmpty |= member.bit;
      i = scanValue(bytes, i, end, member.shape);
      if (i < 0 || i >= end) return -1;
      if (bytes[i]! <= 0x20) i = skipSpace(bytes, i);
      if (bytes[i] === 0x7d) break;
      if (bytes[i] !== 0x2c) return -1;
      i++;
      if (bytes[i]! <= 0x20) i = skipSpace(bytes, i);
    }
    if ((seen & shape.required) !== shape.required) return -1;
    return shape.oneNotEmpty !== 0 && (notEmpty & shape.oneNotEmpty) === 0 ? -1 : i + 1;
  }

  function scanFreeKeys(bytes: Uint8Array, i: number, end: number, values: Shape): number {
    i = skipSpace(bytes, i + 1);
    if (bytes[i] === 0x7d) return i + 1;
    for (;;) {
      if (bytes[i] !== 0x22) return -1;
      i = skipText(bytes, i, end);
      if (i < 0) return -1;
      i = skipSpace(bytes, i);
      if (bytes[i] !== 0x3a) return -1;
      i = scanValue(bytes, skipSpace(bytes, i + 1), end, values);
      if (i < 0 || i >= end) return -1;
      i = skipSpace(bytes, i);
      if (bytes[i] === 0x7d) return i + 1;
      if (bytes[i] !== 0x2c) return -1;
      i = skipSpace(bytes, i + 1);
    }
  }

  function scanItems(bytes: Uint8Array, i: number, end: number, items: Shape): number {
    i = skipSpace(bytes, i + 1);
    if (bytes[i] === 0x5d) return i + 1;
    for (;;) {
      i = scanValue(bytes, i, end, items);
      if (i < 0 || i >= end) return -1;
      i = skipSpace(bytes, i);
      if (bytes[i] === 0x5d) return i + 1;
      if (bytes[i] !== 0x2c) return -1;
      i = skipSpace(bytes, i + 1);
    }
  }

  return {
    scan(bytes, start, end) {
      passed.lineFeed = false;
      captured.fill(0);
      if (bytes[start] !== 0x7b) return -1;
      const after = scanValue(bytes, start, end, root);
      return after > end ? -1 : after;
    },
    get crossedLine() {
      return passed.lineFeed;
    },
    captured,
  };
}

function find(members: readonly Member[], bytes: Uint8Array, at: number): Member | undefined {
  for (let m = 0; m < members.length; m++) if (matches(members[m]!.key, bytes, at)) return members[m];
  return undefined;
}

/** @param after the index after the closing quote */
function isOneOf(choices: readonly Uint8Array[], bytes: Uint8Array, start: number, after: number): boolean {
  for (let c = 0; c < choices.length; c++) {
    if (choices[c]!.length === after - start && matches(choices[c]!, bytes, start)) return true;
  }
  return false;
}
