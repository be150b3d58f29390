import {
  type Chunk,
  type Input,
  InputError,
  type InputInfo,
  type Inspection,
  type LeftOutEntry,
} from '../../../core/input.js';
import { FileInput } from '../file-input.js';
import { isZip } from '../format.js';
import { readOnce } from '../read-once.js';
import { StoredBytes } from '../stored-bytes.js';
import { type Spooled, spool } from './spool.js';

/** One document on its way. */
export interface Download {
  /** In bytes, when it is known. */
  readonly size: number | undefined;
  /** The bytes in order. Aborting the signal that it was asked for with rejects with its reason. */
  readonly chunks: AsyncGenerator<Uint8Array, void, undefined>;
}

export interface SpoolSettings {
  /** Store it first: it will be read twice. */
  readonly spools: boolean;
  /** Told before a document is stored in a temporary file. */
  readonly onSpool: (shown: string, size: number | undefined) => void;
}

/** What is known of a document before it is asked for. */
export interface RemoteInfo extends InputInfo {
  /** When it was written to, in ms since the epoch, where a listing says so. */
  readonly modifiedMs?: number | undefined;
}

/**
 * A document on a server (https, S3): read as a stream, like standard input; a zip archive is stored in a temporary file
 * first, which `close` removes.
 */
export class RemoteInput implements Input {
  readonly info: RemoteInfo;
  readonly #ask: (signal: AbortSignal) => Promise<Download>;
  readonly #settings: SpoolSettings;
  /** What was opened and not read yet. */
  #stored: StoredBytes | undefined;
  #spooled: Spooled | undefined;
  #file: FileInput | undefined;
  #sha256: string | undefined;
  /** It could not be opened, as an inspection told. */
  #failed = false;

  /** @param ask resolves when the first bytes are about to come; rejects with {InputError} */
  constructor(info: RemoteInfo, ask: (signal: AbortSignal) => Promise<Download>, settings: SpoolSettings) {
    this.info = info;
    this.#ask = ask;
    this.#settings = settings;
  }

  sha256(): string | undefined {
    return this.#file?.sha256() ?? this.#sha256;
  }

  leftOut(): readonly LeftOutEntry[] {
    return this.#file?.leftOut() ?? [];
  }

  /** Only what is stored first is inspected. */
  async inspect(signal: AbortSignal, onProgress?: (storedBytesRead: number) => void): Promise<Inspection | undefined> {
    try {
      await this.#open(signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof InputError)) throw error;
      this.#failed = true;
      return { sha256: undefined, intactBytes: 0, damage: error.damage };
    }
    return this.#file?.inspect(signal, onProgress);
  }

  /** @throws {InputError} at damage, after all before it */
  async *read(signal: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    if (this.#failed) return;
    await this.#open(signal);
    if (this.#file !== undefined) {
      yield* this.#file.read(signal);
      return;
    }
    const stored = this.#stored!;
    this.#stored = undefined;
    try {
      for await (const chunk of readOnce(this.info.path, stored)) {
        yield chunk;
        signal.throwIfAborted();
      }
      this.#sha256 = stored.sha256();
    } finally {
      await stored.close();
    }
  }

  /** Lets go of the connection, and of the temporary file. */
  async close(): Promise<void> {
    await this.#stored?.close();
    await this.#spooled?.remove();
  }

  async #open(signal: AbortSignal): Promise<void> {
    if (this.#file !== undefined || this.#stored !== undefined) return;
    const { path } = this.info;
    const { size, chunks } = await this.#ask(signal);
    const stored = new StoredBytes(chunks);
    if (!this.#settings.spools && !(await isZip(stored))) {
      this.#stored = stored;
      return;
    }
    this.#settings.onSpool(path, size);
    this.#spooled = await spool(path, rest(stored), signal);
    this.#file = new FileInput({ path, size }, this.#spooled.path);
  }
}

async function* rest(stored: StoredBytes): AsyncGenerator<Uint8Array, void, undefined> {
  while (stored.buffered.length > 0 || (await stored.more())) yield stored.take(stored.buffered.length);
}
