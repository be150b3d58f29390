import { move, Piscina, transferableSymbol, valueSymbol, workerData } from 'piscina';
import type { Block, Slab } from '../../core/block.js';
import { createDecode, type Decode } from '../../pipeline/decode.js';
import { movableMemory, withOwnMemory } from '../../pipeline/decoder.js';
import { createRules } from './rules.js';
import { type DecodeOrder, decodeSettings } from './start-decoder.js';

export interface DecodeThreads {
  /** Rejects when the thread failed: a bug, or no memory left. */
  decode(slab: Slab): Promise<Block>;
  close(): Promise<void>;
}

/** Starts worker threads; this very file is what runs in them. */
export function startDecodeThreads(count: number, order: DecodeOrder): DecodeThreads {
  const pool = new Piscina<Slab, Block>({
    filename: import.meta.url,
    minThreads: count,
    maxThreads: count,
    concurrentTasksPerWorker: 2,
    idleTimeout: Number.POSITIVE_INFINITY,
    workerData: order,
  });
  const waiting = new Set<(error: unknown) => void>();
  let failure: { readonly error: unknown } | undefined;
  // A thread that fails while it has nothing to do would be replaced again and again, and slabs would wait for ever.
  pool.on('error', (error: unknown) => {
    failure ??= { error };
    for (const reject of waiting) reject(error);
    void pool.destroy();
  });
  return {
    decode: (slab) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) throw failure.error;
        waiting.add(reject);
        const own = withOwnMemory(slab);
        const decoded = pool.run(own, { transferList: movableMemory(own) });
        decoded.then(resolve, reject).finally(() => waiting.delete(reject));
      }),
    close: () => pool.destroy(),
  };
}

let decode: Decode | undefined;

/** Decodes one slab in a worker thread. Bytes and columns are moved there and back, never copied. */
export default function decodeInThread(slab: Slab): Block {
  decode ??= createDecodeFor(workerData as DecodeOrder);
  const block = decode(slab);
  const moved = { [valueSymbol]: block, [transferableSymbol]: movableMemory(block) };
  return move(moved) as unknown as Block;
}

function createDecodeFor(order: DecodeOrder): Decode {
  return createDecode(decodeSettings(order), createRules(order.what, order.settings, order.files));
}
