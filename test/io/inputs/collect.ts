import type { Chunk, Input } from '../../../src/core/input.js';
import { InputError } from '../../../src/core/input.js';

/** A signal that nobody aborts. */
export const NEVER = new AbortController().signal;

/** Bytes in chunks of the given sizes, repeated. */
export async function* inChunks(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    yield Uint8Array.prototype.slice.call(bytes, at, at + size);
    at += size;
  }
}

/** Reads an input to its end or its error. */
export async function readAll(
  input: Input,
): Promise<{ bytes: Buffer; chunks: Chunk[]; error: InputError | undefined }> {
  const chunks: Chunk[] = [];
  let error: InputError | undefined;
  try {
    for await (const chunk of input.read(NEVER)) chunks.push(chunk);
  } catch (thrown) {
    if (!(thrown instanceof InputError)) throw thrown;
    error = thrown;
  }
  return { bytes: Buffer.concat(chunks.map(({ bytes }) => bytes)), chunks, error };
}
