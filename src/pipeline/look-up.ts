import type { Input } from '../core/input.js';
import type { Ledger, LedgerRecord, Undoing, UndoneRecord } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { Clock } from '../core/ports.js';
import type { RejectReason } from '../core/rejection.js';
import type { Tally } from '../core/run.js';
import { Accountant, newTally } from '../core/tally.js';
import type { RecordRules } from '../core/target.js';
import { onThisThread } from './decoder.js';
import type { Event } from './event.js';
import { Intake } from './intake.js';
import { finishFiles, readAll } from './read-all.js';
import type { RecordSettings } from './read-record.js';
import { Window } from './window.js';

/** What the ledger knows of one record of an input. */
export type LookedUp =
  /** The ledger holds its id: as delivered or in doubt, with this content or another one. */
  | { readonly kind: 'known'; readonly origin: Origin; readonly record: LedgerRecord; readonly sameContent: boolean }
  /** It was delivered, and taken back since, or is about to be. */
  | { readonly kind: 'undone'; readonly origin: Origin; readonly undone: UndoneRecord }
  | { readonly kind: 'unknown'; readonly origin: Origin }
  /** It is no event, so it was never sent. */
  | { readonly kind: 'invalid'; readonly origin: Origin; readonly reason: RejectReason };

export interface LookUpSettings extends RecordSettings {
  /** Only records at this physical line of an input, or of an entry of it. */
  readonly line?: number | undefined;
}

export interface LookUpPorts {
  readonly clock: Clock;
  readonly rules: RecordRules;
  readonly ledger: Pick<Ledger, 'secret' | 'lookup'>;
  readonly undoing: Pick<Undoing, 'undone'>;
  /** Told of each record that is meant, in file order, some at a time. Reading goes on when it resolves. */
  readonly found: (records: readonly LookedUp[]) => Promise<void>;
}

/**
 * Reads inputs as an import would, and looks each record up in the ledger, also repeats; what the rules exclude is left
 * out. Sends and records nothing.
 * @returns which inputs could be read to their end
 * @throws {LedgerError}
 */
export async function lookUp(
  inputs: readonly Input[],
  settings: LookUpSettings,
  { clock, rules, ledger, undoing, found }: LookUpPorts,
): Promise<{ readonly complete: boolean; readonly tally: Tally }> {
  const tally = newTally();
  const accountant = new Accountant(tally, (path) => rules.generalPath(path));
  const window = new Window();
  const reading = new AbortController();
  let invalid: LookedUp[] = [];
  let failure: { readonly error: unknown } | undefined;
  let tail: Promise<void> = Promise.resolve();

  const isMeant = (event: Event): boolean => settings.line === undefined || event.line === settings.line;
  const look = async (events: readonly Event[], others: readonly LookedUp[]): Promise<void> => {
    const meant = events.filter(isMeant);
    const keys = meant.map((event) => event.keyBytes());
    const [records, undone] =
      keys.length === 0 ? [[], []] : await Promise.all([ledger.lookup(keys), undoing.undone(keys)]);
    const looked = [...others, ...meant.map((event, i) => lookedUp(event, records[i], undone[i]))];
    if (others.length > 0) looked.sort(byPlace);
    if (looked.length > 0) await found(looked);
  };
  const intake = new Intake(
    { maxLineBytes: settings.maxLineBytes, skipInputCheck: false },
    {
      ...{ clock, window, accountant, checkpoints: undefined },
      decoder: onThisThread({ ...settings, secret: ledger.secret }, rules),
      settle: {
        room: () => tail,
        rejectedRecord: (_file, { origin, reason }) => {
          const isMeant = settings.line === undefined || origin.line === settings.line;
          if (isMeant && reason !== 'excluded') invalid.push({ kind: 'invalid', origin, reason });
        },
      },
      dedupe: {
        accept: (events) => {
          const others = invalid;
          invalid = [];
          tail = tail
            .then(() => (failure === undefined ? look(events, others) : undefined))
            .catch((error: unknown) => {
              failure = { error };
              reading.abort();
            })
            .then(() => {
              for (const event of events) {
                event.settled = true;
                window.release(event);
              }
            });
        },
      },
      onFull: () => undefined,
      onRecords: () => undefined,
    },
  );
  reading.signal.addEventListener('abort', () => window.giveWay(), { once: true });
  const complete = await readAll(inputs, accountant, intake, reading.signal, 'continue', undefined);
  await tail;
  if (failure !== undefined) throw failure.error;
  finishFiles(tally);
  return { complete, tally };
}

/** @param undone counts where it was not delivered anew since */
function lookedUp(event: Event, record: LedgerRecord | undefined, undone: UndoneRecord | undefined): LookedUp {
  const { origin } = event;
  if (record === undefined)
    return undone === undefined ? { kind: 'unknown', origin } : { kind: 'undone', origin, undone };
  return { kind: 'known', origin, record, sameContent: event.hasSameContentAs(record.fingerprint) };
}

/** Records of one block: of one file and entry, but for those that stood in a rejects file, which stay as they are. */
function byPlace({ origin: a }: LookedUp, { origin: b }: LookedUp): number {
  if (a.file !== b.file || a.entry !== b.entry) return 0;
  return a.line - b.line || (a.element ?? 0) - (b.element ?? 0) || (a.index ?? 0) - (b.index ?? 0);
}
