import type { Readable } from 'node:stream';

/** The system could not open or read an input. `code` is its error code, such as 'EACCES'. */
export class ReadFailure extends Error {
  override readonly name = 'ReadFailure';
  readonly code: string | undefined;
  constructor(cause: unknown) {
    super('an input can not be read', { cause });
    this.code = (cause as NodeJS.ErrnoException | undefined)?.code;
  }
}

/**
 * A stream's bytes, until it ends. Aborting the signal destroys the stream, for waiting on a silent one would never end,
 * and rejects with the signal's reason; so does stopping early. @throws {ReadFailure}
 */
export async function* streamChunks(stream: Readable, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const stop = () => void stream.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    signal.throwIfAborted();
    for await (const chunk of stream) {
      signal.throwIfAborted();
      yield chunk as Uint8Array;
    }
    signal.throwIfAborted();
  } catch (error) {
    signal.throwIfAborted();
    throw new ReadFailure(error);
  } finally {
    signal.removeEventListener('abort', stop);
    stream.destroy();
  }
}
