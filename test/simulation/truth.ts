import type { RejectReason } from '../../src/core/rejection.js';
import type { PlacedRecord, WorldFile } from './world-inputs.js';

/** An event that must be at the target in the end, or, when `refused`, must be reported as refused by it. */
export interface Wanted {
  readonly id: string;
  /** Its bytes at the target, one character each. */
  readonly sent: string;
  readonly subjects: readonly string[];
  readonly refused: boolean;
  /** Its place among all events. */
  readonly place: number;
}

/** What must become of one record. `repeat` and `conflict` are of an id that was read before. */
export type Fate =
  | { readonly kind: 'broken'; readonly reason: RejectReason }
  | { readonly kind: 'first' | 'repeat' | 'conflict'; readonly wanted: Wanted };

/** What is right, worked out from the inputs alone. */
export interface Truth {
  readonly records: readonly PlacedRecord[];
  readonly fates: readonly Fate[];
  readonly wanted: ReadonlyMap<string, Wanted>;
  readonly bySent: ReadonlyMap<string, Wanted>;
  /** Events of each subject in input order, without those that the target refuses. */
  readonly ofSubject: ReadonlyMap<string, readonly Wanted[]>;
  /** Every input can be read to its end. */
  readonly complete: boolean;
}

export function findTruth(
  files: readonly WorldFile[],
  onInputError: 'continue' | 'stop',
  mostBodyBytes: number,
): Truth {
  const records: PlacedRecord[] = [];
  for (const file of files) {
    records.push(...file.records);
    if (file.damagedAt !== undefined && onInputError === 'stop') break;
  }
  const wanted = new Map<string, Wanted>();
  const bySent = new Map<string, Wanted>();
  const ofSubject = new Map<string, Wanted[]>();
  const fates = records.map((record, place): Fate => {
    if (record.broken !== undefined) return { kind: 'broken', reason: record.broken };
    const known = wanted.get(record.id);
    if (known !== undefined) return { kind: known.sent === record.sent ? 'repeat' : 'conflict', wanted: known };
    const { id, sent, subjects } = record;
    const refused = record.poison || sent.length + 2 > mostBodyBytes;
    const first: Wanted = { id, sent, subjects, refused, place };
    wanted.set(id, first);
    bySent.set(sent, first);
    for (const subject of refused ? [] : subjects) {
      const events = ofSubject.get(subject);
      if (events === undefined) ofSubject.set(subject, [first]);
      else events.push(first);
    }
    return { kind: 'first', wanted: first };
  });
  return { records, fates, wanted, bySent, ofSubject, complete: files.every((file) => file.damagedAt === undefined) };
}
