import type { Input } from '../core/input.js';
import type { Ledger } from '../core/ledger.js';
import type { Clock, Random, Transport } from '../core/ports.js';
import * as stops from '../core/stops.js';
import type { RecordRules, Target } from '../core/target.js';
import { Asking } from './asking.js';
import { Dispatch } from './dispatch.js';
import type { DispatchSettings } from './dispatch-settings.js';
import type { Errand } from './errand.js';
import { ErrandSink } from './errand-sink.js';
import { openPace } from './pace.js';
import { Run } from './run.js';
import type { Running } from './run-ports.js';
import type { RunSettings } from './run-settings.js';

export interface RecallSettings
  extends Pick<RunSettings, 'run' | 'maxLineBytes' | 'unwrap' | 'maxDurationMs' | 'drainTimeMs'> {
  readonly dispatch: Omit<DispatchSettings, 'batch' | 'limit'>;
  /** Requests per minute, when set; otherwise the target's published limit holds. */
  readonly maxRequestsPerMinute: number | undefined;
}

export interface RecallPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: RecordRules;
  /** It asks, or deletes, where that of an import sends; undefined where an errand asks by itself, or not at all. */
  readonly asked: { readonly target: Target; readonly transport: Transport } | undefined;
  /** Nothing is recorded in it but the pace. */
  readonly ledger: Ledger;
}

/**
 * Reads inputs once more, as an import does, and carries out an errand about their records: paced, tried again, with the
 * token renewed, stopped and cancelled as an import is. To the run each record is new, so that all of them reach the
 * errand. In its accounts, `delivered` are those that the target answered for, `duplicate` those that it was not asked
 * about.
 * @throws {LedgerError} when the pace of earlier runs can't be read
 */
export async function startRecall<Known>(
  inputs: readonly Input[],
  settings: RecallSettings,
  ports: RecallPorts,
  errand: Errand<Known>,
): Promise<Running> {
  const { clock, ledger, rules, asked: whom } = ports;
  const { dispatch, maxRequestsPerMinute, ...rest } = settings;
  const pace = await openPace(maxRequestsPerMinute ?? whom?.target.limits.requestsPerMinute, ledger, clock);
  const known = new Map<string, Known>();
  const asked: Ledger = {
    secret: ledger.secret,
    size: 0,
    lookup: async (keys) => {
      const found = await errand.lookup(keys);
      for (const [i, key] of keys.entries()) known.set(String(key), found[i]!);
      return keys.map(() => undefined);
    },
    recordDelivered: async (entries) => errand.record?.(entries),
    recordIntents: NOTHING,
    forgetIntents: NOTHING,
    readState: NOTHING,
    writeState: NOTHING,
  };
  return new Run(
    inputs,
    {
      ...{ skipInputCheck: false, onConflict: 'reject', maxRejects: { kind: 'none' }, onInputError: 'continue' },
      ...rest,
    },
    { clock, rules, ledger: asked, rejects: { write: () => undefined, flush: NOTHING } },
    (sinkPorts) => {
      const sink = new ErrandSink(errand, known, sinkPorts);
      const all: DispatchSettings = { ...dispatch, batch: { events: 1, bytes: 1 }, limit: undefined };
      const { onStop } = sinkPorts;
      sink.onward =
        whom === undefined
          ? new Asking(dispatch.concurrency, { outlet: sink, onStop, ask: (event, signal) => sink.ask(event, signal) })
          : new Dispatch(all, {
              ...{ ...sinkPorts, ...ports, ...whom, settle: sink, pace, target: sink.watching(whom.target) },
              onBug: (error) => onStop(stops.bug(error)),
            });
      return sink;
    },
  );
}

const NOTHING = async (): Promise<void> => undefined;
