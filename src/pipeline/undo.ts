import type { Input } from '../core/input.js';
import type { LedgerEntry, LedgerRecord, Undoing, UndoneRecord } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { Finding } from '../core/rejection.js';
import { type Errand, MOST_FINDINGS } from './errand.js';
import type { Event } from './event.js';
import { type RecallPorts, type RecallSettings, startRecall } from './recall.js';
import type { Running } from './run-ports.js';

/** What became of the inputs' records; those that repeat one before them are left out. */
export interface UndoCounts {
  /** Created by the run: to be deleted, or listed. */
  created: number;
  /** Of these: deleted; not there any more, which counts as undone too; refused by the target; not asked about. */
  deleted: number;
  gone: number;
  refused: number;
  unsent: number;
  /** The target said that it had them before: not touched. */
  hadBefore: number;
  /** The same after an unanswered request: whether the run created them can't be told, so they are not touched. */
  maybeHadBefore: number;
  /** Created by the run with other content than these records hold now: not touched, and still there. */
  changed: number;
  /** Delivered by other runs: not touched. */
  otherRun: number;
  /** The same with other content than these records hold, or had before, or taken back before. */
  otherContent: number;
  /** Taken back before. */
  undoneBefore: number;
  /** Not known to the ledger, or in doubt. */
  notDelivered: number;
}

/** A record that was created and is still there, or may be; or that was not touched. */
export interface UndoFinding {
  readonly what: 'created' | 'refused' | 'unsent' | 'changed' | 'hadBefore' | 'maybeHadBefore';
  readonly record: LedgerRecord;
  /** Where the record stands in the inputs. */
  readonly origin: Origin;
  /** What the target said, in general words. */
  readonly why?: string;
}

export interface UndoPorts extends RecallPorts {
  readonly undoing: Undoing;
}

export interface Undo {
  readonly running: Running;
  readonly counts: Readonly<UndoCounts>;
  /** How many records each other run delivered. */
  readonly otherRuns: ReadonlyMap<string, number>;
  /** In no order, at most {@link MOST_FINDINGS}. */
  readonly findings: readonly UndoFinding[];
}

/**
 * Takes back what one run created of the inputs' records: deletes it at the target, and lets the ledger know, so that a
 * later import sends it again. Before a deletion leaves, the ledger no longer holds its id as delivered; so whatever
 * happens in between, nothing counts as delivered that is not there, and the same undo goes on with what is left.
 *
 * Never touched: what the target said it had before, what other runs delivered, and what was delivered with other content.
 * @param ofRun the run to undo
 * @param deletes false: only finds out what there is to be deleted
 * @throws {LedgerError}
 */
export async function startUndo(
  inputs: readonly Input[],
  ofRun: string,
  deletes: boolean,
  settings: RecallSettings,
  ports: UndoPorts,
): Promise<Undo> {
  const errand = new UndoErrand(ofRun, deletes, ports);
  const running = await startRecall(inputs, settings, ports, errand);
  return { running, counts: errand.counts, otherRuns: errand.otherRuns, findings: errand.findings };
}

/** What the ledger knows of an id: as delivered, else as taken back. */
interface Known {
  readonly record: LedgerRecord | undefined;
  readonly undone: UndoneRecord | undefined;
}

class UndoErrand implements Errand<Known> {
  readonly counts: UndoCounts = {
    ...{ created: 0, deleted: 0, gone: 0, refused: 0, unsent: 0, hadBefore: 0, maybeHadBefore: 0 },
    ...{ changed: 0, otherRun: 0, otherContent: 0, undoneBefore: 0, notDelivered: 0 },
  };
  readonly otherRuns = new Map<string, number>();
  readonly findings: UndoFinding[] = [];
  readonly #run: string;
  readonly #deletes: boolean;
  readonly #ports: Pick<UndoPorts, 'ledger' | 'undoing'>;
  /** Surely not deleted: to be delivered again. */
  #kept: Uint8Array[] = [];
  #written: Promise<void> = Promise.resolve();

