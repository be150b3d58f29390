/**
 * Where a record stands, as a person would look for it.
 * All numbers count from 1. `line` is the physical line in the decoded file (blank lines count).
 */
export interface Origin {
  /** The input as the user named it. */
  readonly file: string;
  /** The entry inside a zip archive. */
  readonly entry?: string;
  /** The physical line in the decoded file or entry, from 1. */
  readonly line: number;
  /** The element in a JSON array, from 1. */
  readonly element?: number;
  /** The event inside one unwrapped line, from 1. */
  readonly index?: number;
}

/** `a.jsonl.gz:17`, `a.zip/part-1.jsonl:17 (element 3)`: one spelling of an origin for every message. */
export function describeOrigin(origin: Origin): string {
  const file = origin.entry === undefined ? origin.file : `${origin.file}/${origin.entry}`;
  const inside = [
    origin.element === undefined ? '' : `element ${origin.element}`,
    origin.index === undefined ? '' : `event ${origin.index}`,
  ].filter((part) => part !== '');
  return `${file}:${origin.line}${inside.length > 0 ? ` (${inside.join(', ')})` : ''}`;
}
