import type { Counts } from '../../core/outcome.js';
import type { Progress } from '../../core/run.js';
import { newTally } from '../../core/tally.js';
import { type Pace, progressLine } from '../output/progress-text.js';
import type { SummaryQuota } from '../output/summary.js';

/** How far a run is, as it stands beside the ledger and in `ledger status --json`. */
export interface KeptProgress {
  readonly version: 1;
  /** Run id. */
  readonly run: string;
  /** RFC 3339. */
  readonly writtenAt: string;
  readonly phase: Progress['phase'];
  readonly events: Counts;
  /** Stored bytes of the inputs; `total` is null where a size is not known. */
  readonly bytes: { readonly read: number; readonly checked: number; readonly total: number | null };
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number | null;
  readonly inFlight: number;
  readonly concurrency: number;
  /** What the run waits for, and until when, if it knows. */
  readonly waiting: {
    readonly for: NonNullable<Progress['waiting']>['for'];
    readonly until: string | null;
  } | null;
  /** Of the UTC day; what is reserved for requests to come counts as used. Null where the day is not limited. */
  readonly quota: SummaryQuota | null;
}

export function keptProgress(
  run: string,
  progress: Progress,
  pace: Pace,
  now: number,
  quota?: SummaryQuota,
): KeptProgress {
  const { tally, waiting } = progress;
  const until = waiting?.untilMonotonic;
  return {
    version: 1,
    run,
    writtenAt: new Date(now).toISOString(),
    phase: progress.phase,
    events: { ...tally.events },
    bytes: { read: tally.bytes.read, checked: progress.bytesChecked, total: progress.bytesTotal ?? null },
    eventsPerSecond: Math.round(pace.eventsPerSecond),
    bytesPerSecond: pace.bytesPerSecond === undefined ? null : Math.round(pace.bytesPerSecond),
    inFlight: progress.inFlight,
    concurrency: progress.concurrency,
    waiting:
      waiting === undefined
        ? null
        : {
            for: waiting.for,
            until: until === undefined ? null : new Date(now + until - pace.nowMonotonic).toISOString(),
          },
    quota: quota ?? null,
  };
}

/** What was read beside a ledger, if it is of this run: an earlier one leaves its own behind. */
export function progressOfRun(value: unknown, run: string): KeptProgress | undefined {
  const kept = value as Partial<KeptProgress> | null | undefined;
  return kept?.version === 1 && kept.run === run ? (kept as KeptProgress) : undefined;
}

/** The same line that the run itself writes. */
export function keptProgressLine(kept: KeptProgress, now: number): string {
  const { bytes, waiting } = kept;
  const tally = newTally();
  const progress: Progress = {
    phase: kept.phase,
    tally: { ...tally, events: kept.events, bytes: { ...tally.bytes, read: bytes.read } },
    bytesTotal: bytes.total ?? undefined,
    bytesChecked: bytes.checked,
    inFlight: kept.inFlight,
    concurrency: kept.concurrency,
    waiting:
      waiting === null
        ? undefined
        : {
            for: waiting.for,
            ...(waiting.until === null ? {} : { untilMonotonic: Date.parse(waiting.until) - now }),
          },
  };
  const { eventsPerSecond, bytesPerSecond } = kept;
  return progressLine(progress, { eventsPerSecond, bytesPerSecond: bytesPerSecond ?? undefined, nowMonotonic: 0 });
}
