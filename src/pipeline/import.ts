import type { Input } from '../core/input.js';
import type { DayQuota } from '../core/ledger.js';
import type { Random, Transport } from '../core/ports.js';
import * as stops from '../core/stops.js';
import type { Target } from '../core/target.js';
import { QuotaGate } from './day-quota.js';
import { Dispatch } from './dispatch.js';
import type { DispatchSettings } from './dispatch-settings.js';
import { openPace } from './pace.js';
import { Run, type Running, type RunPorts } from './run.js';
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
  const { clock, ledger, target, random, transport } = ports;
  const perDay = settings.maxEventsPerDay ?? target.limits.eventsPerDay;
  const quota =
    perDay === undefined || ports.quota === undefined ? undefined : new QuotaGate(ports.quota, perDay, clock);
  const pace = await openPace(settings.maxRequestsPerMinute ?? target.limits.requestsPerMinute, ledger, clock);
  return new Run(
    inputs,
    settings,
    ports,
    (sinkPorts) =>
      new Dispatch(settings.dispatch, {
        ...sinkPorts,
        ...{ clock, random, target, pace, ledger },
        ...(quota === undefined ? { transport } : { quota, transport: quota.watching(transport) }),
        onBug: (error) => sinkPorts.onStop(stops.bug(error)),
      }),
  );
}
