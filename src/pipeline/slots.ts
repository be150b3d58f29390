import pLimit from 'p-limit';
import type { Clock } from '../core/ports.js';

/**
 * The request slots: so many pieces of work at a time. A piece may leave something for later, which is done when its
 * slot was given back and the next request has left: a target should not wait while answers are settled.
 */
export class Slots {
  readonly #limit;
  readonly #clock: Pick<Clock, 'yield'>;
  readonly #onBug: (error: unknown) => void;
  readonly #onOver: () => void;
  /** What was left, in order. */
  readonly #left: (() => void)[] = [];
  #isDoing = false;

  /**
   * @param onBug told of what a piece of work threw
   * @param onOver called when a piece of work is over, with what it left for later
   */
  constructor(concurrency: number, clock: Pick<Clock, 'yield'>, onBug: (error: unknown) => void, onOver: () => void) {
    this.#limit = pLimit(concurrency);
    this.#clock = clock;
    this.#onBug = onBug;
    this.#onOver = onOver;
  }

  set concurrency(most: number) {
    this.#limit.concurrency = most;
  }

  /** Is there something that was left for later, and not wholly done yet? */
  get haveLeft(): boolean {
    return this.#isDoing || this.#left.length > 0;
  }

  /** Begins a piece of work when a slot is free. */
  run(work: () => Promise<void>): void {
    this.#limit(work)
      // What it left before it failed is nobody else's to do, and the end of the run waits for it.
      .catch(this.#onBug)
      .then(() => (this.haveLeft ? this.#clock.yield() : undefined))
      .then(() => this.doWhatIsLeft())
      .catch(this.#onBug)
      .then(this.#onOver);
  }

  /** Leaves something for later. Only a piece of work may. */
  leave(act: () => void): void {
    this.#left.push(act);
  }

  /** Does at once what was left, in its order: what comes now may build on it. */
  doWhatIsLeft(): void {
    this.#isDoing = true;
    try {
      for (let act = this.#left.shift(); act !== undefined; act = this.#left.shift()) act();
    } finally {
      this.#isDoing = false;
    }
  }
}
