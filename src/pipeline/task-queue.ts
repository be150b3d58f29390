import type { Task } from './task.js';

/** Batches with a request still to make: the rest of a split, or a retry. The first that is due goes first. */
export class TaskQueue {
  #tasks: Task[] = [];

  get length(): number {
    return this.#tasks.length;
  }

  /** In front: what was begun is ended first, so that a probe tries the same batch again. */
  putBack(...tasks: Task[]): void {
    this.#tasks.unshift(...tasks);
  }

  isDue(now: number): boolean {
    return this.#tasks.some((task) => task.dueAt <= now);
  }

  /** When the next task will be due that is not yet; infinite when there is none. */
  nextDueAt(now: number): number {
    return Math.min(...this.#tasks.filter((task) => task.dueAt > now).map((task) => task.dueAt));
  }

  /**
   * Takes out the first task that is due.
   * @param mayRetry may one leave that failed before?
   */
  takeDue(now: number, mayRetry: () => boolean): Task | undefined {
    const at = this.#tasks.findIndex((task) => task.dueAt <= now && (task.failures === 0 || mayRetry()));
    return at < 0 ? undefined : this.#tasks.splice(at, 1)[0];
  }

  /** Keeps only what `sift` returns. */
  sift(sift: (tasks: readonly Task[]) => Task[]): void {
    this.#tasks = sift(this.#tasks);
  }

  drain(): Task[] {
    const left = this.#tasks;
    this.#tasks = [];
    return left;
  }
}
