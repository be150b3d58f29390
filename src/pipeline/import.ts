import type { Input } from '../core/input.js';
import type { DayQuota } from '../core/ledger.js';
import type { Random, Transport } from '../core/ports.js';
import type { Tally } from '../core/run.js';
import * as stops from '../core/stops.js';
import type { Target } from '../core/target.js';
import { QuotaGate } from './day-quota.js';
import { Dispatch } from './dispatch.js';
import type { DispatchSettings } from './dispatch-settings.js';
import type { FirstQuestion } from './first-question.js';
import { openPace } from './pace.js';
import { Run } from './run.js';
import type { Running, RunPorts } from './run-ports.js';
import type { RunSettings } from './run-settings.js';

export interface ImportSettings extends RunSettings {
  readonly dispatch: DispatchSettings;
  /** Requests per minute, when set; otherwise the target's published limit holds. */
  readonly maxRequestsPerMinute: number | undefined;
  /** Events per UTC day, when set; otherwise the target's published limit holds. */
  readonly maxEventsPerDay?: number | undefined;
}

export interface ImportPorts extends RunPorts {
  readonly random: Random;
  readonly transport: Transport;
  readonly target: Target;
  /** Where the events of each day are counted, over all runs. */
  readonly quota?: DayQuota;
  /** What is asked of the target before the first new event goes on. */
  readonly firstQuestion?: FirstQuestion | undefined;
}

/**
 * Imports the inputs, one after the other, into the target.
 * @throws {LedgerError} when the pace of earlier runs can't be read from the ledger; then nothing was started
 */
export async function startImport(
  inputs: readonly Input[],
  settings: ImportSettings,
  ports: ImportPorts,
): Promise<Running> {
  const { clock, ledger, random, firstQuestion } = ports;
  const target = firstQuestion === undefined ? ports.target : { ...ports.target, authorizer: firstQuestion.authorizer };
  const perDay = settings.maxEventsPerDay ?? target.limits.eventsPerDay;
  const quota =
    perDay === undefined || ports.quota === undefined ? undefined : new QuotaGate(ports.quota, perDay, clock);
  const pace = await openPace(settings.maxRequestsPerMinute ?? target.limits.requestsPerMinute, ledger, clock);
  const transport = quota === undefined ? ports.transport : quota.watching(ports.transport);
  const beforeNew =
    firstQuestion === undefined
      ? undefined
      : (signal: AbortSignal, tally: Tally) => firstQuestion.ask(signal, { transport, pace, tally });
  return new Run(
    inputs,
    settings,
    { ...ports, ...(beforeNew === undefined ? {} : { beforeNew }) },
    (sinkPorts) =>
      new Dispatch(settings.dispatch, {
        ...sinkPorts,
        ...{ clock, random, target, pace, ledger, transport },
        ...(quota === undefined ? {} : { quota }),
        onBug: (error) => sinkPorts.onStop(stops.bug(error)),
      }),
  );
}
