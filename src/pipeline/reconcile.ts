import type { Input } from '../core/input.js';
import type { Inquiry, InquiryAnswer, SentRecord } from '../core/inquiry.js';
import type { LedgerRecord } from '../core/ledger.js';
import type { RunResult } from '../core/run.js';
import { copyOf, type Event, keyOfBytes } from './event.js';
import { type RereadPorts, type RereadSettings, reread } from './reread.js';

/** One id that is in doubt. */
export interface Doubt {
  /** The keyed hash of the id. */
  readonly key: Uint8Array;
  readonly record: LedgerRecord;
}

/**
 * What became of a doubt; besides what the target told: `not_in_inputs`: its record was not read; `changed`: a record
 * with its id was read, and holds other content than what was sent.
 */
export type Reconciled = InquiryAnswer | 'not_in_inputs' | 'changed';

export interface Reconciliation {
  /** One for each doubt, in order; undefined where the inputs could not be read to their end, so that nothing was asked. */
  readonly answers: readonly Reconciled[] | undefined;
  /** How reading went. */
  readonly reading: RunResult;
}

export interface ReconcilePorts extends RereadPorts {
  readonly inquiry: Inquiry;
}

/** So many delivered records are looked up to prove that the target shows what it has. */
const MOST_SAMPLES = 5;

/**
 * Finds out what became of events in doubt: reads their records again, which the ledger knows by their ids and the hashes
 * of their bytes, and asks the target. Changes nothing. Reads the inputs twice, for whose records matter is known after
 * the first time only.
 * @throws {AskError} when the target can't be asked
 */
export async function reconcile(
  inputs: readonly Input[],
  doubts: readonly Doubt[],
  settings: RereadSettings,
  ports: ReconcilePorts,
): Promise<Reconciliation> {
  const wanted = new Map(doubts.map((doubt) => [keyOfBytes(doubt.key), doubt]));
  const found = new Map<string, SentRecord>();
  const changed = new Set<string>();
  const subjects = new Set<number>();
  const first = await reread(inputs, settings, ports, (event, record) => {
    const key = event.key;
    if (record?.state !== 'inDoubt' || !wanted.has(key)) return;
    if (!event.hasSameContentAs(record.fingerprint)) changed.add(key);
    else {
      found.set(key, sentRecord(event, record));
      for (const subject of subjectsOf(event)) subjects.add(subject);
    }
  });
  const answerOf = (key: string): Reconciled => (changed.has(key) ? 'changed' : 'not_in_inputs');
  if (!isWhole(first)) return { answers: undefined, reading: first };
  if (found.size === 0) return { answers: [...wanted.keys()].map(answerOf), reading: first };

  const delivered = new Map<string, SentRecord>();
  const samples = new Samples(Math.min(...doubts.map(({ record }) => record.time)));
  const second = await reread(inputs, settings, ports, (event, record) => {
    if (record?.state !== 'delivered' || !event.hasSameContentAs(record.fingerprint)) return;
    if (subjectsOf(event).some((subject) => subjects.has(subject))) {
      delivered.set(event.key, sentRecord(event, record));
    } else samples.add(event, record);
  });
  if (!isWhole(second)) return { answers: undefined, reading: second };

  const asked = [...found];
  const told = await ports.inquiry.ask(
    asked.map(([, record]) => record),
    [...delivered.values()],
    samples.records,
    ports.signal,
  );
  const answers = new Map(asked.map(([key], i) => [key, told[i]!]));
  return { answers: [...wanted.keys()].map((key) => answers.get(key) ?? answerOf(key)), reading: second };
}

function isWhole({ complete, stop }: RunResult): boolean {
  return complete && stop === undefined;
}

function subjectsOf({ subjectA, subjectB }: Event): number[] {
  return [subjectA, subjectB].filter((subject) => subject !== 0);
}

/** Its bytes are copied, for those of the block are let go. */
function sentRecord({ bytes, start, end, splice, stamp }: Event, { time }: LedgerRecord): SentRecord {
  const copy = copyOf(bytes, start, end);
  return { event: { bytes: copy, start: 0, end: copy.length, splice, stamp }, sentAt: time };
}

/** The records that were delivered nearest to a time: what holds for them holds for what was sent then. */
class Samples {
  readonly #about: number;
  readonly #records: SentRecord[] = [];

  constructor(about: number) {
    this.#about = about;
  }

  get records(): readonly SentRecord[] {
    return this.#records;
  }

  add(event: Event, record: LedgerRecord): void {
    const away = (sentAt: number): number => Math.abs(sentAt - this.#about);
    const last = this.#records.at(-1);
    if (last !== undefined && this.#records.length >= MOST_SAMPLES && away(record.time) >= away(last.sentAt)) return;
    this.#records.push(sentRecord(event, record));
    this.#records.sort((a, b) => away(a.sentAt) - away(b.sentAt));
    this.#records.length = Math.min(this.#records.length, MOST_SAMPLES);
  }
}
