import type { Readable } from 'node:stream';
import type { Chunk, Input, InputInfo } from '../../core/input.js';
import { readOnce } from './read-once.js';
import { StoredBytes } from './stored-bytes.js';
import { streamChunks } from './stream-chunks.js';

/** Standard input: a stream that can be read only once, so it is never inspected. */
export class StreamInput implements Input {
  readonly info: InputInfo;
  readonly #stream: Readable;
  #sha256: string | undefined;

  constructor(stream: Readable) {
    this.info = { path: '-', size: undefined };
    this.#stream = stream;
  }

  sha256(): string | undefined {
    return this.#sha256;
  }

  async inspect(): Promise<undefined> {}

  /** Aborting the signal, and stopping early, destroys the stream. @throws {InputError} at damage, after all before it */
  async *read(signal: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const stored = new StoredBytes(streamChunks(this.#stream, signal));
    try {
      for await (const chunk of readOnce('standard input', stored)) {
        yield chunk;
        signal.throwIfAborted();
      }
      this.#sha256 = stored.sha256();
    } finally {
      await stored.close();
    }
  }
}
