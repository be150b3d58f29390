import type { Event } from './event.js';
import { Lanes } from './lanes.js';

/** `strict`: a subject has one event in flight; `batch`: or several in one request, in file order; `none`. */
export type Order = 'strict' | 'batch' | 'none';

/**
 * Keeps the events of one subject in file order, without locks. Each subject with an open event has a lane: a queue in
 * which only the first event may be put into a request. An event with two user ids stands in two lanes, and may go
 * when it is first in both. All events enter their lanes in file order, so there is always one that can go.
 */
export class Subjects {
  readonly #order: Order;
  readonly #lanes = new Lanes();
  /** Subjects of which an event ended undelivered or in doubt: nothing later of theirs is sent in this run. */
  readonly #heldBack = new Set<number>();

  constructor(order: Order) {
    this.#order = order;
  }

  /** Puts an event at the end of its lanes. Returns true when nothing stands before it. */
  enter(event: Event): boolean {
    if (this.#order === 'none') return true;
    event.blockers = this.#enterLane(event.subjectA, event);
    if (event.subjectB !== event.subjectA) event.blockers += this.#enterLane(event.subjectB, event);
    return event.blockers === 0;
  }

  /** Takes a settled event out of its lanes. Returns the events that may go now, in file order. */
  leave(event: Event): readonly Event[] {
    if (this.#order === 'none') return NONE;
    const a = this.#leaveLane(event.subjectA, event);
    const b = event.subjectB === event.subjectA ? undefined : this.#leaveLane(event.subjectB, event);
    if (a === undefined) return b === undefined ? NONE : [b];
    return b === undefined ? [a] : [a, b];
  }

  /**
   * The events that may follow `event` into the request that it was just put in: under `--order batch`, those whose
   * predecessors are all in that same request.
   */
  companions(event: Event): readonly Event[] {
    if (this.#order !== 'batch') return NONE;
    const found: Event[] = [];
    for (const subject of new Set([event.subjectA, event.subjectB])) {
      const lane = this.#laneOf(subject);
      const next = lane[lane.indexOf(event) + 1];
      if (next !== undefined && next.batch === undefined && this.#followsOnly(next, event.batch)) found.push(next);
    }
    return found.length === 2 && found[0] === found[1] ? found.slice(1) : found;
  }

  /** From now on nothing of this event's subjects is sent. */
  holdBack(event: Event): void {
    if (this.#order === 'none') return;
    if (event.subjectA !== 0) this.#heldBack.add(event.subjectA);
    if (event.subjectB !== 0) this.#heldBack.add(event.subjectB);
  }

  isHeldBack(event: Event): boolean {
    if (this.#heldBack.size === 0) return false;
    return this.#heldBack.has(event.subjectA) || this.#heldBack.has(event.subjectB);
  }

  /** Every event that is in a lane, first or waiting; those of one lane in their order. */
  *all(): Iterable<Event> {
    for (const lane of this.#lanes.all()) {
      if (Array.isArray(lane)) yield* lane;
      else yield lane;
    }
  }

  #laneOf(subject: number): readonly Event[] {
    const lane = this.#lanes.get(subject);
    if (lane === undefined) return NONE;
    return Array.isArray(lane) ? lane : [lane];
  }

  #enterLane(subject: number, event: Event): number {
    if (subject === 0) return 0;
    const lane = this.#lanes.get(subject);
    if (lane === undefined) {
      this.#lanes.set(subject, event);
      return 0;
    }
    if (Array.isArray(lane)) lane.push(event);
    else this.#lanes.set(subject, [lane, event]);
    return 1;
  }

  #leaveLane(subject: number, event: Event): Event | undefined {
    const lane = subject === 0 ? undefined : this.#lanes.get(subject);
    if (lane === undefined) return undefined;
    if (!Array.isArray(lane)) {
      if (lane === event) this.#lanes.delete(subject);
      return undefined;
    }
    if (lane[0] !== event) {
      // Only under `batch` can a later event of a request settle before an earlier one.
      const at = lane.indexOf(event);
      if (at > 0) lane.splice(at, 1);
      return undefined;
    }
    lane.shift();
    const next = lane[0];
    if (next === undefined) {
      this.#lanes.delete(subject);
      return undefined;
    }
    next.blockers -= 1;
    return next.blockers === 0 && next.batch === undefined ? next : undefined;
  }

  #followsOnly(event: Event, batch: object | undefined): boolean {
    for (const subject of [event.subjectA, event.subjectB]) {
      const lane = this.#laneOf(subject);
      const before = lane[lane.indexOf(event) - 1];
      if (before !== undefined && before.batch !== batch) return false;
    }
    return true;
  }
}

const NONE: readonly Event[] = [];
