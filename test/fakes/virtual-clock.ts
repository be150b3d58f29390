import type { Clock } from '../../src/core/ports.js';

interface Alarm {
  readonly at: number;
  readonly order: number;
  ring: (() => void) | undefined;
}

/** A clock whose time stands still while anything runs, and then jumps to the next moment for which something waits. */
export class VirtualClock implements Clock {
  /** What `now` says at the beginning. */
  readonly begin: number;
  /** How many sleeps were begun, to notice a timer that spins. */
  sleeps = 0;
  #time = 0;
  #order = 0;
  #alarms: Alarm[] = [];
  #takenBack = 0;

  constructor(begin = Date.UTC(2026, 0, 15, 12)) {
    this.begin = begin;
  }

  now(): number {
    return this.begin + this.#time;
  }

  monotonic(): number {
    return this.#time;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps += 1;
    return new Promise((resolve) => {
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const end = (): void => {
        takeBack();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const takeBack = this.after(ms, end);
      signal?.addEventListener('abort', end, { once: true });
    });
  }

  yield(): Promise<void> {
    return new Promise((resolve) => this.after(0, resolve));
  }

  /** Does something later. Returns what takes it back. */
  after(ms: number, ring: () => void): () => void {
    const alarm: Alarm = { at: this.#time + Math.max(0, ms), order: this.#order++, ring };
    this.#alarms.splice(this.#placeOf(alarm), 0, alarm);
    return () => {
      if (alarm.ring === undefined) return;
      alarm.ring = undefined;
      this.#takenBack += 1;
      // Alarms far ahead that were taken back would pile up over a long time.
      if (this.#takenBack > 1000 && this.#takenBack * 2 > this.#alarms.length) {
        this.#alarms = this.#alarms.filter(({ ring }) => ring !== undefined);
        this.#takenBack = 0;
      }
    };
  }

  /**
   * Lets time pass until `work` is done.
   * @throws {Error} when it never will be: nothing is left that could happen, or more than `mostMs` have passed
   */
  async run<T>(work: Promise<T>, mostMs = 30 * 24 * 3_600_000): Promise<T> {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    work.then(over, over);
    const until = this.#time + mostMs;
    for (await quiet(); !isOver; await quiet()) {
      const next = this.#next();
      if (next === undefined) throw new Error('it hangs: nothing is left that could happen');
      if (next.at > until) throw new Error(`it does not end: still at work after ${mostMs} ms`);
      this.#time = next.at;
      const { ring } = next;
      // It rings once: taking it back later does nothing.
      next.ring = undefined;
      ring?.();
    }
    return work;
  }

  /** Behind all that ring at the same time or before. */
  #placeOf({ at }: Alarm): number {
    let from = 0;
    let to = this.#alarms.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (this.#alarms[middle]!.at <= at) from = middle + 1;
      else to = middle;
    }
    return from;
  }

  #next(): Alarm | undefined {
    for (;;) {
      const next = this.#alarms.shift();
      if (next === undefined || next.ring !== undefined) return next;
    }
  }
}

/** Resolves when no promise is left to run. */
function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}
