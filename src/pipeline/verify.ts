import { HOLDINGS, type Holding, type HoldingKind, type ReadBack } from '../core/holding.js';
import type { Input } from '../core/input.js';
import type { LedgerRecord } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { RunResult } from '../core/run.js';
import { type Errand, MOST_FINDINGS } from './errand.js';
import type { Event } from './event.js';
import { type RecallPorts, type RecallSettings, startRecall } from './recall.js';
import type { Running } from './run-ports.js';
import { Sample } from './sample.js';

/** What of the target's answer is worth telling: anything but a match. Paths are general: they show no free keys. */
export interface VerifyFinding {
  readonly holding: Exclude<Holding, { readonly kind: 'match' }>;
  readonly record: LedgerRecord;
  /** Where the record stands in the inputs. */
  readonly origin: Origin;
}

/** What the ledger knows of the inputs' records; those that repeat one before them are left out. */
export interface Recalled {
  /** Delivered, with the same content. */
  delivered: number;
  /** Delivered, and these records hold other content than what was. */
  otherContent: number;
  inDoubt: number;
  /** The ledger does not know them. */
  notDelivered: number;
}

export interface Verification {
  readonly records: Recalled;
  /** What was found at the target, by kind. */
  readonly holdings: Readonly<Record<HoldingKind, number>>;
  /** Events that were to be read back, and were not: the run ended before. */
  readonly unread: number;
  /** In no order, at most {@link MOST_FINDINGS}. */
  readonly findings: readonly VerifyFinding[];
  /** How the inputs were read. */
  readonly reading: RunResult;
  /** How the target was asked; `reading` again where all were asked about. */
  readonly asking: RunResult;
}

export interface VerifySettings extends RecallSettings {
  /** How many delivered events are read back; undefined: all. */
  readonly sample: number | undefined;
}

export interface VerifyPorts extends RecallPorts {
  /** Reads one event back, where `asked` does not. */
  readonly readBack: ReadBack | undefined;
}

/**
 * Reads back from the target what the ledger says was delivered of the inputs' records, and sees what it holds.
 * @param watch waits for a run; called once, or with a sample twice
 * @throws {LedgerError}
 */
export async function verify(
  inputs: readonly Input[],
  settings: VerifySettings,
  ports: VerifyPorts,
  watch: (running: Running, look: () => Verification['holdings']) => Promise<RunResult>,
): Promise<Verification> {
  const { sample: most, ...recall } = settings;
  const sample = most === undefined ? undefined : new Sample(most, ports.random);
  const counted = new Survey(ports, sample);
  const reading = await watch(await startRecall(inputs, recall, ports, counted), () => counted.holdings);
  const { records } = counted;
  if (sample === undefined) return { ...counted.result(), records, reading, asking: reading };
  if (reading.stop !== undefined || sample.size === 0) {
    return { ...counted.result(), records, reading, asking: reading };
  }
  const asked = new Survey(ports, undefined, (event) => sample.originOf(event));
  const plain = { ...recall, unwrap: undefined };
  const asking = await watch(await startRecall([sample.input()], plain, ports, asked), () => asked.holdings);
  // Where the run was stopped, not all of the sample came so far that it could be counted.
  const answered = Object.values(asked.holdings).reduce((sum, amount) => sum + amount, 0);
  return { ...asked.result(), unread: sample.size - answered, records, reading, asking };
}

/** Counts records, and either samples those that are delivered, or asks about each. */
class Survey implements Errand<LedgerRecord | undefined> {
  readonly records: Recalled = { delivered: 0, otherContent: 0, inDoubt: 0, notDelivered: 0 };
  readonly holdings = Object.fromEntries(HOLDINGS.map((kind) => [kind, 0])) as Record<HoldingKind, number>;
  readonly lookup: Errand<LedgerRecord | undefined>['lookup'];
  readonly #readBack: ReadBack | undefined;
  readonly #sample: Sample | undefined;
  readonly #originOf: (event: Event) => Origin;
  readonly #generalPath: (path: string) => string;
  readonly #findings: VerifyFinding[] = [];
  #unread = 0;

  constructor(
    { ledger, rules, readBack }: Pick<VerifyPorts, 'ledger' | 'rules' | 'readBack'>,
    sample: Sample | undefined,
    originOf = (event: Event): Origin => event.origin,
  ) {
    this.lookup = (keys) => ledger.lookup(keys);
    this.#generalPath = (path) => rules.generalPath(path);
    this.#readBack = readBack;
    this.#sample = sample;
    this.#originOf = originOf;
  }

  choose(event: Event, record: LedgerRecord | undefined): boolean {
    if (record === undefined) this.records.notDelivered += 1;
    else if (record.state === 'inDoubt') this.records.inDoubt += 1;
    else if (!event.hasSameContentAs(record.fingerprint)) this.records.otherContent += 1;
    else {
      this.records.delivered += 1;
      if (this.#sample === undefined) return true;
      this.#sample.add(event);
    }
    return false;
  }

  async ask(event: Event, record: LedgerRecord | undefined, signal: AbortSignal): Promise<unknown> {
    return this.#readBack?.({ event, sentAt: record?.time ?? 0 }, signal);
  }

  told(event: Event, record: LedgerRecord | undefined, _: boolean, returned: unknown): void {
    this.#found(event, record, returned as Holding);
  }

  refused(event: Event, record: LedgerRecord | undefined): void {
    this.#found(event, record, { kind: 'cantBeTold', why: 'the target refused to tell' });
  }

  unsent(): void {
    this.#unread += 1;
  }

  result(): Pick<Verification, 'holdings' | 'unread' | 'findings'> {
    return { holdings: this.holdings, unread: this.#unread, findings: this.#findings };
  }

  #found(event: Event, record: LedgerRecord | undefined, holding: Holding): void {
    this.holdings[holding.kind] += 1;
    if (holding.kind === 'match' || record === undefined || this.#findings.length >= MOST_FINDINGS) return;
    const shown =
      holding.kind === 'different'
        ? { ...holding, paths: [...new Set(holding.paths.map(this.#generalPath))] }
        : holding;
    this.#findings.push({ holding: shown, record, origin: this.#originOf(event) });
  }
}
