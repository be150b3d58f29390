import type { Block } from '../core/block.js';
import type { Origin } from '../core/origin.js';
import type { FileAccount } from '../core/run.js';

/** Where a block stands. */
export interface Place {
  readonly file: FileAccount;
  /** The entry inside a zip archive. */
  readonly entry: string | undefined;
  /** Physical line of the block's first line, from 1. */
  readonly firstLine: number;
}

/** Where a record of the block stands: where it stood first, if it came in a line of a rejects file. */
export function originOf(block: Block, at: number, { file, entry, firstLine }: Place): Origin {
  const first = block.origins.size === 0 ? undefined : block.origins.get(at);
  return first ?? origin(file, entry, firstLine + block.line[at]!, block.element?.[at] ?? 0, block.index?.[at] ?? 0);
}

/** @param element and `index`: 0 for none */
export function origin(
  file: FileAccount,
  entry: string | undefined,
  line: number,
  element: number,
  index: number,
): Origin {
  // Assigned one by one, for spreading costs several times as much.
  const place: { -readonly [Name in keyof Origin]: Origin[Name] } = { file: file.path, line };
  if (entry !== undefined) place.entry = entry;
  if (element !== 0) place.element = element;
  if (index !== 0) place.index = index;
  return place;
}
