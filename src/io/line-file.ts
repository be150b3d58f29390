import { constants } from 'node:fs';
import { access, type FileHandle, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mendLastLine } from './torn-line.js';

export interface LineFileOptions {
  readonly path: string;
  /** How many bytes may wait to be written before `write` asks to wait. Default 4 MiB. */
  readonly maxQueuedBytes?: number | undefined;
}

/**
 * Appends lines to a file, mode 0600, each written whole; a torn last line is cut off first. Nothing is touched before the
 * first line. After a failed write nothing more is written: what stood behind the gap would hide it.
 */
export class LineFile {
  readonly #path: string;
  readonly #maxQueuedBytes: number;
  #file: FileHandle | undefined;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** The writing that is under way; it goes on until the queue is empty. It never rejects: see `#failure`. */
  #writing: Promise<void> | undefined;
  #failure: { readonly cause: unknown } | undefined;

  constructor({ path, maxQueuedBytes = 4 * 1024 * 1024 }: LineFileOptions) {
    this.#path = path;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  /** Why writing failed; undefined while it works. */
  get failure(): { readonly cause: unknown } | undefined {
    return this.#failure;
  }

  /**
   * Queues a line, with its end. The promise, if there is one, resolves when there is room for more.
   * @throws what the system said when an earlier write failed (also as a rejection)
   */
  write(line: Buffer): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure.cause);
    this.#queue.push(line);
    this.#queuedBytes += line.length;
    this.#writing ??= this.#writeQueue();
    return this.#queuedBytes > this.#maxQueuedBytes ? this.flush() : undefined;
  }

  /** Resolves when everything queued is on its way to the disk. @throws what the system said */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  /** Writes what is queued, syncs and closes. No more may be written. @throws what the system said */
  async close(): Promise<void> {
    await this.#writing;
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) {
      try {
        if (this.#failure === undefined) await sync(file);
      } catch (cause) {
        this.#failure = { cause };
      } finally {
        await file.close();
      }
    }
    if (this.#failure !== undefined) throw this.#failure.cause;
  }

  async #writeQueue(): Promise<void> {
    try {
      this.#file ??= await openForAppending(this.#path);
      while (this.#queue.length > 0) {
        const lines = Buffer.concat(this.#queue);
        this.#queue = [];
        await this.#file.appendFile(lines);
        this.#queuedBytes -= lines.length;
      }
    } catch (cause) {
      this.#failure = { cause };
      this.#queue = [];
    } finally {
      this.#writing = undefined;
    }
  }
}

/** Finds out, before a long run, whether lines could be appended there. Makes and changes nothing. @throws what the system says */
export async function checkAppendable(path: string): Promise<void> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (found === undefined) await access(dirname(path), constants.W_OK);
  else if (found.isDirectory()) throw Object.assign(new Error('is a directory'), { code: 'EISDIR' });
  else await access(path, found.isFile() ? constants.R_OK | constants.W_OK : constants.W_OK);
}

async function openForAppending(path: string): Promise<FileHandle> {
  const append = constants.O_APPEND | constants.O_CREAT;
  if (await isSpecial(path)) {
    return open(path, constants.O_WRONLY | append);
  }
  // Opened for reading too: the end of what is there has to be looked at.
  const file = await open(path, constants.O_RDWR | append, 0o600);
  try {
    await mendLastLine(file);
    return file;
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A pipe or a device: it has no end to look at, and reading along would keep a pipe open that nobody reads. */
async function isSpecial(path: string): Promise<boolean> {
  try {
    const found = await stat(path);
    return !found.isFile() && !found.isDirectory();
  } catch {
    return false;
  }
}

/** What is no file (a pipe, a device) can't be synced, and need not be. */
async function sync(file: FileHandle): Promise<void> {
  if ((await file.stat()).isFile()) {
    await file.sync();
  }
}
