import type { LedgerRecord } from '../../core/ledger.js';
import type { Origin } from '../../core/origin.js';
import type { RunResult, Tally } from '../../core/run.js';
import { shownRecord } from '../ledger/shown-record.js';
import { count } from '../output/figures.js';
import type { Recall } from './with-inputs.js';

/** What `verify` and `undo` both say with `--json`. */
export function shownCommon(
  { prepared, context, identity, apiUrl, requests }: Recall,
  ledger: string,
  verdict: { readonly exitCode: number; readonly reason: string },
  results: readonly RunResult[],
): object {
  const { target, organization } = prepared.destination;
  const finishedAt = context.now();
  return {
    version: 1,
    run: identity.id,
    command: identity.command,
    toolVersion: context.toolVersion,
    ...verdict,
    complete: results.every(({ complete, stop }) => complete && stop === undefined),
    destination: { target, apiUrl, organization: organization ?? null },
    ledger,
    requests: results.map(({ tally }) => tally.requests).reduce(added, { ...NO_REQUESTS, ...requests() }),
    startedAt: new Date(identity.startedAt).toISOString(),
    finishedAt: new Date(finishedAt).toISOString(),
    durationMs: finishedAt - identity.startedAt,
  };
}

type Requests = Tally['requests'];

const NO_REQUESTS: Requests = { sent: 0, succeeded: 0, retried: 0, rateLimited: 0, split: 0 };

function added(a: Requests, b: Requests): Requests {
  return {
    sent: a.sent + b.sent,
    succeeded: a.succeeded + b.succeeded,
    retried: a.retried + b.retried,
    rateLimited: a.rateLimited + b.rateLimited,
    split: a.split + b.split,
  };
}

/** Where a record stands in the inputs, and when which run delivered it. */
export function shownFinding(record: LedgerRecord, origin: Origin): object {
  return shownRecord({ ...record, origin });
}

/** In the order of files and lines. */
export function inReadingOrder<T extends { readonly origin: Origin }>(
  findings: readonly T[],
  files: readonly { readonly path: string }[],
): readonly T[] {
  const places = new Map(files.map(({ path }, i) => [path, i]));
  const placeOf = ({ origin: { file, line, element = 0, index = 0 } }: T): readonly number[] => [
    places.get(file) ?? files.length,
    line,
    element,
    index,
  ];
  return [...findings].sort((a, b) => {
    const [left, right] = [placeOf(a), placeOf(b)];
    const at = left.findIndex((value, i) => value !== right[i]);
    return at < 0 ? 0 : left[at]! - right[at]!;
  });
}

/** Rows of names and amounts, in columns. Those that are 0 and may be left out are. */
export function amountRows(rows: readonly (readonly [name: string, amount: number, always?: boolean])[]): string[] {
  const shown = rows.filter(([, amount, always = false]) => always || amount > 0);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  const amounts = Math.max(0, ...shown.map(([, amount]) => count(amount).length));
  return shown.map(([name, amount]) => `  ${name.padEnd(width)}  ${count(amount).padStart(amounts)}`);
}
