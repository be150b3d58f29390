import type { Tally } from '../core/run.js';
import type { MaxRejects } from '../core/units.js';

/** A percentage says nothing about the first few. */
export const PERCENT_FROM = 500;

/**
 * Notices when too much is rejected. A percentage is held separately against the records decoded (for those rejected
 * here) and against the events that the target has answered for (for those that it refused): a target that refuses
 * everything is noticed although much was read ahead.
 */
export class RejectLimit {
  readonly #max: MaxRejects;
  readonly #tally: Readonly<Tally>;
  #answered = 0;
  #refused = 0;

  constructor(max: MaxRejects, tally: Readonly<Tally>) {
    this.#max = max;
    this.#tally = tally;
  }

  /** The target accepted or refused an event. */
  answered(refused: boolean): void {
    this.#answered += 1;
    if (refused) this.#refused += 1;
  }

  /**
   * What is exceeded, in words for the message; undefined while all is well.
   * @param decoded so many records come before the next one to be looked at; the tally counts whole blocks of them
   */
  exceeded(decoded = this.#tally.events.read): string | undefined {
    const max = this.#max;
    if (max.kind === 'none') return undefined;
    const { rejected } = this.#tally.events;
    if (max.kind === 'count') {
      return rejected > max.most
        ? `${rejected} ${rejected === 1 ? 'event was' : 'events were'} rejected, and --max-rejects allows ${max.most}`
        : undefined;
    }
    const tooMany = (part: number, whole: number): boolean => whole >= PERCENT_FROM && part * 100 > max.most * whole;
    const rejectedHere = rejected - (this.#tally.rejectedByReason.refused ?? 0);
    if (tooMany(rejectedHere, decoded)) {
      return `${rejectedHere} of the first ${decoded} records were rejected, and --max-rejects allows ${max.most}%`;
    }
    if (tooMany(this.#refused, this.#answered)) {
      return `the target refused ${this.#refused} of the first ${this.#answered} events, and --max-rejects allows ${max.most}%`;
    }
    return undefined;
  }
}
