import type { Block } from '../core/block.js';
import { type InputDamage, InputError } from '../core/input.js';

/** A block with its place in its file. */
export interface Placed {
  readonly block: Block;
  /** Physical line of its first line, from 1. */
  readonly firstLine: number;
}

/** So many records in a row that are no JSON, from the first on, make a file something else. */
const RECORDS_TO_JUDGE_BY = 100;

/**
 * Holds a file's first blocks back until it is clear that it is one of JSON lines: a file whose first 100 records are
 * all invalid JSON is refused as a whole, instead of being rejected line by line.
 */
export class FirstLook {
  readonly #path: string;
  #held: Placed[] = [];
  #records = 0;
  #decided = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Returns the blocks that may go on, in order.
   * @throws {InputError} when the file is refused as a whole
   */
  at(placed: Placed): readonly Placed[] {
    if (this.#decided) return [placed];
    this.#held.push(placed);
    const { block } = placed;
    const rest = RECORDS_TO_JUDGE_BY - this.#records;
    for (let at = 0; at < Math.min(block.count, rest); at += 1) {
      if (block.rejections.get(at)?.reason !== 'invalid_json') return this.end();
    }
    this.#records += block.count;
    if (this.#records < RECORDS_TO_JUDGE_BY) return [];
    this.#held = [];
    this.#decided = true;
    throw new InputError(notJsonl(this.#path, RECORDS_TO_JUDGE_BY));
  }

  /** The input has ended: what is still held goes on, to be judged line by line. */
  end(): readonly Placed[] {
    this.#decided = true;
    const held = this.#held;
    this.#held = [];
    return held;
  }
}

/** What makes a file one that can't be imported at all. */
function notJsonl(path: string, records: number): InputDamage {
  return {
    code: 'not_importable',
    message: `${path} does not look like JSON lines: none of its first ${records} lines is valid JSON. Nothing of it was sent. Each line must hold one JSON object; check that this is the right file`,
  };
}
