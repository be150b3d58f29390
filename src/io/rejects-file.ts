import { type RejectedRecord, type Rejects, RejectsError } from '../core/run.js';
import { LineFile, type LineFileOptions } from './line-file.js';
import { type RejectsContent, rejectLine } from './reject-line.js';

export interface RejectsFileOptions extends LineFileOptions {
  readonly content: RejectsContent;
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
  readonly #lines: LineFile;

  constructor(options: RejectsFileOptions) {
    this.#path = options.path;
    this.#content = options.content;
    this.#lines = new LineFile(options);
  }

  write(record: RejectedRecord): Promise<void> | undefined {
    if (this.#lines.failure !== undefined) return this.flush();
    // The record's bytes belong to a block that is soon reused, so the line is made now.
    const line = rejectLine(record, this.#content);
    this.count++;
    return this.#lines.write(line)?.catch((error: unknown) => this.#fail(error));
  }

  async flush(): Promise<void> {
    await this.#lines.flush().catch((error: unknown) => this.#fail(error));
  }

  async close(): Promise<void> {
    await this.#lines.close().catch((error: unknown) => this.#fail(error));
  }

  #fail(cause: unknown): never {
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new RejectsError(
      `can't write the rejects file ${this.#path} (${code}). Make room or correct the permissions there, or name another file with --rejects; then run the same command again.`,
      { cause },
    );
  }
}
