import type { Clock } from '../core/ports.js';

/** One wake-up call at a time: the earliest that was asked for. */
export class Timer {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #set: { readonly at: number; readonly abort: AbortController } | undefined;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings at monotonic time `at`, unless it will ring earlier. */
  ringAt(at: number): void {
    if (this.#set !== undefined) {
      if (this.#set.at <= at) return;
      this.#set.abort.abort();
    }
    const set = { at, abort: new AbortController() };
    this.#set = set;
    void this.#clock.sleep(Math.max(0, at - this.#clock.monotonic()), set.abort.signal).then(() => {
      if (this.#set !== set) return;
      this.#set = undefined;
      this.#ring();
    });
  }

  cancel(): void {
    this.#set?.abort.abort();
    this.#set = undefined;
  }
}
