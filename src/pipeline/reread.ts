import type { Input } from '../core/input.js';
import type { Ledger, LedgerRecord } from '../core/ledger.js';
import type { RunResult } from '../core/run.js';
import { type Event, keyOfBytes } from './event.js';
import { Run } from './run.js';
import type { RunPorts } from './run-ports.js';
import type { RunSettings } from './run-settings.js';
import type { Settle } from './settle.js';
import type { Sink } from './sink.js';

/** What reading once more needs. Nothing is written. */
export interface RereadPorts extends Pick<RunPorts, 'clock' | 'rules'> {
  readonly ledger: Pick<Ledger, 'secret' | 'lookup'>;
  /** Ends the reading. */
  readonly signal?: AbortSignal;
}

export type RereadSettings = Pick<RunSettings, 'run' | 'maxLineBytes' | 'unwrap'>;

/**
 * Called for each valid record, in file order, with what the ledger knows of its id; a repeat that follows closely is
 * left out. The event's bytes are good during the call only.
 */
export type Visit = (event: Event, record: LedgerRecord | undefined) => void;

/**
 * Reads inputs once more, as an import would, to look at what was imported from them. Writes and sends nothing.
 * @returns with `complete` and `stop`, whether all of them could be read
 */
export function reread(
  inputs: readonly Input[],
  settings: RereadSettings,
  ports: RereadPorts,
  visit: Visit,
): Promise<RunResult> {
  const known = new Map<string, LedgerRecord>();
  const { secret } = ports.ledger;
  const nothing = async (): Promise<void> => undefined;
  // To the run each record is new, so that all reach the sink; what the ledger knows of them is kept beside.
  const ledger: Ledger = {
    ...{ secret, size: 0, recordDelivered: nothing, recordIntents: nothing, forgetIntents: nothing },
    ...{ readState: nothing, writeState: nothing },
    lookup: async (keys) => {
      const records = await ports.ledger.lookup(keys);
      records.forEach((record, i) => {
        if (record !== undefined) known.set(keyOfBytes(keys[i]!), record);
      });
      return keys.map(() => undefined);
    },
  };
  const rejects = { write: () => undefined, flush: nothing };
  const run = new Run(
    inputs,
    {
      ...{ skipInputCheck: false, onConflict: 'reject', maxRejects: { kind: 'none' }, onInputError: 'continue' },
      ...{ maxDurationMs: undefined, drainTimeMs: 0, ...settings },
    },
    { ...ports, ledger, rejects },
    ({ settle }) =>
      new Look(settle, (event) => {
        visit(event, known.get(event.key));
        known.delete(event.key);
      }),
  );
  const end = (): void => run.interrupt('SIGINT');
  if (ports.signal?.aborted === true) end();
  ports.signal?.addEventListener('abort', end, { once: true });
  return run.result.finally(() => ports.signal?.removeEventListener('abort', end));
}

/** Where records end that are only looked at. */
class Look implements Sink {
  readonly inFlight = 0;
  readonly concurrency = 0;
  readonly waiting = undefined;
  readonly #settle: Settle;
  readonly #look: (event: Event) => void;

  constructor(settle: Settle, look: (event: Event) => void) {
    this.#settle = settle;
    this.#look = look;
  }

  offer(events: readonly Event[]): void {
    for (const event of events) {
      this.#look(event);
      this.#settle.accepted(event, 'duplicate');
    }
  }

  holdBack(event: Event): void {
    this.#settle.inDoubt(event);
  }

  async end(): Promise<void> {
    // Every event was settled as it was offered.
  }

  windowIsFull(): void {
    // Nothing waits here for a fuller batch.
  }

  stop(): void {
    // Nothing is on its way.
  }

  cancel(): void {
    // Nothing is on its way.
  }
}
