import { createHash, type Hash } from 'node:crypto';

const NOTHING = new Uint8Array(0);

/**
 * An input's bytes as stored: hashed as they arrive, buffered until they are taken, so that a reader can look ahead.
 * What is buffered grows only by `more`, one chunk at a time.
 */
export class StoredBytes {
  /** Bytes that arrived and were not taken yet. */
  buffered: Uint8Array = NOTHING;
  /** How many bytes were taken. */
  taken = 0;

  /** How many bytes arrived: taken and buffered. */
  get arrived(): number {
    return this.taken + this.buffered.length;
  }

  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #hash: Hash | undefined;
  readonly #recent: Uint8Array[] = [];
  #recentBytes = 0;
  #tailBytes = 0;
  #ended = false;
  #failure: { readonly cause: unknown } | undefined;
  #sha256: string | undefined;

  /** @param options `hash: false` where nobody asks for `sha256` */
  constructor(chunks: AsyncIterable<Uint8Array>, { hash = true }: { readonly hash?: boolean } = {}) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#hash = hash ? createHash('sha256') : undefined;
  }

  /** From now on the last `bytes` of what arrives are kept for `tail`. */
  keepTail(bytes: number): void {
    this.#tailBytes = bytes;
    this.#remember(this.buffered);
  }

  /** Waits for the next chunk. False when the input ended. Rejects as the chunks' source does, and from then on always. */
  async more(): Promise<boolean> {
    while (!this.#ended) {
      const { done, value } = await this.#next();
      if (done) {
        this.#ended = true;
        this.#sha256 = this.#hash?.digest('hex');
        return false;
      }
      if (value.length === 0) continue;
      this.#hash?.update(value);
      this.#remember(value);
      this.buffered = this.buffered.length === 0 ? value : Buffer.concat([this.buffered, value]);
      return true;
    }
    return false;
  }

  /** Waits until `bytes` are buffered. False when the input ended before. */
  async atLeast(bytes: number): Promise<boolean> {
    while (this.buffered.length < bytes) {
      if (!(await this.more())) return false;
    }
    return true;
  }

  /** Takes bytes off the front of what is buffered. */
  take(bytes: number): Uint8Array {
    const front = this.buffered.subarray(0, bytes);
    this.buffered = this.buffered.subarray(bytes);
    this.taken += front.length;
    return front;
  }

  /** The last bytes that arrived: at most `bytes`, and at most what `keepTail` asked for. */
  tail(bytes: number): Uint8Array {
    const kept = Buffer.concat(this.#recent);
    return kept.subarray(Math.max(0, kept.length - Math.min(bytes, this.#tailBytes)));
  }

  /** SHA-256 of all bytes, in hex; undefined before the input's end was seen, and without a hash. */
  sha256(): string | undefined {
    return this.#sha256;
  }

  /** Lets the source go. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#failure !== undefined) throw this.#failure.cause;
    try {
      return await this.#chunks.next();
    } catch (cause) {
      this.#failure = { cause };
      throw cause;
    }
  }

  #remember(chunk: Uint8Array): void {
    if (this.#tailBytes === 0) return;
    this.#recent.push(chunk);
    this.#recentBytes += chunk.length;
    while (this.#recentBytes - this.#recent[0]!.length >= this.#tailBytes) {
      this.#recentBytes -= this.#recent.shift()!.length;
    }
  }
}
