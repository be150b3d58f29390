import type { Journal } from './journal.js';
import type { Answer } from './stand-in-target.js';
import type { Wanted } from './truth.js';

/** A batch as it was first refused, and what finding its bad events has cost so far. */
interface Root {
  readonly events: number;
  requests: number;
  readonly bad: Set<string>;
  /** Events of which it is not known yet whether they are bad. */
  open: number;
  /** Something else than bad events made it cost more. */
  exempt: boolean;
}

/** Checks that k bad events of n cost at most 2k·⌈log2(n/k)⌉ + 2k + 1 requests, those counted that were answered. */
export class SplitCosts {
  readonly #journal: Journal;
  readonly #roots = new Map<string, Root>();

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  answered(events: readonly Wanted[], { meaning, response, duplicates, acknowledged, busy }: Answer): void {
    let root = this.#roots.get(events[0]!.id);
    if (root === undefined) {
      if (meaning !== 'refused') return;
      root = { events: events.length, requests: 0, bad: new Set(), open: events.length, exempt: false };
      for (const event of events) this.#roots.set(event.id, root);
    }
    root.requests += 1;
    // A request that is too large may be so without any bad event in it.
    if (response.status === 413 || busy.length > 0) root.exempt = true;
    if (meaning !== 'verdicts') return;
    for (const { id } of events) {
      this.#roots.delete(id);
      root.open -= 1;
      if (duplicates.includes(id) || !acknowledged.includes(id)) root.bad.add(id);
    }
    if (root.open === 0) this.#check(root);
  }

  #check({ events, requests, bad, exempt }: Root): void {
    const k = bad.size;
    const most = 2 * k * Math.ceil(Math.log2(events / k)) + 2 * k + 1;
    if (!exempt && k > 0 && requests > most) {
      this.#journal.fail('cost of splitting', `${requests} requests for ${k} of ${events}, and ${most} are allowed`);
    }
  }
}
