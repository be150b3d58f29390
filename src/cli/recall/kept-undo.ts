import type { RunResult } from '../../core/run.js';

/** All that the ledger keeps of an undo, so that it can be told again. */
export interface KeptUndo {
  readonly version: 1;
  /** As it was printed with `--json`. */
  readonly undo: object;
  readonly text: string;
}

export function isKeptUndo(kept: unknown): kept is KeptUndo {
  return typeof kept === 'object' && kept !== null && 'undo' in kept && 'text' in kept;
}

/** What stands at hand for a list of runs. */
export function undoBrief(json: object, { tally }: RunResult): object {
  const { exitCode, reason, complete, finishedAt, toolVersion, records } = json as Record<string, unknown>;
  const { read, rejected } = tally.events;
  const { deleted = 0, gone = 0 } = records as Record<string, number>;
  const events = { read, delivered: 0, duplicate: 0, rejected, inDoubt: 0, undelivered: 0 };
  return { exitCode, reason, complete, finishedAt, toolVersion, events, undone: deleted + gone };
}