  constructor(run: string, deletes: boolean, ports: Pick<UndoPorts, 'ledger' | 'undoing'>) {
    this.#run = run;
    this.#deletes = deletes;
    this.#ports = ports;
  }

  async lookup(keys: readonly Uint8Array[]): Promise<readonly Known[]> {
    const { ledger, undoing } = this.#ports;
    const [records, undone] = await Promise.all([ledger.lookup(keys), undoing.undone(keys)]);
    return keys.map((_, i) => ({ record: records[i], undone: undone[i] }));
  }

  choose(event: Event, { record, undone }: Known): boolean {
    const { counts } = this;
    const delivered = record?.state === 'delivered' ? record : undefined;
    const known = delivered ?? undone?.delivered;
    const isUndone = delivered === undefined && undone?.state === 'undone';
    if (known === undefined) counts.notDelivered += 1;
    else if (!event.hasSameContentAs(known.fingerprint)) {
      const isLeft = !isUndone && known.run === this.#run && !known.hadBefore && known.maybeHadBefore !== true;
      if (isLeft) this.#leave('changed', event, known);
      else counts.otherContent += 1;
    } else if (isUndone) counts.undoneBefore += 1;
    else if (known.run !== this.#run) this.#countOtherRun(known.run);
    else if (known.hadBefore) this.#leave('hadBefore', event, known);
    else if (known.maybeHadBefore === true) this.#leave('maybeHadBefore', event, known);
    else {
      counts.created += 1;
      if (!this.#deletes) this.#find({ what: 'created', record: known, origin: event.origin });
      return this.#deletes;
    }
    return false;
  }

  prepare(events: readonly Event[]): Promise<void> {
    return this.#ports.undoing.begin(events.map((event) => event.keyBytes()));
  }

  told(_event: Event, _known: Known, hadBefore: boolean): void {
    this.counts[hadBefore ? 'gone' : 'deleted'] += 1;
  }

  record(entries: readonly LedgerEntry[]): Promise<void> {
    return this.#ports.undoing.done(entries.map(({ key }) => key));
  }

  refused(event: Event, known: Known, errors: readonly Finding[]): void {
    this.counts.refused += 1;
    // An earlier request, which was not clearly answered, may have deleted it.
    if (!event.maybeTaken) this.#keep(event);
    const [error] = errors;
    this.#findKnown('refused', event, known, error?.message);
  }

  unsent(event: Event, known: Known, left: boolean): void {
    this.counts.unsent += 1;
    if (!left) this.#keep(event);
    this.#findKnown('unsent', event, known);
  }

  async end(): Promise<void> {
    this.#writeKept();
    await this.#written;
  }

  #leave(what: 'changed' | 'hadBefore' | 'maybeHadBefore', event: Event, record: LedgerRecord): void {
    this.counts[what] += 1;
    this.#find({ what, record, origin: event.origin });
  }

  #countOtherRun(run: string): void {
    this.counts.otherRun += 1;
    this.otherRuns.set(run, (this.otherRuns.get(run) ?? 0) + 1);
  }

  #keep(event: Event): void {
    this.#kept.push(event.keyBytes());
    if (this.#kept.length >= MOST_KEPT) this.#writeKept();
  }

  #writeKept(): void {
    if (this.#kept.length === 0) return;
    const kept = this.#kept;
    this.#kept = [];
    this.#written = this.#written.then(() => this.#ports.undoing.giveUp(kept));
    // An error shows when the run ends.
    this.#written.catch(() => undefined);
  }

  #findKnown(what: 'refused' | 'unsent', event: Event, { record, undone }: Known, why?: string): void {
    const known = record ?? undone?.delivered;
    if (known === undefined) return;
    this.#find({ what, record: known, origin: event.origin, ...(why === undefined ? {} : { why }) });
  }

  #find(finding: UndoFinding): void {
    if (this.findings.length < MOST_FINDINGS) this.findings.push(finding);
  }
}

/** Ids that are delivered again are written in groups of so many. */
const MOST_KEPT = 1_000;
