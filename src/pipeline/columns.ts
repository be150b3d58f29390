import { type Block, warningBit } from '../core/block.js';
import type { Origin } from '../core/origin.js';
import type { Rejection } from '../core/rejection.js';
import { hashBytes64, hashText128, subjectHash } from '../core/siphash.js';
import { SlabHasher } from '../core/slab-hasher.js';
import type { Stamp } from '../core/stamp.js';
import type { Examination, QuickLook, Sighting } from '../core/target.js';

export interface ColumnSettings {
  /** The secret with which ids, contents and subjects are hashed. */
  readonly secret: Uint32Array;
  readonly maxLineBytes: number;
  /** Keep the event ids as text beside their hashes. */
  readonly keepIds?: boolean | undefined;
}

/** Fills the columns of a block, record by record. */
export class Columns {
  readonly #bytes: Uint8Array;
  readonly #settings: ColumnSettings;
  readonly #hasher: SlabHasher;
  readonly #ids: Map<number, string> | undefined;
  readonly #splices = new Map<number, Uint8Array>();
  readonly #stamps = new Map<number, Stamp>();
  readonly #rejections = new Map<number, Rejection>();
  readonly #origins = new Map<number, Origin>();
  readonly #rejectLines = new Set<number>();
  readonly #overlong = new Map<number, { length: number; sha256: string }>();
  #count = 0;
  #capacity: number;
  #start: Uint32Array;
  #end: Uint32Array;
  #line: Uint32Array;
  #element: Uint32Array | undefined;
  #index: Uint32Array | undefined;
  #idHash: Uint32Array;
  #fingerprint: Uint32Array;
  #subjects: Float64Array;
  #dates: Float64Array;
  #warnings: Uint16Array;

  constructor(bytes: Uint8Array, settings: ColumnSettings) {
    this.#bytes = bytes;
    this.#settings = settings;
    this.#hasher = new SlabHasher(settings.secret, bytes);
    this.#ids = settings.keepIds === true ? new Map() : undefined;
    const capacity = likelyCount(bytes);
    this.#capacity = capacity;
    this.#start = new Uint32Array(capacity);
    this.#end = new Uint32Array(capacity);
    this.#line = new Uint32Array(capacity);
    this.#idHash = new Uint32Array(capacity * 4);
    this.#fingerprint = new Uint32Array(capacity * 2);
    this.#subjects = new Float64Array(capacity * 2);
    this.#dates = new Float64Array(capacity);
    this.#warnings = new Uint16Array(capacity);
  }

