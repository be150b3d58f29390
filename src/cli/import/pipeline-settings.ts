import type { ImportSettings } from '../../pipeline/import.js';
import type { RunSettings } from '../../pipeline/run-settings.js';
import type { Settings } from '../settings/settings.js';
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
    strict: settings.strict,
    resendInDoubt: settings.resendInDoubt,
    maxRejects: settings.maxRejects,
    onInputError: settings.onInputError,
    maxDurationMs: settings.maxDuration,
    drainTimeMs: settings.drainTime,
  };
}

/** What of the settings the pipeline needs to import. @param idRule names the rule that makes event ids */
export function importSettings(run: string, settings: Settings, idRule: string): ImportSettings {
  return {
    ...runSettings(run, settings),
    maxRequestsPerMinute: settings.maxRequestsPerMinute,
    maxEventsPerDay: settings.maxEventsPerDay,
    files: {
      fingerprint: settingsFingerprint(idRule, settings),
      skip: !settings.noSkip,
      // What is dated before an earlier event would not be found again behind a part that is passed over.
      fromStart: settings.strict,
    },
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
