import type { FileAccount, RunResult, Tally } from '../../core/run.js';
import { newFileAccount } from '../../core/tally.js';
import type { Summary } from '../output/summary.js';

/** So many kinds of finding are kept of a run, the most frequent ones. */
const MOST_GROUPS = 100;

/** All that the ledger keeps of a run, so that its summary can be told again, as text too, when its files are long gone. */
export interface KeptRun {
  readonly version: 1;
  /** As it was printed. */
  readonly summary: Summary;
  /** Of the rejects file as the run left it, in hex; null where there is none. */
  readonly rejectsSha256: string | null;
  readonly stop: RunResult['stop'] | null;
  /** What the summary leaves out. */
  readonly tally: Omit<Tally, 'files'>;
  /** The same, for each file by its position in the summary. */
  readonly files: readonly (readonly [position: number, more: Partial<FileAccount>])[];
}

export function keepRun(summary: Summary, { stop, tally }: RunResult, rejectsSha256: string | undefined): KeptRun {
  const { files, ...counted } = tally;
  const rejectGroups = [...counted.rejectGroups].sort((a, b) => b.count - a.count).slice(0, MOST_GROUPS);
  return {
    version: 1,
    summary,
    rejectsSha256: rejectsSha256 ?? null,
    stop: stop ?? null,
    tally: { ...counted, rejectGroups },
    files: files.flatMap((file, i) => (isPlain(file) ? [] : [[i, more(file)] as const])),
  };
}

/** What stands at hand for a list of runs. */
export function briefOf({
  exitCode,
  reason,
  complete,
  finishedAt,
  toolVersion,
  events,
  settings,
  rejectsFile,
}: Summary) {
  const { maxEventsPerDay } = settings;
  return {
    ...{ exitCode, reason, complete, finishedAt, toolVersion, events, rejectsFile },
    settings: maxEventsPerDay === undefined ? {} : { maxEventsPerDay },
  };
}

export type RunBrief = ReturnType<typeof briefOf>;

/** The result of a kept run, as far as texts and reports read it. */
export function resultOf({ summary, stop, tally, files }: KeptRun): RunResult {
  const others = new Map(files);
  return {
    stop: stop ?? undefined,
    complete: summary.complete,
    tally: {
      ...tally,
      files: summary.files.map(({ sha256, bytes, ...row }, i) => ({
        ...newFileAccount(row.path, bytes ?? undefined),
        ...row,
        sha256: sha256 ?? undefined,
        ...others.get(i),
      })),
    },
  };
}

function isPlain({ damage, kind, accepted, leftOut, unwrappedRejects }: FileAccount): boolean {
  return damage === undefined && kind === undefined && !accepted && leftOut.length === 0 && unwrappedRejects === 0;
}

function more({ damage, kind, accepted, leftOut, unwrappedRejects }: FileAccount): Partial<FileAccount> {
  return {
    ...(damage === undefined ? {} : { damage }),
    ...(kind === undefined ? {} : { kind }),
    accepted,
    leftOut,
    unwrappedRejects,
  };
}
