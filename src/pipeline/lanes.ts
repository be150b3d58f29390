import type { Event } from './event.js';

/** The events of one subject, first one first. A lane with one event, which nearly all are, is that event. */
export type Lane = Event | Event[];

const LEAST_SLOTS = 1024;

/**
 * Lanes by subject. A table with open addressing: its keys are hashes already. Not a Map, for the tables that one leaves
 * behind when it grows or is tidied up keep events alive that ended long ago, until the old heap is collected.
 */
export class Lanes {
  /** 0, which is no subject, where nothing stands. */
  #subjects = new Float64Array(LEAST_SLOTS);
  #lanes: (Lane | undefined)[] = emptySlots(LEAST_SLOTS);
  #mask = LEAST_SLOTS - 1;
  #count = 0;

  get(subject: number): Lane | undefined {
    return this.#lanes[this.#find(subject)];
  }

  /** @param subject any but 0 */
  set(subject: number, lane: Lane): void {
    let at = this.#find(subject);
    if (this.#subjects[at] !== subject) {
      this.#count += 1;
      if (this.#count * 2 > this.#subjects.length) {
        this.#grow();
        at = this.#find(subject);
      }
      this.#subjects[at] = subject;
    }
    this.#lanes[at] = lane;
  }

  delete(subject: number): void {
    let at = this.#find(subject);
    if (this.#subjects[at] !== subject) return;
    this.#count -= 1;
    const subjects = this.#subjects;
    // What was put behind it for want of room moves up, so that no look-up ends at the gap.
    for (let next = (at + 1) & this.#mask; subjects[next] !== 0; next = (next + 1) & this.#mask) {
      const home = subjects[next]! & this.#mask;
      if (((next - home) & this.#mask) < ((next - at) & this.#mask)) continue;
      subjects[at] = subjects[next]!;
      this.#lanes[at] = this.#lanes[next];
      at = next;
    }
    subjects[at] = 0;
    this.#lanes[at] = undefined;
  }

  /** All lanes, in no order. */
  *all(): Iterable<Lane> {
    for (const lane of this.#lanes) if (lane !== undefined) yield lane;
  }

  /** Where the subject stands, or would. */
  #find(subject: number): number {
    const subjects = this.#subjects;
    let at = subject & this.#mask;
    while (subjects[at] !== subject && subjects[at] !== 0) at = (at + 1) & this.#mask;
    return at;
  }

  #grow(): void {
    const [subjects, lanes] = [this.#subjects, this.#lanes];
    this.#subjects = new Float64Array(subjects.length * 2);
    this.#lanes = emptySlots(subjects.length * 2);
    this.#mask = this.#subjects.length - 1;
    subjects.forEach((subject, before) => {
      if (subject === 0) return;
      const at = this.#find(subject);
      this.#subjects[at] = subject;
      this.#lanes[at] = lanes[before];
    });
  }
}

function emptySlots(count: number): (Lane | undefined)[] {
  return new Array<Lane | undefined>(count).fill(undefined);
}
