import type { Event } from './event.js';

/** A queue of events, and how many bytes they have in requests. */
export class EventQueue {
  /** `#head` is its first entry, and the array is cut when half of it is behind. What was taken out is not held on to. */
  #events: (Event | undefined)[];
  #head = 0;
  #bytes: number;

  constructor(first: Event, bytes: number) {
    this.#events = [first];
    this.#bytes = bytes;
  }

  get length(): number {
    return this.#events.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Only for a queue that is not empty. */
  get first(): Event {
    return this.#events[this.#head]!;
  }

  push(event: Event, bytes: number): void {
    this.#events.push(event);
    this.#bytes += bytes;
  }

  /** Takes the first event out. */
  shift(bytes: number): void {
    this.#bytes -= bytes;
    this.#events[this.#head] = undefined;
    this.#head += 1;
    if (this.#head > 1_000 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** All that is in it, in order. */
  rest(): Event[] {
    return this.#events.slice(this.#head) as Event[];
  }
}
