import { COUNTERS_KEY, type Counters, decodeCounters } from './counters.js';
import { crc32c, masked } from './crc32c.js';
import { readVarint } from './varint.js';

/** What a file in LevelDB's log format (log_format.md) holds. */
export interface LogCheck {
  /**
   * `whole`: every byte belongs to an intact record. `torn`: the last record is cut off, as a crash while writing
   * leaves it. `broken`: something in it is not what was written.
   */
  readonly state: 'whole' | 'torn' | 'broken';
  /** Where the last intact record before the first fault ends. */
  readonly intactBytes: number;
  /** The newest counters among the batches up to there; undefined when there is none. */
  readonly counters: Counters | undefined;
}

const BLOCK = 32_768;
const HEADER = 7;
const FULL = 1;
const FIRST = 2;
const MIDDLE = 3;
const LAST = 4;

/**
 * LevelDB itself skips what is broken in its logs without a word, so every record is checked before it opens them.
 * @param each is given every intact record before the first fault
 */
export function checkLog(bytes: Buffer, each: (record: Buffer) => void = () => undefined): LogCheck {
  let at = 0;
  let intactBytes = 0;
  let parts: Buffer[] = [];
  let counters: Counters | undefined;
  const end = (state: LogCheck['state']): LogCheck => ({ state, intactBytes, counters });

  for (;;) {
    const left = BLOCK - (at % BLOCK);
    if (left < HEADER) {
      // The rest of a block that is too small for a header is filled with zeros.
      if (at + left > bytes.length) return end(at === bytes.length && parts.length === 0 ? 'whole' : 'torn');
      at += left;
      continue;
    }
    if (at === bytes.length) return end(parts.length === 0 ? 'whole' : 'torn');
    if (at + HEADER > bytes.length) return end('torn');
    const length = bytes.readUInt16LE(at + 4);
    const type = bytes[at + 6]!;
    const stop = at + HEADER + length;
    if (length > left - HEADER) return end('broken');
    if (stop > bytes.length) return end('torn');
    if (bytes.readUInt32LE(at) !== masked(crc32c(bytes, at + 6, stop))) return end('broken');
    const starts = type === FULL || type === FIRST;
    if (starts !== (parts.length === 0) || type < FULL || type > LAST) return end('broken');
    parts.push(bytes.subarray(at + HEADER, stop));
    at = stop;
    if (type === FIRST || type === MIDDLE) continue;
    const record = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    each(record);
    counters = countersOf(record) ?? counters;
    parts = [];
    intactBytes = at;
  }
}

/** The counters of one write batch, whose first operation puts them; undefined for a record that is no such batch. */
function countersOf(batch: Buffer): Counters | undefined {
  try {
    const cursor = { bytes: batch, at: 13 };
    if (batch[12] !== 1 || readVarint(cursor) !== COUNTERS_KEY.length) return undefined;
    if (batch[cursor.at++] !== COUNTERS_KEY[0]) return undefined;
    const length = readVarint(cursor);
    return decodeCounters(batch.subarray(cursor.at, cursor.at + length));
  } catch {
    return undefined;
  }
}
