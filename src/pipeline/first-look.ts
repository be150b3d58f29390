import type { Block } from '../core/block.js';
import { InputError } from '../core/input.js';
import type { KindOfRecord } from '../core/run.js';
import { kindOfRecord } from './kind-of-record.js';
import type { Layout } from './layout.js';
import type { Place } from './place.js';
import { isTable, notJson, refusedShape } from './refused-text.js';
import { type Shape, shapeOf } from './shape.js';

/** A block with its place in its file. */
export interface Placed {
  readonly block: Block;
  readonly place: Place;
}

/** So many records in a row that are no JSON, from the first on, make a file something else. */
const RECORDS_TO_JUDGE_BY = 100;
/** No more than about so many bytes of records are held back: who has larger ones is judged line by line. */
const MOST_BYTES_HELD = 16 * 1024 * 1024;
/** So much of the first record is looked at to tell a table. */
const MOST_BYTES_SHOWN = 4096;

/**
 * Holds a text's first blocks back until it is clear that it is one of JSON lines or arrays: one whose first 100 records
 * are all invalid JSON, or whose first object is spread over lines, is refused as a whole, instead of line by line; so
 * is one in which objects stand one behind the other and no record is valid.
 */
export class FirstLook {
  readonly #path: string;
  readonly #layout: () => Layout;
  #held: Placed[] = [];
  #records = 0;
  #bytes = 0;
  #decided = false;
  #shape: Shape | undefined;
  #firstLine = '';
  #kind: KindOfRecord | undefined;

  constructor(path: string, layout: () => Layout) {
    this.#path = path;
    this.#layout = layout;
  }

  /** Nothing is held back any more. */
  get decided(): boolean {
    return this.#decided;
  }

  /** What the first record, or the whole, seems to be, when it was rejected. */
  get kind(): KindOfRecord | undefined {
    return this.#kind;
  }

  /**
   * Returns the blocks that may go on, in order.
   * @throws {InputError} when the text is refused as a whole
   */
  at(placed: Placed): readonly Placed[] {
    const { block } = placed;
    if (this.#decided || block.count === 0) return [placed];
    if (this.#records === 0) this.#lookAtFirst(block);
    this.#held.push(placed);
    const rest = RECORDS_TO_JUDGE_BY - this.#records;
    for (let at = 0; at < Math.min(block.count, rest); at += 1) {
      this.#bytes += block.end[at]! - block.start[at]!;
      if (!this.#isForeign(block, at) || this.#bytes > MOST_BYTES_HELD) return this.letGo();
    }
    this.#records += block.count;
    if (this.#records < RECORDS_TO_JUDGE_BY) return [];
    throw this.#refused();
  }

  /**
   * The text has ended: what is still held goes on, to be judged line by line.
   * @throws {InputError} when the text is refused as a whole
   */
  end(): readonly Placed[] {
    if (!this.#decided && this.#records > 0) {
      if (this.#shape !== undefined) throw this.#refused();
      if (isTable(this.#firstLine)) this.#kind = 'csv';
    }
    return this.letGo();
  }

  /** What is still held, because nothing more will come. */
  letGo(): readonly Placed[] {
    if (!this.#decided && this.#shape === 'commas') this.#kind = 'array_without_brackets';
    this.#decided = true;
    const held = this.#held;
    this.#held = [];
    return held;
  }

  #lookAtFirst(block: Block): void {
    const reason = block.rejections.get(0)?.reason;
    const [start, end] = [block.start[0]!, block.end[0]!];
    if (reason === 'invalid_json' || reason === 'line_too_long') {
      if (this.#layout() === 'lines') this.#shape = shapeOf(block.bytes, start);
      this.#firstLine = Buffer.from(block.bytes.subarray(start, Math.min(end, start + MOST_BYTES_SHOWN))).toString();
      if (this.#shape === 'spread' && reason === 'invalid_json') throw this.#refused();
    } else if (reason !== undefined && !block.rejectLines.has(0)) {
      this.#kind = kindOfRecord(block.bytes.subarray(start, end));
    }
  }

  #isForeign(block: Block, at: number): boolean {
    const reason = block.rejections.get(at)?.reason;
    return reason === 'invalid_json' || (reason === 'line_too_long' && this.#shape === 'concatenated');
  }

  #refused(): InputError {
    this.#held = [];
    this.#decided = true;
    const damage =
      this.#shape === undefined
        ? notJson(this.#path, RECORDS_TO_JUDGE_BY, this.#layout(), this.#firstLine)
        : refusedShape(this.#path, this.#shape);
    return new InputError(damage);
  }
}
