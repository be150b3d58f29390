import type { Plan } from '../../core/plan.js';
import type { Tally } from '../../core/run.js';
import { count, counted, duration } from './figures.js';

/** What an import would do, as `--dry-run` says it: one row a line. */
export function planLines(plan: Plan, { duplicates }: Pick<Tally, 'duplicates'>): readonly string[] {
  const rows: readonly (readonly [string, string])[] = [
    ['to be sent', `${counted(plan.events, 'event')} in at least ${counted(plan.requests, 'request')}`],
    ['delivered before', counted(duplicates.ledger, 'event')],
    ['least time', leastTime(plan)],
    ...(plan.daysOfQuota === undefined ? [] : ([['days of quota', days(plan)]] as const)),
    ['dates', dates(plan)],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, text]) => `${name.padEnd(width)}  ${text}`);
}

function leastTime({ leastTimeMs, requestsPerMinute }: Plan): string {
  if (requestsPerMinute === undefined && leastTimeMs === 0)
    return 'as fast as the target takes them: no limit is known';
  const pace = requestsPerMinute === undefined ? '' : `, at ${counted(requestsPerMinute, 'request')} a minute`;
  return `${duration(leastTimeMs)}${pace}`;
}

function days({ daysOfQuota = 0, eventsPerDay = 0 }: Plan): string {
  return `${count(daysOfQuota)}, at ${counted(eventsPerDay, 'event')} a UTC day`;
}

function dates({ firstDate, lastDate }: Plan): string {
  if (firstDate === undefined || lastDate === undefined) return 'none given';
  return firstDate === lastDate ? day(firstDate) : `${day(firstDate)} to ${day(lastDate)}`;
}

function day(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
