import type { Ended } from './aftermath.js';
import type { Batcher } from './batcher.js';
import type { Event } from './event.js';
import type { Outlet, SinkPorts } from './sink.js';
import type { Subjects } from './subjects.js';
import type { Task } from './task.js';

export interface EndingsPorts {
  readonly settle: Outlet;
  readonly onAnswered: SinkPorts['onAnswered'];
}

/** Ends the ways of events: settles them, and lets those that waited for them go on. Counts what is on its way. */
export class Endings {
  /** Events in requests that are in flight, or in tasks: each may yet be delivered. */
  underway = 0;
  delivered = 0;
  readonly #subjects: Subjects;
  readonly #batcher: Batcher;
  readonly #ports: EndingsPorts;

  constructor(subjects: Subjects, batcher: Batcher, ports: EndingsPorts) {
    this.#subjects = subjects;
    this.#batcher = batcher;
    this.#ports = ports;
  }

  /** What an answer meant for events that were on their way. */
  apply(ended: readonly Ended[]): void {
    const { settle, onAnswered } = this.#ports;
    for (const { event, end } of ended) {
      this.underway -= 1;
      if (end.kind === 'delivered') this.delivered += 1;
      if (end.kind === 'delivered') settle.acknowledged(event, false, end.returned);
      else if (end.kind === 'duplicate') settle.acknowledged(event, true);
      else if (end.kind === 'inDoubt') this.holdBack(event);
      else settle.rejected(event, 'refused', end.errors);
      this.#freeFollowing(event);
      if (end.kind !== 'inDoubt') onAnswered(end.kind);
    }
  }

  /** The ledger holds it as in doubt: nothing more of its subjects is sent. */
  holdBack(event: Event): void {
    this.#subjects.holdBack(event);
    this.#ports.settle.inDoubt(event);
  }

  /** Its subject is held back, so it stays unsent, and with it what comes later of any of its subjects. */
  leaveUnsent(event: Event): void {
    this.#subjects.holdBack(event);
    this.#ports.settle.undelivered(event);
  }

  /** Settles an event, and lets those that waited for it go on. */
  release(event: Event, settleIt: () => void): void {
    settleIt();
    this.#freeFollowing(event);
  }

  /** What is left of a split may hold later events of one that ended in doubt: they leave it, unsent. */
  dropHeldBack(task: Task): void {
    const isDropped = (event: Event): boolean => !event.intended && this.#subjects.isHeldBack(event);
    const dropped = task.parts.flat().filter(isDropped);
    if (dropped.length === 0) return;
    task.parts = task.parts.map((part) => part.filter((event) => !isDropped(event))).filter((part) => part.length > 0);
    for (const event of dropped) {
      this.underway -= 1;
      this.release(event, () => this.leaveUnsent(event));
    }
  }

  #freeFollowing(event: Event): void {
    for (const freed of this.#subjects.leave(event)) this.#batcher.add(freed);
  }
}
