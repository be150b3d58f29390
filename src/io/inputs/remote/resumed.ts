import type { Readable } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '../../../core/input.js';
import { brokenOff } from './remote-damage.js';

/** A document of which the first bytes have come. */
export interface Begun {
  /** In bytes, when it is known. */
  readonly size: number | undefined;
  readonly bytes: Body;
  /**
   * The document from a byte on. `changed`: it is not the same any more, or can't be had any more; `later`: not now, but
   * perhaps soon. Missing where nothing tells whether it is the same still.
   */
  readonly restFrom?: (byte: number) => Promise<Body | 'changed' | 'later'>;
}

/** `complete` is false when the connection ended too early (as node:http says of a response). */
export type Body = Readable & { readonly complete?: boolean };

export interface Patience {
  /** Longest silence: until an answer begins, and between two of its bytes while they are waited for (ms). */
  readonly timeoutMs: number;
  /** The first wait before the rest is asked for once more; each next one is twice as long (ms). */
  readonly resumeWaitMs: number;
}

/** How often the rest is asked for, counted anew whenever something came. The first time it is asked for at once. */
const MOST_RESUMES = 7;

/**
 * The bytes of a document in order. Where the connection breaks, or is silent, the rest is asked for. Whoever reads slowly
 * is not blamed on the connection: it may have been closed meanwhile, and is taken up again.
 * Aborting the signal rejects with its reason. @throws {InputError} 'cut_off', after all that came
 */
export async function* resumed(
  shown: string,
  { size, bytes: first, restFrom }: Begun,
  { timeoutMs, resumeWaitMs }: Patience,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = first;
  let received = 0;
  let tries = 0;
  const stop = (): void => void bytes.destroy();
  signal.addEventListener('abort', stop, { once: true });
  try {
    for (;;) {
      let broke: unknown;
      try {
        for await (const chunk of unlessSilent(bytes, timeoutMs)) {
          received += chunk.length;
          tries = 0;
          yield chunk;
        }
      } catch (error) {
        broke = error;
      } finally {
        bytes.destroy();
      }
      const isWhole = size === undefined ? broke === undefined && bytes.complete !== false : received === size;
      if (isWhole) return;
      let rest: Body | 'changed' | 'later' = restFrom === undefined ? 'changed' : 'later';
      for (; rest === 'later' && tries < MOST_RESUMES; tries += 1) {
        signal.throwIfAborted();
        if (tries > 0) await wait(resumeWaitMs * 2 ** (tries - 1), undefined, { signal }).catch(() => undefined);
        signal.throwIfAborted();
        rest = await restFrom!(received);
      }
      signal.throwIfAborted();
      if (typeof rest === 'string') throw new InputError(brokenOff(shown, received, size), { cause: broke });
      bytes = rest;
    }
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** A stream's chunks; the stream is destroyed when the next one is waited for too long. */
async function* unlessSilent(bytes: Body, timeoutMs: number): AsyncGenerator<Uint8Array, void, undefined> {
  const chunks = bytes[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  for (;;) {
    const timer = setTimeout(() => bytes.destroy(new Error('silent')), timeoutMs);
    const next = await chunks.next().finally(() => clearTimeout(timer));
    if (next.done) return;
    yield next.value;
  }
}
