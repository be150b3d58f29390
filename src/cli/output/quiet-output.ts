import type { Writable } from 'node:stream';
import type { Output } from '../context.js';

/** A stream as `process.stdout` is one. */
export type OutputStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Wraps an output stream so that writing can't fail: after its first error (EPIPE when the reader went away, ENOSPC, …)
 * everything else is dropped quietly. What is printed is never worth an import.
 */
export function quietOutput(stream: OutputStream): Output {
  let gone = false;
  stream.on('error', () => {
    gone = true;
  });
  return {
    isTTY: stream.isTTY === true,
    columns: () => stream.columns || 80,
    write(text: string): void {
      if (!gone && !stream.destroyed) {
        stream.write(text);
      }
    },
    flush(): Promise<void> {
      return new Promise((resolve) => {
        if (gone || stream.destroyed) {
          resolve();
        } else {
          stream.write('', () => resolve());
        }
      });
    },
  };
}
