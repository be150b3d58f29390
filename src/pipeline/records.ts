import type { Slab } from '../core/block.js';
import { ElementCutter } from './elements.js';
import { firstByte, type Layout, layoutOf, MOST_BYTES, textStart } from './layout.js';
import { LineCutter } from './lines.js';
import { beginsAsRejects, isTornReject } from './torn-reject.js';

const LINE_FEED = 10;
const OPENING_BRACKET = 0x5b;
const COMMA = 0x2c;
const OPENING_BRACE = 0x7b;
const EMPTY = new Uint8Array(0);

/**
 * Cuts a text (a file, a zip entry) into slabs of records: lines, or the elements of JSON arrays. Several arrays may
 * stand in a row; their elements are numbered through. Where a comma and an object follow, a bracket too many had ended the
 * array, and it goes on. Anything else that follows an array and is none is read as lines.
 */
export class RecordCutter {
  readonly #maxLineBytes: number;
  /** What came while the layout is not known. */
  #head: Uint8Array | undefined = EMPTY;
  #lines: LineCutter | undefined;
  #elements: ElementCutter | undefined;
  #nextElement = 1;
  /** The text begins as a rejects file does. */
  #isRejects = false;
  #endsTorn = false;

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** How the records lie, as far as is known. */
  get layout(): Layout {
    return this.#elements === undefined ? 'lines' : 'elements';
  }

  /** The text ends inside an array so far. */
  get unclosed(): boolean {
    return this.#elements !== undefined && !this.#elements.closed;
  }

  /** The text has ended with a torn line of a rejects file, which was left out. */
  get endsTorn(): boolean {
    return this.#endsTorn;
  }

  /** How many elements were handed out. */
  get elements(): number {
    return (this.#elements?.nextElement ?? this.#nextElement) - 1;
  }

  /** Takes in the next bytes, which must not be changed afterwards, and returns the slabs that they complete. */
  push(chunk: Uint8Array): Slab[] {
    const slabs: Slab[] = [];
    let rest = chunk;
    while (rest.length > 0) rest = this.#take(rest, slabs);
    return slabs;
  }

  /**
   * The text has ended.
   * @param wasCut where it is known that the end is missing: an element that it breaks off in is left out
   */
  end(wasCut: boolean): Slab[] {
    const slabs: Slab[] = [];
    if (this.#head !== undefined && this.#head.length > 0) {
      const head = this.#head;
      let rest = this.#begin(head, layoutOf(head, true) ?? 'lines', slabs, true);
      while (rest.length > 0) rest = this.#take(rest, slabs);
      if (this.#head !== undefined && this.#head.length > 0) slabs.push(...this.end(wasCut));
    }
    for (const slab of this.#lines?.end() ?? []) {
      if (this.#isTorn(slab)) this.#endsTorn = true;
      else slabs.push(slab);
    }
    const last = wasCut ? undefined : this.#elements?.end();
    if (last !== undefined) slabs.push(last);
    return slabs;
  }

  #isTorn(last: Slab): boolean {
    return last.kind === 'lines' && isTornReject(last.bytes, this.#isRejects);
  }

  /** @returns the bytes behind an array that ended in `bytes` */
  #take(bytes: Uint8Array, slabs: Slab[]): Uint8Array {
    if (this.#lines !== undefined) {
      slabs.push(...this.#lines.push(bytes));
      return EMPTY;
    }
    if (this.#head !== undefined) {
      const head = this.#head.length === 0 ? bytes : Buffer.concat([this.#head, bytes]);
      const layout = layoutOf(head, false);
      if (layout !== undefined) return this.#begin(head, layout, slabs, false);
      this.#head = head;
      return EMPTY;
    }
    const cutter = this.#elements!;
    const { slabs: more, taken } = cutter.push(bytes);
    slabs.push(...more);
    if (cutter.closed) this.#head = EMPTY;
    return bytes.subarray(taken);
  }

  #begin(head: Uint8Array, layout: Layout, slabs: Slab[], isWhole: boolean): Uint8Array {
    const before = this.#elements;
    const start = textStart(head);
    const isBehindArray = before !== undefined && head[start] === COMMA;
    const next = isBehindArray ? firstByte(head, start + 1) : undefined;
    if (isBehindArray && next === undefined && !isWhole && head.length < MOST_BYTES) {
      this.#head = head;
      return EMPTY;
    }
    const goesOn = next === OPENING_BRACE;
    this.#head = undefined;
    if (layout === 'lines' && !goesOn) {
      if (before !== undefined) slabs.push(passedLines(before));
      this.#nextElement = before?.nextElement ?? 1;
      this.#elements = undefined;
      this.#lines = new LineCutter(this.#maxLineBytes);
      this.#isRejects = before === undefined && beginsAsRejects(head.subarray(start));
      return head;
    }
    let lines = before?.lines ?? 0;
    for (let at = 0; at < start; at += 1) if (head[at] === LINE_FEED) lines += 1;
    this.#elements = new ElementCutter(this.#maxLineBytes, before?.nextElement ?? 1, lines);
    if (goesOn) this.#elements.push(Uint8Array.of(OPENING_BRACKET));
    if (goesOn) return head.subarray(start + 1);
    return head[start] === OPENING_BRACKET ? head.subarray(start) : EMPTY;
  }
}

/** Lines that no slab has counted: those between an array's last element and its end. */
function passedLines({ lines, nextElement }: ElementCutter): Slab {
  const none = new Uint32Array(0);
  return { kind: 'elements', bytes: EMPTY, start: none, end: none, line: none, lines, firstElement: nextElement };
}
