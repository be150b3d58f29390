import type { LedgerRecord } from '../../core/ledger.js';

/** Where a record came from and when, as `--json` shows it. */
export interface ShownRecord {
  /** Run id. */
  readonly run: string;
  readonly file: string;
  readonly entry: string | null;
  readonly line: number;
  readonly element: number | null;
  readonly index: number | null;
  /** RFC 3339: of the acknowledgement, or, in doubt, of the sending. */
  readonly time: string;
}

export function shownRecord({ run, origin, time }: LedgerRecord): ShownRecord {
  const { file, entry, line, element, index } = origin;
  return {
    run,
    file,
    entry: entry ?? null,
    line,
    element: element ?? null,
    index: index ?? null,
    time: new Date(time).toISOString(),
  };
}
