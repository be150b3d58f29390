import { constants, open as openDescriptor } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { ReadFailure, streamChunks } from './stream-chunks.js';

const CHUNK_BYTES = 256 * 1024;
/** Enough to see that a file ends where its size says, without a whole chunk's memory. */
const PROBE_BYTES = 4096;
/** Opening a FIFO waits for a writer, in a thread that can't be stopped; not so with this flag. 0 where there is none. */
const DONT_WAIT = constants.O_NONBLOCK ?? 0;

/** A file that is open for reading once, from its start. */
export interface OpenFile {
  /** The stored bytes in chunks of up to 256 KiB; one chunk is read ahead. Rejects with {ReadFailure}, or the signal's reason. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Which file this is and in which state: another text once it was written to. Undefined for a FIFO or device. */
  state(): Promise<string | undefined>;
  close(): Promise<void>;
}

/** Whether reading takes the bytes away: so with a FIFO or a device. @throws {ReadFailure} */
export async function isReadOnce(path: string): Promise<boolean> {
  const stats = await attempt(stat(path));
  return !stats.isFile() && !stats.isDirectory();
}

/** Opens a file, FIFO or device. @throws {ReadFailure} */
export async function openFile(path: string): Promise<OpenFile> {
  if ((await attempt(stat(path))).isFIFO()) return openFifo(path);
  const handle = await attempt(open(path, constants.O_RDONLY | DONT_WAIT));
  try {
    const { size } = await attempt(handle.stat());
    return {
      chunks: (signal) => handleChunks(handle, size, signal),
      state: () => stateOf(handle),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A FIFO is read as a socket is: waiting for its writer blocks no thread and ends when the signal aborts. */
async function openFifo(path: string): Promise<OpenFile> {
  const fd = await attempt(promisify(openDescriptor)(path, constants.O_RDONLY | DONT_WAIT));
  const socket = new Socket({ fd, readable: true, writable: false });
  // Whoever reads it gets the error too; without a listener one that came before would end the process.
  socket.on('error', () => {});
  return {
    chunks: (signal) => streamChunks(socket, signal),
    state: async () => undefined,
    close: async () => void socket.destroy(),
  };
}

async function* handleChunks(handle: FileHandle, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  let position = 0;
  const readNext = async (): Promise<Uint8Array> => {
    const length = position < size ? Math.min(CHUNK_BYTES, size - position) : size > 0 ? PROBE_BYTES : CHUNK_BYTES;
    const buffer = Buffer.allocUnsafeSlow(length);
    const { bytesRead } = await attempt(handle.read(buffer, 0, length, null));
    position += bytesRead;
    return buffer.subarray(0, bytesRead);
  };
  let ahead: Promise<Uint8Array> | undefined;
  try {
    for (;;) {
      signal.throwIfAborted();
      const chunk = await (ahead ?? readNext());
      ahead = undefined;
      if (chunk.length === 0) return;
      // It grew, which its state will tell. One that grows as fast as it is read would never end.
      const isPast = size > 0 && position > size;
      if (!isPast) {
        ahead = readNext();
        // Whoever stops early never looks at it.
        ahead.catch(() => {});
      }
      yield chunk;
      if (isPast) return;
    }
  } finally {
    await ahead?.catch(() => {});
  }
}

async function stateOf(handle: FileHandle): Promise<string | undefined> {
  const stats = await attempt(handle.stat({ bigint: true }));
  return stats.isFile() ? [stats.dev, stats.ino, stats.size, stats.mtimeNs].join(' ') : undefined;
}

async function attempt<Value>(promise: Promise<Value>): Promise<Value> {
  try {
    return await promise;
  } catch (error) {
    throw new ReadFailure(error);
  }
}
