import type { VirtualTime } from './virtual-time.js';

/** The first rule that a simulation broke, and where. */
export interface Failure {
  /** The name of the check. */
  readonly check: string;
  readonly what: string;
}

/**
 * What happened in one simulation: a hash of it all (two simulations of one seed must give the same), the marks of what
 * was seen, the first failure, and, if asked for, a trace to read.
 */
export class Journal {
  readonly seen = new Set<string>();
  readonly trace: string[] = [];
  readonly #time: VirtualTime;
  readonly #keepsTrace: boolean;
  #failure: Failure | undefined;
  #hash = 0x811c9dc5;

  constructor(time: VirtualTime, keepsTrace: boolean) {
    this.#time = time;
    this.#keepsTrace = keepsTrace;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get hash(): string {
    return (this.#hash >>> 0).toString(16).padStart(8, '0');
  }

  note(what: string, detail: number | string = ''): void {
    this.#mix(Math.round(this.#time.now * 1_000));
    for (let i = 0; i < what.length; i += 1) this.#mix(what.charCodeAt(i));
    if (typeof detail === 'number') this.#mix(detail);
    else for (let i = 0; i < detail.length; i += 1) this.#mix(detail.charCodeAt(i));
    if (this.#keepsTrace) this.trace.push(`${(this.#time.now / 1_000).toFixed(4).padStart(12)} s  ${what} ${detail}`);
  }

  mark(seen: string): void {
    this.seen.add(seen);
  }

  fail(check: string, what: string): void {
    if (this.#failure !== undefined) return;
    this.#failure = { check, what };
    this.note(`FAILED ${check}:`, what);
  }

  #mix(word: number): void {
    this.#hash = Math.imul(this.#hash ^ (word & 0xffff) ^ (word / 0x10000), 0x01000193);
  }
}
