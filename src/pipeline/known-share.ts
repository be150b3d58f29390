/** So many answers say something about the rest. */
const FROM = 100;
const MOST_PERCENT = 1;

/** How many of the events that the target has answered for it had before this ledger ever sent them. */
export class KnownShare {
  answered = 0;
  known = 0;
  #passed = false;

  /** The target answered for one more event. @returns true once: when more of them than 1 % were known */
  passes(wasKnown: boolean): boolean {
    this.answered += 1;
    if (wasKnown) this.known += 1;
    if (this.#passed || this.answered < FROM || this.known * 100 <= MOST_PERCENT * this.answered) return false;
    this.#passed = true;
    return true;
  }
}
