import type { Slab } from '../core/block.js';
import { ArrayScanner } from '../core/json-scan.js';
import { Overlong } from './overlong.js';

const LINE_FEED = 10;

/**
 * Cuts one JSON array, as a stream of bytes, into slabs of whole elements. Of an element that has not ended its bytes
 * are held, unless it is longer than `maxLineBytes`: then it is passed over, counted and hashed. An element's length
 * reaches up to the comma or bracket behind it, so any way of cutting the stream gives the same records.
 */
export class ElementCutter {
  readonly #maxLineBytes: number;
  readonly #scanner = new ArrayScanner();
  /** The number of the next element. */
  #element: number;
  /** Line ends since the end of the last slab. */
  #lines: number;
  /** Bytes pushed before this chunk. */
  #offset = 0;
  /** The element whose end has not come yet: what came of it, and its line counted as in a slab. */
  #open:
    | { readonly line: number; readonly parts: Uint8Array[]; length: number; overlong: Overlong | undefined }
    | undefined;

  /**
   * @param firstElement the number of its first element
   * @param lines line ends in front of it that no slab has counted
   */
  constructor(maxLineBytes: number, firstElement: number, lines: number) {
    this.#maxLineBytes = maxLineBytes;
    this.#element = firstElement;
    this.#lines = lines;
  }

  /** The number of the next element. */
  get nextElement(): number {
    return this.#element;
  }

  /** Line ends that no slab has counted. */
  get lines(): number {
    return this.#lines;
  }

  /** The array's closing bracket has come. */
  get closed(): boolean {
    return this.#scanner.arrayEnd !== undefined;
  }

  /**
   * Takes in the next bytes, which must not be changed afterwards.
   * @returns the slabs that they complete, and how many of the bytes belong to the array
   */
  push(chunk: Uint8Array): { readonly slabs: readonly Slab[]; readonly taken: number } {
    const base = this.#offset;
    const starts: number[] = [];
    const ends: number[] = [];
    this.#scanner.feed(chunk, (start, _end, separator) => {
      starts.push(start - base);
      ends.push(separator - base);
    });
    const { arrayEnd, openElement } = this.#scanner;
    const taken = arrayEnd === undefined ? chunk.length : arrayEnd - base;
    this.#offset += taken;
    const slabs: Slab[] = [];
    let from = 0;
    if (this.#open !== undefined) {
      const end = ends[0] ?? taken;
      this.#keep(chunk.subarray(0, end));
      if (ends.length === 0) return { slabs, taken };
      slabs.push(this.#closeElement());
      from = end;
      starts.shift();
      ends.shift();
    }
    const to = openElement === undefined ? taken : openElement - base;
    if (starts.length > 0) slabs.push(this.#slab(chunk.subarray(from, to), starts, ends, from));
    else this.#lines += lineEnds(chunk.subarray(from, to));
    if (openElement !== undefined) {
      this.#open = { line: this.#lines, parts: [], length: 0, overlong: undefined };
      this.#keep(chunk.subarray(to, taken));
    }
    return { slabs, taken };
  }

  /** The text has ended: the element that it broke off in. */
  end(): Slab | undefined {
    return this.#open === undefined ? undefined : this.#closeElement();
  }

  #slab(bytes: Uint8Array, starts: readonly number[], ends: readonly number[], from: number): Slab {
    const start = Uint32Array.from(starts, (at) => at - from);
    const end = Uint32Array.from(ends, (at) => at - from);
    const line = new Uint32Array(start.length);
    let lines = this.#lines;
    let feed = bytes.indexOf(LINE_FEED);
    for (let at = 0; at < start.length; at += 1) {
      for (; feed >= 0 && feed < start[at]!; feed = bytes.indexOf(LINE_FEED, feed + 1)) lines += 1;
      line[at] = lines;
    }
    for (; feed >= 0; feed = bytes.indexOf(LINE_FEED, feed + 1)) lines += 1;
    const firstElement = this.#element;
    this.#element += start.length;
    this.#lines = 0;
    return { kind: 'elements', bytes, start, end, line, lines, firstElement };
  }

  #keep(piece: Uint8Array): void {
    const open = this.#open!;
    open.length += piece.length;
    this.#lines += lineEnds(piece);
    if (open.overlong !== undefined) {
      open.overlong.add(piece);
      return;
    }
    open.parts.push(piece);
    if (open.length <= this.#maxLineBytes) return;
    open.overlong = new Overlong();
    for (const part of open.parts) open.overlong.add(part);
    open.parts.length = 0;
  }

  /** The slab of the one element that spans chunks. */
  #closeElement(): Slab {
    const { line, parts, length, overlong } = this.#open!;
    const number = this.#element;
    const lines = this.#lines;
    this.#open = undefined;
    this.#element += 1;
    this.#lines = 0;
    if (overlong !== undefined) return overlong.element({ number, line, lines });
    return {
      kind: 'elements',
      bytes: Buffer.concat(parts, length),
      start: Uint32Array.of(0),
      end: Uint32Array.of(length),
      line: Uint32Array.of(line),
      lines,
      firstElement: number,
    };
  }
}

function lineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}
