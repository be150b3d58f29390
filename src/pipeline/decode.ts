import type { Block, ElementSlab, LineSlab, OverlongSlab, Slab } from '../core/block.js';
import type { RecordRules } from '../core/target.js';
import { Columns } from './columns.js';
import { RecordReader, type RecordSettings } from './read-record.js';
import { trimEnd, trimStart } from './trim.js';

export interface DecodeSettings extends RecordSettings {
  /** The secret with which ids, contents and subjects are hashed. */
  readonly secret: Uint32Array;
  /** Keep the event ids as text beside their hashes: for who writes them down. */
  readonly keepIds?: boolean | undefined;
}

export type Decode = (slab: Slab) => Block;

const LINE_FEED = 10;
const RETURN = 13;

/**
 * Makes the pure function from a slab of bytes to a block: cuts it into records, and parses, checks and identifies each
 * one. It runs on the main thread or in a worker thread unchanged.
 */
export function createDecode(settings: DecodeSettings, rules: RecordRules): Decode {
  return (slab) => {
    if (slab.kind === 'lines') return decodeLines(slab, settings, rules);
    return slab.kind === 'elements' ? decodeElements(slab, settings, rules) : decodeOverlong(slab, settings);
  };
}

function decodeLines({ bytes }: LineSlab, settings: DecodeSettings, rules: RecordRules): Block {
  const columns = new Columns(bytes, settings);
  const reader = new RecordReader(bytes, settings, rules, columns);
  let lines = 0;
  for (let from = 0; from < bytes.length; lines += 1) {
    const next = reader.quickLine(from, lines);
    if (next > 0) {
      from = next;
      continue;
    }
    const feed = bytes.indexOf(LINE_FEED, from);
    const lineEnd = feed < 0 ? bytes.length : feed;
    const start = trimStart(bytes, from, lineEnd);
    const end = trimEnd(bytes, start, lineEnd);
    const lineStart = from;
    const length = lineEnd - lineStart - (bytes[lineEnd - 1] === RETURN ? 1 : 0);
    from = lineEnd + 1;
    if (start === end) continue;
    if (length > settings.maxLineBytes) reader.tooLong(lineStart, lineStart + length, lines, 0);
    else reader.read(start, end, lines, 0);
  }
  return columns.block(lines);
}

function decodeElements(slab: ElementSlab, settings: DecodeSettings, rules: RecordRules): Block {
  const { bytes, line, firstElement } = slab;
  const columns = new Columns(bytes, settings);
  const reader = new RecordReader(bytes, settings, rules, columns);
  for (let at = 0; at < slab.start.length; at += 1) {
    const start = slab.start[at]!;
    const end = slab.end[at]!;
    const element = firstElement + at;
    if (end - start > settings.maxLineBytes) {
      reader.tooLong(start, end, line[at]!, element);
      continue;
    }
    const trimmed = trimEnd(bytes, start, end);
    if (!reader.quickElement(start, trimmed, line[at]!, element)) reader.read(start, trimmed, line[at]!, element);
  }
  return columns.block(slab.lines);
}

/** A record that was too long to be held: its first KiB stands for it. */
function decodeOverlong(slab: OverlongSlab, settings: DecodeSettings): Block {
  const columns = new Columns(slab.head, settings);
  const at = columns.add(0, slab.head.length, slab.element?.line ?? 0);
  if (slab.element !== undefined) columns.inElement(at, slab.element.number);
  columns.overlong(at, slab);
  return columns.block(slab.element === undefined ? 1 : slab.element.lines);
}
