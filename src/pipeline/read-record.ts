import { isAscii, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Origin } from '../core/origin.js';
import type { Rejection } from '../core/rejection.js';
import type { Examination, QuickLook, RecordRules, Sighting } from '../core/target.js';
import type { Columns } from './columns.js';
import { isTooDeep, MOST_DEPTH } from './depth.js';
import { ParseFailure, parseRecord } from './parse.js';
import { type UnwrapSettings, unwrapEvents } from './unwrap-events.js';
import { unwrapReject } from './unwrap-reject.js';
import { validUtf8Length } from './utf8.js';

export interface RecordSettings {
  /** A longer record is rejected. */
  readonly maxLineBytes: number;
  /** `--unwrap`; undefined without it. */
  readonly unwrap?: UnwrapSettings | undefined;
}

const LINE_FEED = 10;
const RETURN = 13;

/** Parses, unwraps, checks and identifies the records of one slab, into its columns. */
export class RecordReader {
  readonly #bytes: Uint8Array;
  readonly #text: Buffer;
  readonly #encoding: 'latin1' | 'utf8' | undefined;
  readonly #quick: QuickLook | undefined;
  readonly #settings: RecordSettings;
  readonly #rules: RecordRules;
  readonly #columns: Columns;
  readonly #found: Examination = {
    rejection: undefined,
    warnings: [],
    id: '',
    subjectA: '',
    subjectB: '',
    splice: undefined,
  };

  readonly #seen: Sighting = {
    idStart: 0,
    idEnd: 0,
    subjectAStart: 0,
    subjectAEnd: 0,
    subjectBStart: 0,
    subjectBEnd: 0,
    date: 0,
    crossedLine: false,
  };

  constructor(bytes: Uint8Array, settings: RecordSettings, rules: RecordRules, columns: Columns) {
    this.#bytes = bytes;
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    // ASCII text is decoded faster as Latin 1, of which it is a part.
    this.#encoding = isAscii(bytes) ? 'latin1' : isUtf8(bytes) ? 'utf8' : undefined;
    // In a slab with an invalid byte somewhere, each record is looked at for itself.
    this.#quick = this.#encoding === undefined || settings.unwrap !== undefined ? undefined : rules.quickLook;
    this.#settings = settings;
    this.#rules = rules;
    this.#columns = columns;
  }

  /**
   * Reads the line that begins at `start` when it is an ordinary event and nothing else.
   * @returns the index after its line end; -1 for any other line, of which nothing was read then
   */
  quickLine(start: number, line: number): number {
    const bytes = this.#bytes;
    const after = this.#look(start, bytes.length);
    if (after < 0 || this.#seen.crossedLine || after - start > this.#settings.maxLineBytes) return -1;
    const lineEnd = bytes[after] === RETURN ? after + 1 : after;
    if (lineEnd < bytes.length && bytes[lineEnd] !== LINE_FEED) return -1;
    this.#columns.takeSighting(this.#add(start, after, line, 0), this.#seen, this.#quick!.subjectKinds);
    return lineEnd + 1;
  }

  /** Reads the element [start, end) when it is an ordinary event. @returns false for any other, which was not read */
  quickElement(start: number, end: number, line: number, element: number): boolean {
    if (this.#look(start, end) !== end) return false;
    this.#columns.takeSighting(this.#add(start, end, line, element), this.#seen, this.#quick!.subjectKinds);
    return true;
  }

  /** @param element the array element that it is, from 1; 0 for a line */
  read(start: number, end: number, line: number, element: number): void {
    const columns = this.#columns;
    const encoding = this.#encoding;
    if (encoding === undefined && !isUtf8(this.#bytes.subarray(start, end))) {
      const offset = validUtf8Length(this.#bytes.subarray(start, end));
      const detail = `not valid UTF-8 at byte ${offset + 1} of the record`;
      const errors = [{ path: '', message: 'not valid UTF-8', detail }];
      columns.reject(this.#add(start, end, line, element), { reason: 'invalid_utf8', errors });
      return;
    }
    if (isTooDeep(this.#bytes, start, end)) {
      const message = `nested more than ${MOST_DEPTH.toLocaleString('en-US')} brackets deep`;
      columns.reject(this.#add(start, end, line, element), {
        reason: 'invalid_json',
        errors: [{ path: '', message: 'nested too deep', detail: message }],
      });
      return;
    }
    const value = parseRecord(this.#text.toString(encoding ?? 'utf8', start, end));
    if (value instanceof ParseFailure) {
      columns.reject(this.#add(start, end, line, element), invalidJson(value));
      return;
    }
    const reject = unwrapReject(value, this.#bytes, start, end);
    if (reject === undefined) this.#enter(value, start, end, line, element, undefined);
    else if (reject.event === undefined) {
      columns.keepRejectLine(this.#add(start, end, line, element), reject.origin, reject.rejection);
    } else {
      const { event, origin } = reject;
      this.#enter(event.value, event.start, event.end, line, element, origin);
    }
  }

  /** A record that is longer than `maxLineBytes`. */
  tooLong(start: number, end: number, line: number, element: number): void {
    const sha256 = createHash('sha256').update(this.#bytes.subarray(start, end)).digest('hex');
    this.#columns.overlong(this.#add(start, end, line, element), { length: end - start, sha256 });
  }

  /** @param first where it stood first, when it came in a line of a rejects file */
  #enter(value: unknown, start: number, end: number, line: number, element: number, first: Origin | undefined): void {
    const { unwrap } = this.#settings;
    const wrapped = unwrap === undefined ? undefined : unwrapEvents(value, this.#bytes, start, end, unwrap);
    if (wrapped === undefined) {
      const at = this.#add(start, end, line, element);
      if (first !== undefined) this.#columns.cameFrom(at, first);
      this.#examine(value, at, start, end);
      return;
    }
    wrapped.forEach((event, i) => {
      const at = this.#add(event.start, event.end, line, element);
      this.#columns.inWrapping(at, i + 1);
      if (first !== undefined) this.#columns.cameFrom(at, { ...first, index: i + 1 });
      this.#examine(event.value, at, event.start, event.end);
    });
  }

  #examine(value: unknown, at: number, start: number, end: number): void {
    this.#rules.examine(value, this.#bytes, start, end, this.#found);
    this.#columns.take(at, this.#found);
  }

  #look(start: number, end: number): number {
    return this.#quick === undefined ? -1 : this.#quick.look(this.#bytes, start, end, this.#seen);
  }

  #add(start: number, end: number, line: number, element: number): number {
    const at = this.#columns.add(start, end, line);
    if (element > 0) this.#columns.inElement(at, element);
    return at;
  }
}

function invalidJson(failure: ParseFailure): Rejection {
  return { reason: 'invalid_json', errors: [{ path: '', message: 'not valid JSON', verbatim: failure.verbatim }] };
}
