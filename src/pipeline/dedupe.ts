import type { Ledger, LedgerRecord } from '../core/ledger.js';
import { describeOrigin, type Origin } from '../core/origin.js';
import type { Finding } from '../core/rejection.js';
import { type Event, keyBytes } from './event.js';

/** What dedupe finds out about an event. */
export interface DedupeOutlets {
  /** New: it may be sent. Called in file order. */
  fresh(events: readonly Event[]): void;
  /** The ledger holds it as delivered, with the same content. */
  known(event: Event, record: LedgerRecord): void;
  /** The ledger holds it as sent but never answered. */
  inDoubt(event: Event): void;
  /** Its id stands for other content already. */
  conflicting(event: Event, errors: readonly Finding[]): void;
  /** It equals an event of this run that the target refused. */
  refusedBefore(event: Event, errors: readonly Finding[]): void;
  /** The ledger could not be read. */
  failed(error: unknown): void;
}

/** What an id that the target refused stood for; kept so that a later copy shares the outcome. */
interface Refused {
  readonly fingerprint: readonly [number, number];
  readonly origin: Origin;
  readonly errors: readonly Finding[];
}

/** So many refused ids are remembered; an older one would be sent, and refused, once more. */
const MOST_REFUSED = 100_000;

/**
 * Tells new events from repeats. An id is in the map of open events from here until the ledger write that holds it has
 * returned, so at any moment a repeat is found in the map or in the ledger: there is no gap between the two.
 */
export class Dedupe {
  readonly #ledger: Ledger;
  readonly #run: string;
  readonly #onConflict: 'reject' | 'skip';
  readonly #outlets: DedupeOutlets;
  readonly #open = new Map<string, Event>();
  readonly #refused = new Map<string, Refused>();
  /** Look-ups overlap, but what they find is handed on in file order. */
  #tail: Promise<void> = Promise.resolve();

  constructor(ledger: Ledger, run: string, onConflict: 'reject' | 'skip', outlets: DedupeOutlets) {
    this.#ledger = ledger;
    this.#run = run;
    this.#onConflict = onConflict;
    this.#outlets = outlets;
  }

  /** Takes in events in file order. Outlets are called later. */
  accept(events: readonly Event[]): void {
    const firsts = events.filter((event) => this.#isFirst(event));
    if (firsts.length === 0) return;
    const found = this.#ledger.lookup(firsts.map((event) => keyBytes(event.key)));
    // An error is reported in its turn below; until then it must not count as unhandled.
    found.catch(() => undefined);
    this.#tail = this.#tail.then(async () => {
      try {
        this.#sort(firsts, await found);
      } catch (error) {
        this.#outlets.failed(error);
        this.#outlets.fresh(firsts);
      }
    });
  }

  /** Resolves when everything accepted so far was handed on. */
  settled(): Promise<void> {
    return this.#tail;
  }

  /**
   * Ends an event's time in the map: it stands in the ledger, or never will.
   * @returns the equal records that waited for it
   */
  close(event: Event): readonly Event[] {
    if (this.#open.get(event.key) === event) this.#open.delete(event.key);
    const followers = event.followers ?? [];
    event.followers = undefined;
    return followers;
  }

  rememberRefused(event: Event, errors: readonly Finding[]): void {
    if (this.#refused.size >= MOST_REFUSED) {
      const oldest = this.#refused.keys().next();
      if (!oldest.done) this.#refused.delete(oldest.value);
    }
    this.#refused.set(event.key, {
      fingerprint: [event.fingerprintLow, event.fingerprintHigh],
      origin: event.origin,
      errors,
    });
  }

  #isFirst(event: Event): boolean {
    const open = this.#open.get(event.key);
    if (open !== undefined) {
      if (event.hasSameContentAs([open.fingerprintLow, open.fingerprintHigh]) || this.#onConflict === 'skip') {
        open.followers ??= [];
        open.followers.push(event);
      } else {
        this.#outlets.conflicting(event, [conflict('read', this.#run, open.origin)]);
      }
      return false;
    }
    const refused = this.#refused.size === 0 ? undefined : this.#refused.get(event.key);
    if (refused !== undefined) {
      if (event.hasSameContentAs(refused.fingerprint)) this.#outlets.refusedBefore(event, refused.errors);
      else this.#outlets.conflicting(event, [conflict('read', this.#run, refused.origin)]);
      return false;
    }
    this.#open.set(event.key, event);
    return true;
  }

  #sort(firsts: readonly Event[], found: readonly (LedgerRecord | undefined)[]): void {
    const fresh: Event[] = [];
    firsts.forEach((event, i) => {
      const record = found[i];
      if (record === undefined) fresh.push(event);
      else if (record.state === 'inDoubt') this.#outlets.inDoubt(event);
      else if (event.hasSameContentAs(record.fingerprint) || this.#onConflict === 'skip')
        this.#outlets.known(event, record);
      else this.#outlets.conflicting(event, [conflict('delivered', record.run, record.origin)]);
    });
    if (fresh.length > 0) this.#outlets.fresh(fresh);
  }
}

function conflict(what: 'read' | 'delivered', run: string, first: Origin): Finding {
  const message = `its id was ${what} with other content`;
  return { path: '', message, detail: `${message}: run ${run}, ${describeOrigin(first)}` };
}
