import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ReadFailure } from '../stream-chunks.js';

const CHUNK_BYTES = 256 * 1024;

/** A regular file that is open for reading anywhere in it. All its methods reject with {ReadFailure}. */
export class ArchiveFile {
  /** In bytes, when it was opened. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  static async open(path: string): Promise<ArchiveFile> {
    const handle = await attempt(open(path, constants.O_RDONLY));
    try {
      return new ArchiveFile(handle, (await attempt(handle.stat())).size);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** The file's descriptor: valid until `close`. */
  get descriptor(): number {
    return this.#handle.fd;
  }

  /** Which file this is and in which state: another text once it was written to. */
  async state(): Promise<string> {
    const { dev, ino, size, mtimeNs } = await attempt(this.#handle.stat({ bigint: true }));
    return [dev, ino, size, mtimeNs].join(' ');
  }

  /** The bytes [start, start + length), or fewer where the file ends. */
  async read(start: number, length: number): Promise<Buffer> {
    const buffer = Buffer.alloc(length);
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await attempt(this.#handle.read(buffer, filled, length - filled, start + filled));
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return buffer.subarray(0, filled);
  }

  /** The bytes [start, end), or fewer where the file ends, in chunks of up to 256 KiB. Rejects also when aborted. */
  async *chunks(start: number, end: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    for (let at = start; at < end; ) {
      signal.throwIfAborted();
      const length = Math.min(CHUNK_BYTES, end - at);
      const buffer = Buffer.allocUnsafeSlow(length);
      const { bytesRead } = await attempt(this.#handle.read(buffer, 0, length, at));
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

async function attempt<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    throw new ReadFailure(error);
  }
}
