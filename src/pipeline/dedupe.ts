import type { Ledger, LedgerRecord } from '../core/ledger.js';
import { describeOrigin, type Origin } from '../core/origin.js';
import type { Finding } from '../core/rejection.js';
import type { Event } from './event.js';
import { OpenEvents } from './open-events.js';

export interface DedupeSettings {
  /** Run id. */
  readonly run: string;
  readonly onConflict: 'reject' | 'skip';
  /** Send again what is in doubt (`--resend-in-doubt`). */
  readonly resendInDoubt?: boolean;
}

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
  /** Its id is that of an event of this run that was held back. */
  unsentBefore(event: Event): void;
  /** The ledger could not be read. */
  failed(error: unknown): void;
  /** Something that no rule foresees. */
  bug(error: unknown): void;
}

/** What an id stood for that was refused or held back; kept so that a later copy shares the outcome. */
interface Unwritten {
  readonly fingerprint: readonly [number, number];
  readonly origin: Origin;
  /** What the target said; undefined for what was held back. */
  readonly errors: readonly Finding[] | undefined;
}

/** So many such ids are remembered; an older one that was refused would be sent, and refused, once more. */
const MOST_UNWRITTEN = 100_000;

/**
 * Tells new events from repeats. An id is in the map of open events from here until the ledger write that holds it has
 * returned, so at any moment a repeat is found in the map or in the ledger: there is no gap between the two.
 */
export class Dedupe {
  readonly #ledger: Ledger;
  readonly #run: string;
  readonly #onConflict: 'reject' | 'skip';
  readonly #outlets: DedupeOutlets;
  readonly #resendInDoubt: boolean;
  readonly #open = new OpenEvents();
  /** Events whose id an event with other content has that is being looked up: what becomes of that one decides. */
  readonly #rivals = new Map<string, Event[]>();
  /** Ids that ended, and do not stand in the ledger. */
  readonly #unwritten = new Map<string, Unwritten>();
  /** Look-ups overlap, but what they find is handed on in file order. */
  #tail: Promise<void> = Promise.resolve();

  /** @param settings `resendInDoubt`: what an earlier run left in doubt counts as new */
  constructor(ledger: Ledger, settings: DedupeSettings, outlets: DedupeOutlets) {
    this.#ledger = ledger;
    this.#run = settings.run;
    this.#onConflict = settings.onConflict;
    this.#resendInDoubt = settings.resendInDoubt ?? false;
    this.#outlets = outlets;
  }

  /** Takes in events in file order. Outlets are called later. */
  accept(events: readonly Event[]): void {
    const firsts: Event[] = [];
    const asked: Event[] = [];
    for (const event of events) {
      if (!this.#isFirst(event)) continue;
      firsts.push(event);
      if (event.known !== undefined) continue;
      if (this.#ledger.isSurelyNew?.(event.idA, event.idB, event.idC, event.idD) !== true) asked.push(event);
    }
    if (firsts.length === 0) return;
    const found = asked.length === 0 ? NOTHING_FOUND : this.#ledger.lookup(asked.map((event) => event.keyBytes()));
    // An error is reported in its turn below; until then it must not count as unhandled.
    found.catch(() => undefined);
    this.#tail = this.#tail
      .then(async () => this.#sort(firsts, asked, await found.catch((error: unknown) => this.#unread(error))))
      .catch((error: unknown) => this.#outlets.bug(error));
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
    this.#open.delete(event);
    const { followers } = event;
    if (followers === undefined) return NONE;
    event.followers = undefined;
    return followers;
  }

  /** @param errors what the target said when it refused the event; undefined when it was not sent */
  rememberUnwritten(event: Event, errors: readonly Finding[] | undefined): void {
    // The first of several copies is the one that messages name.
    if (this.#unwritten.has(event.key)) return;
    if (this.#unwritten.size >= MOST_UNWRITTEN) {
      const oldest = this.#unwritten.keys().next();
      if (!oldest.done) this.#unwritten.delete(oldest.value);
    }
    this.#unwritten.set(event.key, {
      fingerprint: event.fingerprint,
      origin: event.origin,
      errors,
    });
  }

  #isFirst(event: Event): boolean {
    const open = this.#open.get(event);
    if (open !== undefined) {
      if (event.hasSameContentAs(open.fingerprint) || this.#onConflict === 'skip') {
        open.followers ??= [];
        open.followers.push(event);
      } else if (!open.lookedUp) {
        const rivals = this.#rivals.get(event.key);
        if (rivals === undefined) this.#rivals.set(event.key, [event]);
        else rivals.push(event);
      } else {
        this.#outlets.conflicting(event, [conflict('read', this.#run, open.origin)]);
      }
      return false;
    }
    const before = this.#unwritten.size === 0 ? undefined : this.#unwritten.get(event.key);
    if (before !== undefined) {
      const isOther = !event.hasSameContentAs(before.fingerprint) && this.#onConflict === 'reject';
      if (isOther) this.#outlets.conflicting(event, [conflict('read', this.#run, before.origin)]);
      else if (before.errors === undefined) this.#outlets.unsentBefore(event);
      else this.#outlets.refusedBefore(event, before.errors);
      return false;
    }
    this.#open.add(event);
    return true;
  }

  /** The run ends: what the ledger holds of these events does not matter any more, for none will be sent. */
  #unread(error: unknown): readonly undefined[] {
    this.#outlets.failed(error);
    return [];
  }

  /** @param found what the ledger holds of those that it was asked about, in the same order */
  #sort(firsts: readonly Event[], asked: readonly Event[], found: readonly (LedgerRecord | undefined)[]): void {
    const fresh: Event[] = [];
    let next = 0;
    for (const event of firsts) {
      const held = event.known ?? (event === asked[next] ? found[next++] : undefined);
      const record = this.#isToBeResent(held) ? undefined : held;
      event.lookedUp = true;
      if (record === undefined) fresh.push(event);
      else this.#compare(event, record);
      for (const rival of this.#rivalsOf(event)) {
        if (record === undefined) this.#outlets.conflicting(rival, [conflict('read', this.#run, event.origin)]);
        else this.#compare(rival, record);
      }
    }
    if (fresh.length > 0) this.#outlets.fresh(fresh);
  }

  /** Never what this run itself left in doubt: a later copy of it would be a third sending. */
  #isToBeResent(record: LedgerRecord | undefined): boolean {
    return this.#resendInDoubt && record?.state === 'inDoubt' && record.run !== this.#run;
  }

  #compare(event: Event, record: LedgerRecord): void {
    if (record.state === 'inDoubt') this.#outlets.inDoubt(event);
    else if (event.hasSameContentAs(record.fingerprint) || this.#onConflict === 'skip')
      this.#outlets.known(event, record);
    else this.#outlets.conflicting(event, [conflict('delivered', record.run, record.origin)]);
  }

  #rivalsOf(event: Event): readonly Event[] {
    const rivals = this.#rivals.size === 0 ? undefined : this.#rivals.get(event.key);
    if (rivals !== undefined) this.#rivals.delete(event.key);
    return rivals ?? NONE;
  }
}

const NONE: readonly Event[] = [];
const NOTHING_FOUND: Promise<readonly undefined[]> = Promise.resolve([]);

function conflict(what: 'read' | 'delivered', run: string, first: Origin): Finding {
  const message = `its id was ${what} with other content`;
  return { path: '', message, detail: `${message}: run ${run}, ${describeOrigin(first)}` };
}
