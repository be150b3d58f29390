/**
 * Cuts the text of a JSON array into its elements without parsing them: it knows strings, escapes and brackets, nothing
 * else. So an element that is no JSON is cut out like any other, and the ones after it are still found.
 */

export type ArrayProblem =
  /** The text does not begin with '['. */
  | 'no_array'
  /** Nothing stands between two commas, or between a comma and a bracket of the array itself. */
  | 'empty_element'
  /** The text ended before the array did. */
  | 'cut_off'
  /** Something stands behind the array's end. */
  | 'trailing_bytes';

/**
 * Called with the offsets [start, end) of one element, without white space around it, and the offset of the comma or
 * bracket behind it; all count from the first byte fed.
 */
export type OnElement = (start: number, end: number, separator: number) => void;

/** Far more than anyone nests. */
const KNOWN_DEPTH = 256;

type Place = 'before' | 'between' | 'element' | 'after' | 'nowhere';

/**
 * The incremental form: feed it the text in chunks, cut anywhere, then call `finish`. It keeps no bytes: an element that
 * spans chunks is reported by offsets only, and `openElement` says from where on the caller must keep them.
 * An empty element is reported with start = end. An element that the text's end cut off is not reported.
 */
export class ArrayScanner {
  /** The first thing that makes the text no well-formed sequence of elements; the rest is scanned all the same. */
  problem: ArrayProblem | undefined;
  /** The offset behind the array's closing bracket; undefined before that was read. What follows it is not scanned. */
  arrayEnd: number | undefined;
  private place: Place = 'before';
  private offset = 0;
  private afterComma = false;
  private elementStart = 0;
  private elementEnd = 0;
  /** How many brackets are open inside the element, and the outermost of them: deeper ones are only counted. */
  private depth = 0;
  private readonly open = new Uint8Array(KNOWN_DEPTH);
  private inString = false;
  private escaped = false;

  /** Where the element begins that has begun and not ended; undefined between elements. */
  get openElement(): number | undefined {
    return this.place === 'element' ? this.elementStart : undefined;
  }

  feed(chunk: Uint8Array, onElement: OnElement): void {
    const base = this.offset;
    for (let i = 0; i < chunk.length && this.place !== 'nowhere'; i++) {
      if (this.inString) {
        i = this.passString(chunk, i);
        if (!this.inString) this.elementEnd = base + i + 1;
      } else {
        const byte = chunk[i]!;
        if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) continue;
        this.step(byte, base + i, onElement);
      }
    }
    this.offset = base + chunk.length;
  }

  /** Says that the text has ended. */
  finish(): void {
    if (this.place === 'before') this.problem ??= 'no_array';
    if (this.place === 'between' || this.place === 'element') this.problem ??= 'cut_off';
  }

  /** Index of the quote that closes the string, or of the chunk's last byte. */
  private passString(chunk: Uint8Array, i: number): number {
    for (; i < chunk.length; i++) {
      if (this.escaped) {
        this.escaped = false;
      } else if (chunk[i] === 0x5c) {
        this.escaped = true;
      } else if (chunk[i] === 0x22) {
        this.inString = false;
        return i;
      }
    }
    return i;
  }

  /** One byte outside strings that is no white space. */
  private step(byte: number, at: number, onElement: OnElement): void {
    if (this.place === 'before') {
      this.place = byte === 0x5b ? 'between' : 'nowhere';
      if (byte !== 0x5b) this.problem = 'no_array';
    } else if (this.place === 'after') {
      this.place = 'nowhere';
      this.problem ??= 'trailing_bytes';
    } else if ((byte === 0x2c || byte === 0x5d) && this.depth === 0) {
      this.endElement(byte === 0x2c, at, onElement);
    } else {
      if (this.place === 'between') this.elementStart = at;
      this.place = 'element';
      this.elementEnd = at + 1;
      if (byte === 0x22) this.inString = true;
      else if (byte === 0x7b || byte === 0x5b) this.openBracket(byte);
      else if (byte === 0x7d || byte === 0x5d) this.closeBracket(byte - 2);
    }
  }

  private openBracket(bracket: number): void {
    if (this.depth < KNOWN_DEPTH) this.open[this.depth] = bracket;
    this.depth++;
  }

  /**
   * Closes the innermost bracket of this kind, and what was left open in it; where none of its kind is open, the innermost of
   * all, for then it is a damaged one. So a bracket too few, too many or of the other kind spoils the element that it is
   * in, and not all that follow.
   */
  private closeBracket(opening: number): void {
    let depth = this.depth;
    while (depth > 0 && depth <= KNOWN_DEPTH && this.open[depth - 1] !== opening) depth--;
    if (depth === 0) depth = this.depth;
    if (depth > 0) this.depth = depth - 1;
  }

  private endElement(isComma: boolean, at: number, onElement: OnElement): void {
    if (this.place === 'element') {
      onElement(this.elementStart, this.elementEnd, at);
    } else if (isComma || this.afterComma) {
      this.problem ??= 'empty_element';
      onElement(at, at, at);
    }
    this.afterComma = isComma;
    this.place = isComma ? 'between' : 'after';
    if (!isComma) this.arrayEnd = at + 1;
  }
}

/** The same for a text that is there as a whole: the elements' offsets, and what is wrong with the text, if anything. */
export function scanArray(bytes: Uint8Array): {
  readonly elements: readonly (readonly [start: number, end: number])[];
  readonly problem: ArrayProblem | undefined;
} {
  const elements: [number, number][] = [];
  const scanner = new ArrayScanner();
  scanner.feed(bytes, (start, end) => elements.push([start, end]));
  scanner.finish();
  return { elements, problem: scanner.problem };
}
