import type { Block, Slab } from '../core/block.js';
import type { RecordRules } from '../core/target.js';
import { createDecode, type DecodeSettings } from './decode.js';

/** Makes blocks of slabs: on this thread or on others. */
export interface Decoder {
  /** How many slabs it works on beside the one that is waited for: 0 on this thread. */
  readonly ahead: number;
  decode(slab: Slab): Block | Promise<Block>;
}

export function onThisThread(settings: DecodeSettings, rules: RecordRules): Decoder {
  return { ahead: 0, decode: createDecode(settings, rules) };
}

/** The slab with memory of its own, so that it can be moved to another thread: nothing else looks at its buffers. */
export function withOwnMemory(slab: Slab): Slab {
  switch (slab.kind) {
    case 'lines':
      return { ...slab, bytes: new Uint8Array(slab.bytes) };
    case 'elements':
      return {
        ...{ ...slab, bytes: new Uint8Array(slab.bytes) },
        ...{ start: slab.start.slice(), end: slab.end.slice(), line: slab.line.slice() },
      };
    case 'overlong':
      return { ...slab, head: new Uint8Array(slab.head) };
  }
}

/** The memory of a slab or block that can be moved: its bytes and columns. What is left is small, and seldom there. */
export function movableMemory(value: Slab | Block): ArrayBuffer[] {
  return Object.values(value).flatMap((part: unknown) =>
    ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer ? [part.buffer] : [],
  );
}
