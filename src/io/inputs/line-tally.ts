const LINE_END = 0x0a;
/** Below this many bytes a line, looking at each byte is quicker than searching each line end (5 times slower above). */
const SHORT_LINE = 64;

/** Where decoded bytes stand in lines. */
export interface LinePosition {
  readonly bytes: number;
  /** Line ends in those bytes. */
  readonly lines: number;
  /** Bytes up to the last line end: whole lines. */
  readonly wholeLineBytes: number;
}

/** Counts decoded bytes and the lines in them. */
export class LineTally {
  #bytes = 0;
  #lines = 0;
  #wholeLineBytes = 0;
  #linesAreShort = false;

  add(chunk: Uint8Array): void {
    const lines = this.#linesAreShort ? countByByte(chunk) : countByLine(chunk);
    this.#linesAreShort = lines * SHORT_LINE > chunk.length;
    if (lines > 0) this.#wholeLineBytes = this.#bytes + chunk.lastIndexOf(LINE_END) + 1;
    this.#lines += lines;
    this.#bytes += chunk.length;
  }

  position(): LinePosition {
    return { bytes: this.#bytes, lines: this.#lines, wholeLineBytes: this.#wholeLineBytes };
  }
}

function countByByte(chunk: Uint8Array): number {
  let lines = 0;
  for (let index = 0; index < chunk.length; index++) {
    if (chunk[index] === LINE_END) lines++;
  }
  return lines;
}

function countByLine(chunk: Uint8Array): number {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  let lines = 0;
  for (let at = bytes.indexOf(LINE_END); at !== -1; at = bytes.indexOf(LINE_END, at + 1)) lines++;
  return lines;
}
