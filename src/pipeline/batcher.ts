import type { Target } from '../core/target.js';
import { type Event, sentSize } from './event.js';
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

/** Holds the events that may go, in the order in which they became free to, and makes batches of them. */
export class Batcher {
  readonly #limits: BatchLimits;
  readonly #subjects: Subjects;
  readonly #overhead: Target['overhead'];
  /** A queue: `#head` is its first entry, and the array is cut when half of it is behind. */
  #ready: Event[] = [];
  #head = 0;
  #bytes = 0;

  constructor(limits: BatchLimits, subjects: Subjects, overhead: Target['overhead']) {
    this.#limits = limits;
    this.#subjects = subjects;
    this.#overhead = overhead;
  }

  /** How many events may go. */
  get ready(): number {
    return this.#ready.length - this.#head;
  }

  /** Is there enough for a full request? */
  get full(): boolean {
    return this.ready >= this.#limits.events || this.#bytes >= this.#limits.bytes;
  }

  add(event: Event): void {
    this.#ready.push(event);
    this.#bytes += this.#sizeOf(event);
  }

  /**
   * Makes a batch of the first events that may go, as many as fit.
   * @param most never more events than this, whatever the limits say
   * @param dropped is told of each event that may no longer be sent, since its subject is held back
   */
  take(most: number, dropped: (event: Event) => void): Batch | undefined {
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
    while (this.ready > 0 && events.length < limit) {
      const event = this.#ready[this.#head]!;
      if (!this.#subjects.isHeldBack(event) && !fits(event)) break;
      this.#shift();
      if (this.#subjects.isHeldBack(event)) {
        dropped(event);
        continue;
      }
      join(event);
      this.#takeCompanions(event, fits, join);
    }
    return events.length === 0 ? undefined : batch;
  }

  /** Takes out everything that is left, in order. */
  drain(): Event[] {
    const left = this.#ready.slice(this.#head);
    this.#ready = [];
    this.#head = 0;
    this.#bytes = 0;
    return left;
  }

  #takeCompanions(event: Event, fits: (event: Event) => boolean, join: (event: Event) => void): void {
    const next = [...this.#subjects.companions(event)];
    for (let companion = next.shift(); companion !== undefined; companion = next.shift()) {
      if (companion.batch !== undefined || this.#subjects.isHeldBack(companion) || !fits(companion)) continue;
      join(companion);
      next.push(...this.#subjects.companions(companion));
    }
  }

  #shift(): void {
    const event = this.#ready[this.#head]!;
    this.#bytes -= this.#sizeOf(event);
    this.#head += 1;
    if (this.#head > 1_000 && this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
  }

  #sizeOf(event: Event): number {
    return sentSize(event) + this.#overhead.perEvent;
  }
}
