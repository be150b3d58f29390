import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type RejectedRecord, type Rejects, RejectsError } from '../core/run.js';
import { type RejectsContent, rejectLine } from './reject-line.js';
import { mendLastLine } from './torn-line.js';

export interface RejectsFileOptions {
  readonly path: string;
  readonly content: RejectsContent;
  /** How many bytes may wait to be written before `write` asks to wait. Default 4 MiB. */
  readonly maxQueuedBytes?: number;
}

/** The rejects file of one run. It is made at the first reject. */
export interface RejectsFile {
  readonly rejects: Rejects;
  readonly path: string;
  /** How many records were handed to `write`. */
  readonly count: number;
  /** Writes what is queued, syncs and closes. No more may be written. @throws {RejectsError} */
  close(): Promise<void>;
}

/** Appends rejected records to a file, mode 0600, each line written whole. Nothing is touched before the first one. */
export function openRejectsFile(options: RejectsFileOptions): RejectsFile {
  const writer = new RejectsWriter(options);
  return {
    rejects: writer,
    path: options.path,
    get count() {
      return writer.count;
    },
    close: () => writer.close(),
  };
}

class RejectsWriter implements Rejects {
  count = 0;
  readonly #path: string;
  readonly #content: RejectsContent;
  readonly #maxQueuedBytes: number;
  #file: FileHandle | undefined;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** The writing that is under way; it goes on until the queue is empty. It never rejects: see `#failure`. */
  #writing: Promise<void> | undefined;
  /** After a failed write nothing more is written: what is in the file after it would hide the gap. */
  #failure: RejectsError | undefined;

  constructor({ path, content, maxQueuedBytes = 4 * 1024 * 1024 }: RejectsFileOptions) {
    this.#path = path;
    this.#content = content;
    this.#maxQueuedBytes = maxQueuedBytes;
  }

  write(record: RejectedRecord): Promise<void> | undefined {
    if (this.#failure !== undefined) {
      return Promise.reject(this.#failure);
    }
    // The record's bytes belong to a block that is soon reused, so the line is made now.
    const line = rejectLine(record, this.#content);
    this.count++;
    this.#queue.push(line);
    this.#queuedBytes += line.length;
    this.#writing ??= this.#writeQueue();
    return this.#queuedBytes > this.#maxQueuedBytes ? this.flush() : undefined;
  }

  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
  }

  async close(): Promise<void> {
    await this.#writing;
    const file = this.#file;
    this.#file = undefined;
    if (file !== undefined) {
      try {
        if (this.#failure === undefined) {
          await sync(file);
        }
      } catch (error) {
        this.#failure = this.#error(error);
      } finally {
        await file.close();
      }
    }
    if (this.#failure !== undefined) {
      throw this.#failure;
    }
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
    } catch (error) {
      this.#failure = this.#error(error);
      this.#queue = [];
    } finally {
      this.#writing = undefined;
    }
  }

  #error(cause: unknown): RejectsError {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    return new RejectsError(
      `can't write the rejects file ${this.#path} (${code}). Make room or correct the permissions there, or name another file with --rejects; then run the same command again.`,
      { cause },
    );
  }
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
