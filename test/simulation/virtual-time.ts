import type { Clock } from '../../src/core/ports.js';

/** The epoch time at which every simulation begins. */
const BEGIN = Date.UTC(2026, 0, 31, 23, 0, 0);

interface Happening {
  readonly at: number;
  readonly order: number;
  /** Whose it is: what belongs to a process that was killed never happens. Undefined: the world's own. */
  readonly life: Life | undefined;
  act: (() => void) | undefined;
}

/** One process from its start to its end or its killing. */
export class Life {
  over = false;
}

/**
 * The time of a simulated world, and everything that will happen in it, in order. Time moves only when nothing is
 * left to run; then it jumps to the next happening.
 */
export class VirtualTime {
  #now = 0;
  #steps = 0;
  #order = 0;
  readonly #heap: Happening[] = [];

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** The same as epoch time, in ms. */
  get epoch(): number {
    return BEGIN + this.#now;
  }

  /** How many happenings there were. */
  get steps(): number {
    return this.#steps;
  }

  /** Returns a function that takes it back. */
  after(ms: number, act: () => void, life?: Life): () => void {
    const happening: Happening = { at: this.#now + Math.max(0, ms), order: this.#order++, life, act };
    push(this.#heap, happening);
    return () => {
      happening.act = undefined;
    };
  }

  /** Lets the next thing happen and everything that follows from it at once. False when nothing will ever happen. */
  async step(): Promise<boolean> {
    for (;;) {
      const next = pop(this.#heap);
      if (next === undefined) return false;
      if (next.act === undefined || next.life?.over === true) continue;
      this.#now = next.at;
      this.#steps += 1;
      next.act();
      await quiet();
      return true;
    }
  }

  clockOf(life: Life): Clock {
    return {
      now: () => this.epoch,
      monotonic: () => this.#now,
      sleep: (ms, signal) =>
        new Promise((resolve) => {
          if (signal?.aborted === true) {
            resolve();
            return;
          }
          const wake = (): void => {
            cancel();
            signal?.removeEventListener('abort', wake);
            resolve();
          };
          const cancel = this.after(ms, wake, life);
          signal?.addEventListener('abort', wake, { once: true });
        }),
      yield: () => new Promise((resolve) => this.after(0, resolve, life)),
    };
  }
}

/** Lets so much time pass: what is on its way arrives. */
export async function rest(time: VirtualTime, ms: number): Promise<void> {
  let over = false;
  time.after(ms, () => {
    over = true;
  });
  while (!over) await time.step();
}

/** Resolves when no promise is left to run: a tick comes only after all of them. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function isBefore(a: Happening, b: Happening): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}

function push(heap: Happening[], item: Happening): void {
  let at = heap.length;
  heap.push(item);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isBefore(item, heap[parent]!)) break;
    heap[at] = heap[parent]!;
    at = parent;
  }
  heap[at] = item;
}

function pop(heap: Happening[]): Happening | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
    if (!isBefore(heap[child]!, last)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = last;
  return first;
}
