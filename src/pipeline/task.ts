import type { Batch } from './batcher.js';
import type { Event } from './event.js';
import type { Order } from './subjects.js';

/** A batch on its way, over all the requests that it takes. */
export interface Task extends Batch {
  /** What is still to be sent, in order; the first part is the next request. */
  parts: Event[][];
  /** Failures of its first part in a row. */
  failures: number;
  /** How often its first part met a 2xx that is no answer of such an API. */
  unintelligible: number;
  /** Newest tokens in a row that were refused for it. */
  unauthorized: number;
  /** Monotonic ms before which it may not be sent on. */
  dueAt: number;
}

export function newTask(batch: Batch): Task {
  return Object.assign(batch as { parts: Event[][] }, { failures: 0, unintelligible: 0, unauthorized: 0, dueAt: 0 });
}

/** Leaves no more than `most` events in the task's first part; the rest becomes the part behind it. */
export function shorten(task: Task, most: number): Task {
  const part = task.parts[0]!;
  if (most < part.length) task.parts.splice(0, 1, part.slice(0, most), part.slice(most));
  return task;
}

/** The rest of a split need not wait for a part that failed, unless a subject may be in both. */
export function independent(task: Task, order: Order): Task[] {
  if (task.failures === 0 || task.parts.length < 2 || order === 'batch') return [task];
  return [task, newTask({ parts: task.parts.splice(1) })];
}
