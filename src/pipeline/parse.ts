import { jsonlParser } from 'stream-json/jsonl/parser.js';

/** What the parser said of a text that is not JSON: it may quote the text. */
export class ParseFailure {
  readonly verbatim: string;
  constructor(verbatim: string) {
    this.verbatim = verbatim;
  }
}

const parse = jsonlParser({
  errorIndicator: (error: Error) => new ParseFailure(error.message),
});

/**
 * Parses the text of one record, which must not be empty.
 * @returns any JSON value, or a {@link ParseFailure}
 */
export function parseRecord(text: string): unknown {
  const item = parse(text);
  return typeof item === 'symbol' ? new ParseFailure('empty text') : item.value;
}
