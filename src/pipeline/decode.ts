import { isAscii, isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { Block, LineSlab, OverlongSlab, Slab } from '../core/block.js';
import type { Rejection } from '../core/rejection.js';
import type { Examination, RecordRules } from '../core/target.js';
import { Columns } from './columns.js';
import { ParseFailure, parseRecord } from './parse.js';
import { trimEnd, trimStart } from './trim.js';
import { unwrapReject } from './unwrap-reject.js';
import { validUtf8Length } from './utf8.js';

export interface DecodeSettings {
  /** A longer record is rejected. */
  readonly maxLineBytes: number;
  /** The secret with which ids, contents and subjects are hashed. */
  readonly secret: Uint32Array;
}

export type Decode = (slab: Slab) => Block;

const LINE_FEED = 10;

/**
 * Makes the pure function from a slab of bytes to a block: cuts it into lines, and parses, checks and identifies each
 * record. It runs on the main thread or in a worker thread unchanged.
 */
export function createDecode(settings: DecodeSettings, rules: RecordRules): Decode {
  return (slab) => (slab.kind === 'lines' ? decodeLines(slab, settings, rules) : decodeOverlong(slab, settings));
}

function decodeLines({ bytes }: LineSlab, settings: DecodeSettings, rules: RecordRules): Block {
  const columns = new Columns(bytes, settings);
  const encoding = isAscii(bytes) ? 'latin1' : isUtf8(bytes) ? 'utf8' : undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const found: Examination = {
    rejection: undefined,
    warnings: [],
    id: '',
    subjectA: '',
    subjectB: '',
    splice: undefined,
  };
  const examine = (value: unknown, at: number, start: number, end: number): void => {
    const wrapped = unwrapReject(value, bytes, start, end);
    if (wrapped === undefined) {
      rules.examine(value, bytes, start, end, found);
      columns.take(at, found);
    } else if (wrapped.event === undefined) {
      columns.keepRejectLine(at, wrapped.origin, wrapped.rejection);
    } else {
      const { event, origin } = wrapped;
      columns.unwrap(at, event.start, event.end, origin);
      rules.examine(event.value, bytes, event.start, event.end, found);
      columns.take(at, found);
    }
  };
  let lines = 0;
  for (let from = 0; from < bytes.length; lines += 1) {
    const feed = text.indexOf(LINE_FEED, from);
    const lineEnd = feed < 0 ? bytes.length : feed;
    const start = trimStart(bytes, from, lineEnd);
    const end = trimEnd(bytes, start, lineEnd);
    from = lineEnd + 1;
    if (start === end) continue;
    const at = columns.add(start, end, lines);
    if (end - start > settings.maxLineBytes) {
      const sha256 = createHash('sha256').update(bytes.subarray(start, end)).digest('hex');
      columns.overlong(at, { length: end - start, sha256 });
    } else if (encoding === undefined && !isUtf8(bytes.subarray(start, end))) {
      const offset = validUtf8Length(bytes.subarray(start, end));
      const detail = `not valid UTF-8 at byte ${offset + 1} of the record`;
      columns.reject(at, { reason: 'invalid_utf8', errors: [{ path: '', message: 'not valid UTF-8', detail }] });
    } else {
      const value = parseRecord(text.toString(encoding ?? 'utf8', start, end));
      if (value instanceof ParseFailure) {
        columns.reject(at, invalidJson(value));
      } else {
        examine(value, at, start, end);
      }
    }
  }
  return columns.block(lines);
}

/** A line that was too long to be held: its first KiB stands for it. */
function decodeOverlong(slab: OverlongSlab, settings: DecodeSettings): Block {
  const columns = new Columns(slab.head, settings);
  columns.overlong(columns.add(0, slab.head.length, 0), slab);
  return columns.block(1);
}

function invalidJson(failure: ParseFailure): Rejection {
  return { reason: 'invalid_json', errors: [{ path: '', message: 'not valid JSON', verbatim: failure.verbatim }] };
}
