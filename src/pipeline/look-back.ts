import type { Finding } from '../core/rejection.js';
import type { Accountant } from '../core/tally.js';
import type { Event } from './event.js';
import type { Settle } from './settle.js';

/** Warns of those that are older; or rejects them, where every warning does (`--strict`). @returns what may be sent */
export function inOrder(
  events: readonly Event[],
  { strict = false }: { readonly strict?: boolean },
  accountant: Accountant,
  settle: Pick<Settle, 'rejected'>,
): readonly Event[] {
  return events.filter((event) => {
    if (!event.isOlderThanPrevious) return true;
    if (strict) settle.rejected(event, 'schema_violation', OLDER);
    else accountant.warned('older_than_previous', event.origin);
    return !strict;
  });
}

const OLDER: readonly Finding[] = [
  { path: '', message: 'dated before an earlier event of the same person (--strict)' },
];

/** Subjects that are remembered: a power of two. Two columns of so many numbers are 4 MiB. */
const SLOTS = 2 ** 18;

/**
 * Finds events that are dated before an earlier one of the same subject: their order in the file contradicts their dates,
 * and which of them counts in the end is the platform's to decide. It remembers the latest date of some 260,000 subjects,
 * each in the one place that its hash names, where the next subject of that place takes over: so memory is bounded, what it
 * finds is right, and what lies far back may escape it.
 */
export class LookBack {
  readonly #slots: number;
  #subjects: Float64Array | undefined;
  #dates: Float64Array | undefined;

  /** @param slots fewer ones are for tests; a power of two */
  constructor(slots = SLOTS) {
    this.#slots = slots;
  }

  /** Takes in the next event in reading order, and marks it if it is older than what came before. */
  see(event: Event): void {
    if (Number.isNaN(event.date)) return;
    const isOlderA = event.subjectA !== 0 && this.#isOlder(event.subjectA, event.date);
    const isOlderB = event.subjectB !== 0 && this.#isOlder(event.subjectB, event.date);
    event.isOlderThanPrevious = isOlderA || isOlderB;
  }

  #isOlder(subject: number, date: number): boolean {
    this.#subjects ??= new Float64Array(this.#slots);
    this.#dates ??= new Float64Array(this.#slots);
    const slot = subject % this.#slots;
    if (this.#subjects[slot] !== subject) {
      this.#subjects[slot] = subject;
      this.#dates[slot] = date;
      return false;
    }
    if (date < this.#dates[slot]!) return true;
    this.#dates[slot] = date;
    return false;
  }
}
