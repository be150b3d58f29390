import type { Progress } from '../../core/run.js';
import type { Pace } from './progress-text.js';

/** How far a run is, as logs have it. */
export function progressFields(progress: Progress, pace: Pace): Readonly<Record<string, unknown>> {
  const { phase, tally, bytesTotal, bytesChecked, inFlight, concurrency, waiting } = progress;
  return {
    phase,
    ...tally.events,
    bytesRead: phase === 'checking' ? bytesChecked : tally.bytes.read,
    bytesTotal: bytesTotal ?? null,
    eventsPerSecond: Math.round(pace.eventsPerSecond),
    inFlight,
    concurrency,
    waitingFor: waiting?.for ?? null,
  };
}
