import type { Slab } from '../core/block.js';
import { Overlong } from './overlong.js';

const LINE_FEED = 10;

/**
 * Cuts a stream of bytes into slabs of whole lines. A line that is longer than `maxLineBytes` without its line end is
 * passed over: counted, hashed, never held; where it came within one chunk, `decode` sees to it by the same rule. Lines
 * end at `\n` and nowhere else, so any way of cutting the stream gives the same lines.
 */
export class LineCutter {
  readonly #maxLineBytes: number;
  /** The beginning of a line whose end has not come yet. */
  #partial: Uint8Array[] = [];
  #partialLength = 0;
  #overlong: Overlong | undefined;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Takes in the next bytes, which must not be changed afterwards, and returns the slabs that they complete. */
  push(chunk: Uint8Array): Slab[] {
    if (this.#overlong !== undefined) return this.#passOver(this.#overlong, chunk);
    const last = chunk.lastIndexOf(LINE_FEED);
    if (last < 0) {
      this.#keep(chunk);
      return [];
    }
    const slabs: Slab[] = [];
    if (this.#partialLength === 0) {
      slabs.push({ kind: 'lines', bytes: chunk.subarray(0, last + 1) });
    } else {
      const first = chunk.indexOf(LINE_FEED);
      slabs.push({ kind: 'lines', bytes: this.#join(chunk.subarray(0, first + 1)) });
      if (first < last) slabs.push({ kind: 'lines', bytes: chunk.subarray(first + 1, last + 1) });
    }
    if (last + 1 < chunk.length) this.#keep(chunk.subarray(last + 1));
    return slabs;
  }

  /** The stream has ended: the last line, if it lacks its line end. */
  end(): Slab[] {
    if (this.#overlong !== undefined) {
      const slab = this.#overlong.line();
      this.#overlong = undefined;
      return [slab ?? { kind: 'lines', bytes: BLANK_LINE }];
    }
    return this.#partialLength === 0 ? [] : [{ kind: 'lines', bytes: this.#join(EMPTY) }];
  }

  #keep(piece: Uint8Array): void {
    this.#partial.push(piece);
    this.#partialLength += piece.length;
    // One byte more than the limit may be the `\r` of a line end.
    if (this.#partialLength <= this.#maxLineBytes + 1) return;
    this.#overlong = new Overlong();
    for (const part of this.#partial) this.#overlong.add(part);
    this.#partial = [];
    this.#partialLength = 0;
  }

  #passOver(overlong: Overlong, chunk: Uint8Array): Slab[] {
    const end = chunk.indexOf(LINE_FEED);
    if (end < 0) {
      overlong.add(chunk);
      return [];
    }
    overlong.add(chunk.subarray(0, end));
    this.#overlong = undefined;
    const slab = overlong.line() ?? { kind: 'lines', bytes: BLANK_LINE };
    return [slab, ...(end + 1 < chunk.length ? this.push(chunk.subarray(end + 1)) : [])];
  }

  #join(tail: Uint8Array): Uint8Array {
    const joined = Buffer.allocUnsafeSlow(this.#partialLength + tail.length);
    let at = 0;
    for (const part of this.#partial) {
      joined.set(part, at);
      at += part.length;
    }
    joined.set(tail, at);
    this.#partial = [];
    this.#partialLength = 0;
    return joined;
  }
}

const EMPTY = new Uint8Array(0);
const BLANK_LINE = new Uint8Array([LINE_FEED]);
