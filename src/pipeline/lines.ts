import { createHash, type Hash } from 'node:crypto';
import type { Slab } from '../core/block.js';

const LINE_FEED = 10;
/** How much of an over-long line is kept, to be recognised. */
const HEAD_BYTES = 1024;

/**
 * Cuts a stream of bytes into slabs of whole lines. A line that is longer than `maxLineBytes` is passed over: counted,
 * hashed, never held. Lines end at `\n` and nowhere else, so any way of cutting the stream gives the same lines.
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
      const slab = this.#overlong.finish();
      this.#overlong = undefined;
      return [slab];
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
    return [overlong.finish(), ...(end + 1 < chunk.length ? this.push(chunk.subarray(end + 1)) : [])];
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

/** A line that is too long to be held, while it passes. */
class Overlong {
  readonly #hash: Hash = createHash('sha256');
  #length = 0;
  #head: Uint8Array = EMPTY;
  /** A `\r` at the end so far: it belongs to the line only when something follows. */
  #pendingReturn = false;

  add(piece: Uint8Array): void {
    if (piece.length === 0) return;
    if (this.#pendingReturn) this.#take(RETURN);
    this.#pendingReturn = piece[piece.length - 1] === RETURN[0];
    this.#take(this.#pendingReturn ? piece.subarray(0, -1) : piece);
  }

  finish(): Slab {
    return { kind: 'overlong', length: this.#length, sha256: this.#hash.digest('hex'), head: this.#head };
  }

  #take(piece: Uint8Array): void {
    this.#hash.update(piece);
    this.#length += piece.length;
    if (this.#head.length < HEAD_BYTES) {
      this.#head = Buffer.concat([this.#head, piece.subarray(0, HEAD_BYTES - this.#head.length)]);
    }
  }
}

const EMPTY = new Uint8Array(0);
const RETURN = new Uint8Array([13]);
