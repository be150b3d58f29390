import type { Block } from '../core/block.js';
import type { RejectedRecord } from '../core/run.js';
import { copyOf } from './event.js';

/** How much of an over-long record is kept, to be recognised. */
const HEAD_BYTES = 1024;

/** What the rejects file shows of a record. */
export function contentOf(block: Block, at: number): RejectedRecord['content'] {
  const start = block.start[at]!;
  const end = block.end[at]!;
  if (block.rejectLines.has(at)) return { kind: 'rejectLine', bytes: block.bytes, start, end };
  const overlong = block.overlong.get(at);
  if (overlong === undefined) return { kind: 'record', bytes: block.bytes, start, end };
  return { kind: 'overlong', ...overlong, head: copyOf(block.bytes, start, Math.min(end, start + HEAD_BYTES)) };
}
