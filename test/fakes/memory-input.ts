import { type Chunk, type Input, type InputDamage, InputError, type Inspection } from '../../src/core/input.js';
import type { Clock } from '../../src/core/ports.js';

export interface MemoryInputOptions {
  /** Bytes of a chunk. */
  readonly chunkBytes?: number;
  /** What the inspection finds. */
  readonly inspection?: Inspection;
  /** Thrown at the end of what can be read. */
  readonly damage?: InputDamage;
  /** Waits so long before each chunk; with `clock`. */
  readonly waitMs?: number;
  /** After its bytes it stays open, silent, until it is aborted. */
  readonly neverEnds?: boolean;
}

/** An input whose bytes are in memory. Aborting rejects with the signal's reason, as a file does. */
export function memoryInput(
  path: string,
  text: string | Uint8Array,
  clock: Clock,
  options: MemoryInputOptions = {},
): Input {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const { chunkBytes = 64 * 1024, inspection, damage, waitMs = 0, neverEnds = false } = options;
  return {
    info: { path, size: bytes.length },
    inspect: async () => inspection,
    sha256: () => undefined,
    async *read(signal: AbortSignal): AsyncGenerator<Chunk> {
      for (let at = 0; at < bytes.length; at += chunkBytes) {
        if (waitMs > 0) await clock.sleep(waitMs, signal);
        signal.throwIfAborted();
        const end = Math.min(bytes.length, at + chunkBytes);
        yield { bytes: bytes.slice(at, end), storedBytesRead: end };
      }
      if (neverEnds) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      signal.throwIfAborted();
      if (damage !== undefined) throw new InputError(damage);
    },
  };
}
