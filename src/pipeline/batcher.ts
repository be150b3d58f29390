import type { Target } from '../core/target.js';
import { type Event, sentSize } from './event.js';
import { EventQueue } from './event-queue.js';
import type { Subjects } from './subjects.js';

export interface BatchLimits {
  /** Most events of a request. */
  readonly events: number;
  /** Most bytes of a request's body; a larger event travels alone. */
  readonly bytes: number;
}

/** Events that belong together on their way: what is left of one request, in the parts into which it was split. */
export interface Batch {
  /** What is still to be sent, in order: each part is one request. */
  readonly parts: Event[][];
}

/** What of a target decides which events may share a request. */
export type Sharing = Pick<Target, 'overhead' | 'maxEvents' | 'groupOf'>;

/** With so many full requests' worth of events in groups of which none is full, the oldest group goes all the same. */
const ENOUGH_REQUESTS = 8;

/**
 * Holds the events that may go, in the order in which they became free to, and makes batches of them. Events of
 * different groups (see `Target.groupOf`) wait apart, so that each group's requests are full.
 */
export class Batcher {
  readonly #limits: BatchLimits;
  readonly #subjects: Subjects;
  readonly #overhead: Target['overhead'];
  readonly #groupOf: (event: Event) => string;
  /** By group; the one that has waited longest first. None is empty. */
  readonly #queues = new Map<string, EventQueue>();
  #ready = 0;

  constructor(limits: BatchLimits, subjects: Subjects, sharing: Sharing) {
    this.#limits = { ...limits, events: Math.min(limits.events, sharing.maxEvents ?? limits.events) };
    this.#subjects = subjects;
    this.#overhead = sharing.overhead;
    this.#groupOf = (event) => sharing.groupOf?.(event) ?? '';
  }

  /** How many events may go. */
  get ready(): number {
    return this.#ready;
  }

  /** Is there enough for a full request? */
  get full(): boolean {
    if (this.#queues.size > 1 && this.#ready >= this.#limits.events * ENOUGH_REQUESTS) return true;
    return this.#fullGroup() !== undefined;
  }

  add(event: Event): void {
    const group = this.#groupOf(event);
    const queue = this.#queues.get(group);
    if (queue === undefined) this.#queues.set(group, new EventQueue(event, this.#sizeOf(event)));
    else queue.push(event, this.#sizeOf(event));
    this.#ready += 1;
  }

  /**
   * Makes a batch of the first events of one group that may go, as many as fit: of a group that fills a request, else
   * of the one that has waited longest.
   * @param most never more events than this, whatever the limits say
   * @param dropped is told of each event that may no longer be sent, since its subject is held back
   */
  take(most: number, dropped: (event: Event) => void): Batch | undefined {
    for (;;) {
      const group = this.#fullGroup() ?? this.#queues.keys().next().value;
      if (group === undefined) return undefined;
      const batch = this.#takeFrom(group, most, dropped);
      // When all of a group was dropped, another may have something.
      if (batch !== undefined || most <= 0) return batch;
    }
  }

  /** Takes out everything that is left, in order. */
  drain(): Event[] {
    const left = [...this.#queues.values()].flatMap((queue) => queue.rest());
    this.#queues.clear();
    this.#ready = 0;
    return left;
  }

  #takeFrom(group: string, most: number, dropped: (event: Event) => void): Batch | undefined {
    const queue = this.#queues.get(group)!;
    const events: Event[] = [];
    const batch: Batch = { parts: [events] };
    const limit = Math.min(most, this.#limits.events);
    let bytes = this.#overhead.perRequest;
    const fits = (event: Event): boolean =>
      events.length < limit && (events.length === 0 || bytes + this.#sizeOf(event) <= this.#limits.bytes);
    const join = (event: Event): void => {
      events.push(event);
      event.batch = batch;
      bytes += this.#sizeOf(event);
    };
    const belongs = (other: Event): boolean => this.#groupOf(other) === group && fits(other);
    while (queue.length > 0 && events.length < limit) {
      const event = queue.first;
      const isHeldBack = this.#subjects.isHeldBack(event);
      if (!isHeldBack && !fits(event)) break;
      queue.shift(this.#sizeOf(event));
      this.#ready -= 1;
      if (isHeldBack) {
        dropped(event);
        continue;
      }
      join(event);
      this.#takeCompanions(event, belongs, join);
    }
    // What is left of it waits behind the other groups.
    this.#queues.delete(group);
    if (queue.length > 0) this.#queues.set(group, queue);
    return events.length === 0 ? undefined : batch;
  }

  #fullGroup(): string | undefined {
    // So many groups can't fill a request each within the window, and would have to be looked at each time.
    if (this.#queues.size > MOST_LOOKED_AT) return undefined;
    for (const [group, { length, bytes }] of this.#queues) {
      if (length >= this.#limits.events || bytes >= this.#limits.bytes) return group;
    }
    return undefined;
  }

  #takeCompanions(event: Event, fits: (event: Event) => boolean, join: (event: Event) => void): void {
    const companions = this.#subjects.companions(event);
    if (companions.length === 0) return;
    const next = [...companions];
    for (let companion = next.shift(); companion !== undefined; companion = next.shift()) {
      if (companion.batch !== undefined || this.#subjects.isHeldBack(companion) || !fits(companion)) continue;
      join(companion);
      next.push(...this.#subjects.companions(companion));
    }
  }

  #sizeOf(event: Event): number {
    return sentSize(event) + this.#overhead.perEvent;
  }
}

const MOST_LOOKED_AT = 100;
