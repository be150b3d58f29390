import { createInflateRaw, type InflateRaw, inflateRawSync } from 'node:zlib';
import type { StoredBytes } from './stored-bytes.js';

/** Decoded bytes come in chunks of about this size at most. */
export const CHUNK_BYTES = 256 * 1024;

export type InflateEnd =
  /** The deflate data came to its own end; what follows it is still buffered. */
  | 'whole'
  /** The input ended inside the deflate data. */
  | 'input_ended'
  /** The data is no deflate data. */
  | 'bad';

/**
 * Inflates one run of deflate data from the front of `stored`, off the main thread, holding one chunk at a time: the
 * next is inflated while the caller works on the last.
 *
 * node:zlib does not say where deflate data ends. It follows from `bytesWritten`, which counts what was consumed: once
 * a write is through and less was consumed than was offered, the rest was not wanted. When the data ends exactly where
 * a write did, the next write tells, for nothing of it is consumed.
 */
export class Inflater {
  /** How it ended; undefined before `next` gave undefined. */
  end: InflateEnd | undefined;

  readonly #stored: StoredBytes;
  readonly #stream: InflateRaw = createInflateRaw({ chunkSize: CHUNK_BYTES });
  #offered = 0;
  #writing = false;
  #finishing: 'no' | 'asked' | 'done' = 'no';
  #error: NodeJS.ErrnoException | undefined;
  #wake: (() => void) | undefined;

  constructor(stored: StoredBytes) {
    this.#stored = stored;
    this.#stream.on('readable', () => this.#wake?.());
    this.#stream.on('end', () => {
      if (this.#finishing === 'asked') this.#finishing = 'done';
      this.#wake?.();
    });
    this.#stream.on('error', (error) => {
      this.#error = error;
      this.#wake?.();
    });
  }

  /** The next decoded bytes, about 256 KiB at most; undefined at the end: then `end` says which. */
  async next(): Promise<Uint8Array | undefined> {
    while (this.end === undefined) {
      const bytes: Buffer | null = this.#stream.read();
      if (bytes !== null) return bytes;
      if (this.#error !== undefined) this.end = this.#endOf(this.#error);
      else if (this.#finishing === 'done') this.end = 'whole';
      else if (this.#writing || this.#finishing === 'asked') await this.#change();
      else await this.#offer();
    }
    return undefined;
  }

  /** Must be called when no more is wanted. */
  close(): void {
    this.#stream.destroy();
  }

  /** The last write is through: finds out whether the data ended in it, else writes what comes next. */
  async #offer(): Promise<void> {
    const unconsumed = this.#offered - this.#stream.bytesWritten;
    if (unconsumed > 0) {
      this.#stored.take(this.#stored.buffered.length - unconsumed);
      this.end = 'whole';
      return;
    }
    if (this.#offered > 0) this.#stored.take(this.#stored.buffered.length);
    if (this.#stored.buffered.length === 0 && !(await this.#stored.more())) {
      this.#finishing = 'asked';
      this.#stream.end();
      return;
    }
    this.#offered += this.#stored.buffered.length;
    this.#writing = true;
    this.#stream.write(this.#stored.buffered, () => {
      this.#writing = false;
      this.#wake?.();
    });
  }

  async #change(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  #endOf(error: NodeJS.ErrnoException): InflateEnd {
    if (error.code === 'Z_BUF_ERROR' && this.#finishing !== 'no') return 'input_ended';
    if (error.code === 'Z_DATA_ERROR') return 'bad';
    throw error;
  }
}

/**
 * Inflates deflate data that lies wholly in `bytes` and is at most 256 KiB decoded: ten times quicker for small data
 * than a stream. Undefined for anything else, bad data included.
 */
export function inflateWhole(bytes: Uint8Array): { decoded: Uint8Array; consumed: number } | undefined {
  try {
    // With `info` set the result is not the bare buffer; the published types don't know.
    const result = inflateRawSync(bytes, {
      info: true,
      chunkSize: CHUNK_BYTES / 4,
      maxOutputLength: CHUNK_BYTES,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    return { decoded: result.buffer, consumed: result.engine.bytesWritten };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'Z_BUF_ERROR' || code === 'Z_DATA_ERROR' || code === 'ERR_BUFFER_TOO_LARGE') return undefined;
    throw error;
  }
}