  /** Adds the record [start, end) and returns its position. */
  add(start: number, end: number, line: number): number {
    if (this.#count === this.#capacity) this.#grow();
    const at = this.#count;
    this.#count += 1;
    this.#start[at] = start;
    this.#end[at] = end;
    this.#line[at] = line;
    return at;
  }

  /** The record is, or stands in, this element of an array, from 1. */
  inElement(at: number, element: number): void {
    this.#element ??= new Uint32Array(this.#capacity);
    this.#element[at] = element;
  }

  /** The record came wrapped: it is the `index`th in its line or element, from 1. */
  inWrapping(at: number, index: number): void {
    this.#index ??= new Uint32Array(this.#capacity);
    this.#index[at] = index;
  }

  reject(at: number, rejection: Rejection): void {
    this.#rejections.set(at, rejection);
  }

  overlong(at: number, { length, sha256 }: { readonly length: number; readonly sha256: string }): void {
    this.#overlong.set(at, { length, sha256 });
    const detail = `the record has ${length} bytes, and --max-line-bytes allows ${this.#settings.maxLineBytes}`;
    const message = 'longer than --max-line-bytes allows';
    this.reject(at, { reason: 'line_too_long', errors: [{ path: '', message, detail }] });
  }

  /** The record came in a line of a rejects file: it stood first at `origin`. */
  cameFrom(at: number, origin: Origin): void {
    this.#origins.set(at, origin);
  }

  /** A line of a rejects file that holds nothing to import. */
  keepRejectLine(at: number, origin: Origin, rejection: Rejection): void {
    this.#origins.set(at, origin);
    this.#rejectLines.add(at);
    this.reject(at, rejection);
  }

  /** Takes over what the target's rules found out about the record. */
  take(at: number, found: Examination): void {
    if (found.rejection !== undefined) {
      this.reject(at, found.rejection);
      return;
    }
    let warnings = 0;
    for (const name of found.warnings) warnings |= warningBit(name);
    this.#warnings[at] = warnings;
    const { secret } = this.#settings;
    hashText128(secret, found.id, this.#idHash, at * 4);
    this.#takeFingerprint(at, found);
    this.#dates[at] = found.date ?? Number.NaN;
    this.#ids?.set(at, found.id);
    if (found.subjectA !== '') this.#subjects[at * 2] = subjectHash(secret, found.subjectA);
    if (found.subjectB !== '') this.#subjects[at * 2 + 1] = subjectHash(secret, found.subjectB);
    if (found.splice !== undefined) this.#splices.set(at, found.splice);
    if (found.stamp !== undefined) this.#stamps.set(at, found.stamp);
  }

  /** Takes over what a quick look found: an event as it is, without a warning. */
  takeSighting(at: number, seen: Sighting, kinds: QuickLook['subjectKinds']): void {
    const hasher = this.#hasher;
    hasher.hash128(seen.idStart, seen.idEnd, this.#idHash, at * 4);
    hasher.hash64(this.#start[at]!, this.#end[at]!, this.#fingerprint, at * 2);
    this.#dates[at] = seen.date;
    this.#ids?.set(at, ascii(this.#bytes, seen.idStart, seen.idEnd));
    const { subjectAStart, subjectAEnd, subjectBStart, subjectBEnd } = seen;
    if (subjectAEnd > subjectAStart) this.#subjects[at * 2] = hasher.subject(kinds[0], subjectAStart, subjectAEnd);
    if (subjectBEnd > subjectBStart) this.#subjects[at * 2 + 1] = hasher.subject(kinds[1], subjectBStart, subjectBEnd);
  }

  block(lines: number): Block {
    return {
      bytes: this.#bytes,
      count: this.#count,
      lines,
      start: this.#start,
      end: this.#end,
      line: this.#line,
      element: this.#element,
      index: this.#index,
      idHash: this.#idHash,
      fingerprint: this.#fingerprint,
      subjects: this.#subjects,
      dates: this.#dates,
      ids: this.#ids,
      warnings: this.#warnings,
      splices: this.#splices,
      stamps: this.#stamps,
      rejections: this.#rejections,
      origins: this.#origins,
      rejectLines: this.#rejectLines,
      overlong: this.#overlong,
    };
  }

  /** Hashes the record's bytes, but not those that don't count. */
  #takeFingerprint(at: number, { leftOut }: Examination): void {
    const { secret } = this.#settings;
    const start = this.#start[at]!;
    const end = this.#end[at]!;
    if (leftOut === undefined) {
      this.#hasher.hash64(start, end, this.#fingerprint, at * 2);
      return;
    }
    const counting = new Uint8Array(end - start - (leftOut.end - leftOut.start));
    counting.set(this.#bytes.subarray(start, leftOut.start));
    counting.set(this.#bytes.subarray(leftOut.end, end), leftOut.start - start);
    hashBytes64(secret, counting, 0, counting.length, this.#fingerprint, at * 2);
  }

  #grow(): void {
    const wider = <T extends Uint32Array | Float64Array | Uint16Array>(old: T, fresh: T): T => {
      fresh.set(old);
      return fresh;
    };
    this.#capacity *= 2;
    this.#start = wider(this.#start, new Uint32Array(this.#capacity));
    this.#end = wider(this.#end, new Uint32Array(this.#capacity));
    this.#line = wider(this.#line, new Uint32Array(this.#capacity));
    if (this.#element !== undefined) this.#element = wider(this.#element, new Uint32Array(this.#capacity));
    if (this.#index !== undefined) this.#index = wider(this.#index, new Uint32Array(this.#capacity));
    this.#idHash = wider(this.#idHash, new Uint32Array(this.#capacity * 4));
    this.#fingerprint = wider(this.#fingerprint, new Uint32Array(this.#capacity * 2));
    this.#subjects = wider(this.#subjects, new Float64Array(this.#capacity * 2));
    this.#dates = wider(this.#dates, new Float64Array(this.#capacity));
    this.#warnings = wider(this.#warnings, new Uint16Array(this.#capacity));
  }
}

function ascii(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}

/** So many of the first bytes tell how long the records are. */
const SAMPLE_BYTES = 4096;

/** How many records the bytes seem to hold, and some more; the columns grow where there are more still. */
function likelyCount(bytes: Uint8Array): number {
  const sample = Math.min(SAMPLE_BYTES, bytes.length);
  let ends = 1;
  for (let at = bytes.indexOf(10); at >= 0 && at < sample; at = bytes.indexOf(10, at + 1)) ends += 1;
  return 16 + Math.ceil((ends * bytes.length * 1.05) / Math.max(sample, 1));
}
