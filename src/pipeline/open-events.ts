import type { Event } from './event.js';

const LEAST_SLOTS = 1024;

/**
 * The open events, by the hash of their id: one each. A table with open addressing: its keys are hashes already, so
 * neither a text has to be made of them nor a hash.
 */
export class OpenEvents {
  #slots: (Event | undefined)[] = new Array<Event | undefined>(LEAST_SLOTS).fill(undefined);
  #mask = LEAST_SLOTS - 1;
  #count = 0;

  /** The open event that has the id of `event`. */
  get(event: Event): Event | undefined {
    const slots = this.#slots;
    for (let at = event.idA & this.#mask; ; at = (at + 1) & this.#mask) {
      const found = slots[at];
      if (found === undefined || found.hasSameIdAs(event)) return found;
    }
  }

  /** Adds an event whose id no open one has. */
  add(event: Event): void {
    this.#count += 1;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    this.#put(event);
  }

  /** Takes out this very event, if it is in it. */
  delete(event: Event): void {
    const slots = this.#slots;
    let at = event.idA & this.#mask;
    while (slots[at] !== event) {
      if (slots[at] === undefined) return;
      at = (at + 1) & this.#mask;
    }
    this.#count -= 1;
    // What was put behind it for want of room moves up, so that no look-up ends at the gap.
    for (let next = (at + 1) & this.#mask; slots[next] !== undefined; next = (next + 1) & this.#mask) {
      const home = slots[next]!.idA & this.#mask;
      if (((next - home) & this.#mask) < ((next - at) & this.#mask)) continue;
      slots[at] = slots[next];
      at = next;
    }
    slots[at] = undefined;
  }

  #put(event: Event): void {
    let at = event.idA & this.#mask;
    while (this.#slots[at] !== undefined) at = (at + 1) & this.#mask;
    this.#slots[at] = event;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Array<Event | undefined>(before.length * 2).fill(undefined);
    this.#mask = this.#slots.length - 1;
    for (const event of before) if (event !== undefined) this.#put(event);
  }
}
