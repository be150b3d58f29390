import { createHash } from 'node:crypto';
import type { Input } from '../../src/core/input.js';
import type { FileIdentity } from '../../src/core/ledger.js';
import type { Clock } from '../../src/core/ports.js';
import { type MemoryInputOptions, memoryInput } from './memory-input.js';

/** A file in memory, with what a file system says of it. Tells how often it was read and hashed. */
export class MemoryFile {
  readonly path: string;
  text: string;
  reads = 0;
  hashes = 0;
  /** Grows with every change, as the time of the last one does. */
  #changes = 1;

  constructor(path: string, text: string | readonly string[]) {
    this.path = path;
    this.text = typeof text === 'string' ? text : text.join('\n');
  }

  write(text: string | readonly string[]): void {
    this.text = typeof text === 'string' ? text : text.join('\n');
    this.#changes += 1;
  }

  /** The same content at another time: what `touch` does. */
  touch(): void {
    this.write(this.text);
  }

  get sha256(): string {
    return createHash('sha256').update(this.text).digest('hex');
  }

  get identity(): FileIdentity {
    const time = this.#changes;
    return { path: `/in/${this.path}`, size: Buffer.byteLength(this.text), ino: 7, mtimeMs: time, ctimeMs: time };
  }

  /** The file as one run reads it. */
  input(clock: Clock, options: MemoryInputOptions = {}): Input {
    let sha256: string | undefined;
    const inner = memoryInput(this.path, this.text, clock, options);
    const readIt = async function* (file: MemoryFile, signal: AbortSignal) {
      file.reads += 1;
      yield* inner.read(signal);
      sha256 = file.sha256;
    };
    return {
      ...inner,
      read: (signal) => readIt(this, signal),
      sha256: () => sha256,
      identity: async () => this.identity,
      hash: async () => {
        this.hashes += 1;
        return this.sha256;
      },
    };
  }
}
