import { bytes, count, moment } from '../output/figures.js';
import { keptProgressLine } from './kept-progress.js';
import type { ShownDestination, ShownQuota, StatusRow } from './status-row.js';

/** One ledger, for people. */
export function statusText(row: StatusRow, now: number): string {
  const lines = rows(row, now).filter(([, text]) => text !== undefined);
  const width = Math.max(...lines.map(([name]) => name.length));
  return [row.folder, ...lines.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)].join('\n');
}

function rows(row: StatusRow, now: number): readonly (readonly [string, string | undefined])[] {
  const { destination, holder, ids, lastRun, quota } = row;
  const into = ['destination', destination === null ? undefined : destinationText(destination)] as const;
  if (row.state === 'held') return [into, ...heldRows(holder, now), ['sent today', quotaText(quota)]];
  if (row.state !== 'free') return [into, ['state', row.state]];
  return [
    into,
    ['delivered', amount(ids?.delivered)],
    ['in doubt', amount(ids?.inDoubt)],
    ['runs', amount(row.runs)],
    ['last run', lastRun === null ? undefined : runText(lastRun)],
    ['completed files', amount(row.completedFiles)],
    ['with rejects', row.rejectedFiles === 0 ? undefined : amount(row.rejectedFiles)],
    ['size', row.bytes === null ? undefined : bytes(row.bytes)],
    ['sent today', quotaText(quota)],
  ];
}

function heldRows(holder: StatusRow['holder'], now: number): readonly (readonly [string, string | undefined])[] {
  if (holder === null) return [['held', 'by another run']];
  const { run, since, pid, host, command, progress } = holder;
  return [
    ['held', `by run ${run} since ${toSecond(since)} (process ${pid} on ${host}: ${command})`],
    ['progress', progress === null ? undefined : keptProgressLine(progress, now)],
    ['as of', progress === null ? undefined : toSecond(progress.writtenAt)],
  ];
}

function destinationText({ target, address, organization, collectionPoint }: ShownDestination): string {
  let owner = organization === null ? '' : `, organization ${organization}`;
  if (collectionPoint !== null && collectionPoint.processId !== '') {
    const { processId, tenantId } = collectionPoint;
    owner = `, collection point ${processId}${tenantId === '' ? '' : ` of tenant ${tenantId}`}`;
  }
  return `${target}${owner}, at ${address ?? 'an embedded sandbox'}`;
}

function runText({ run, startedAt, command, exitCode }: NonNullable<StatusRow['lastRun']>): string {
  const end = exitCode === null ? 'did not come to its end' : `exit code ${exitCode}`;
  return `${run} at ${toSecond(startedAt)}: ${command}, ${end}`;
}

function quotaText(quota: ShownQuota | null): string | undefined {
  if (quota === null) return undefined;
  const { day, used, limit, left } = quota;
  // What is not limited is not counted.
  if (limit === null && used === 0) return undefined;
  const amounts = limit === null ? count(used) : `${count(used)} of ${count(limit)}, ${count(left ?? 0)} left`;
  return `${amounts} (UTC day ${day})`;
}

function amount(value: number | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : count(value);
}

function toSecond(time: string): string {
  return moment(Date.parse(time));
}
