import type { StoredLedger } from '../../src/io/ledger/ledger.js';
import type { Truth } from './truth.js';

/** A demand not to send before a time, and when the importer came to know of it. */
interface Demand {
  readonly until: number;
  readonly knownAt: number;
}

/** What the checks must remember from one run to the next. */
export class MemoryOfRuns {
  /** When requests left, over all runs. */
  readonly departures: number[] = [];
  /** Ids that stand in the ledger as delivered. */
  readonly recorded = new Set<string>();
  #demands: Demand[] = [];
  readonly #idOfKey = new Map<string, string>();

  idOf(key: Uint8Array): string | undefined {
    return this.#idOfKey.get(hex(key));
  }

  demand(until: number, now: number): void {
    this.#demands = this.#demands.filter((demand) => demand.until > now);
    this.#demands.push({ until, knownAt: now });
  }

  get demandedUntil(): number {
    return this.#demands.reduce((latest, { until }) => Math.max(latest, until), 0);
  }

  /** A process ended without a word: what it came to know less than `ms` ago it could not write down. */
  forgetLast(ms: number, now: number): void {
    this.#demands = this.#demands.filter(({ knownAt }) => knownAt <= now - ms);
  }

  forgetAll(): void {
    this.#demands = [];
    this.departures.length = 0;
  }

  /** Looks up what the ledger really holds, at the start of a run. */
  async compare(ledger: StoredLedger, truth: Truth): Promise<void> {
    if (this.#idOfKey.size === 0) for (const id of truth.wanted.keys()) this.#idOfKey.set(hex(ledger.hashOf(id)), id);
    const ids = [...truth.wanted.keys()];
    const found = await ledger.lookup(ids.map((id) => ledger.hashOf(id)));
    this.recorded.clear();
    ids.forEach((id, i) => {
      if (found[i]?.state === 'delivered') this.recorded.add(id);
    });
  }
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('latin1');
}
