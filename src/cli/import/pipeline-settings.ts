import type { ImportSettings } from '../../pipeline/import.js';
import type { RunSettings } from '../../pipeline/run.js';
import type { Settings } from '../settings/settings.js';
import { ID_RULE } from './ledger-destination.js';
import { settingsFingerprint } from './settings-fingerprint.js';
import { unwrapSettings } from './unwrap-settings.js';

/** What of the settings the pipeline needs to read and check. */
export function runSettings(run: string, settings: Settings): RunSettings {
  return {
    run,
    maxLineBytes: settings.maxLineBytes,
    skipInputCheck: settings.skipInputCheck,
    unwrap: unwrapSettings(settings),
    onConflict: settings.onConflict,
    maxRejects: settings.maxRejects,
    onInputError: settings.onInputError,
    maxDurationMs: settings.maxDuration,
    drainTimeMs: settings.drainTime,
  };
}

/** What of the settings the pipeline needs to import. */
export function importSettings(run: string, settings: Settings): ImportSettings {
  return {
    ...runSettings(run, settings),
    maxRequestsPerMinute: settings.maxRequestsPerMinute,
    maxEventsPerDay: settings.maxEventsPerDay,
    files: { fingerprint: settingsFingerprint(ID_RULE, settings), skip: !settings.noSkip },
    dispatch: {
      order: settings.order,
      batch: { events: settings.batchSize, bytes: settings.batchBytes },
      concurrency: settings.concurrency,
      giveUpAfterMs: settings.giveUpAfter,
      maxWaitMs: settings.maxWait,
      limit: settings.limit,
    },
  };
}
