import { describeOrigin } from '../../core/origin.js';
import { REJECT_REASONS } from '../../core/rejection.js';
import type { RejectGroup, Tally } from '../../core/run.js';
import { count, counted } from './figures.js';

const MOST_LINES = 10;

/**
 * Rejected records, grouped by what is wrong with them, the most frequent first:
 * `1,204 × /user: must have id or organization_user_id, first at a.jsonl.gz:17`.
 */
export function rejectLines(tally: Readonly<Tally>): readonly string[] {
  const groups = [...tally.rejectGroups].sort(
    (a, b) => b.count - a.count || REJECT_REASONS.indexOf(a.reason) - REJECT_REASONS.indexOf(b.reason),
  );
  const lines = groups.slice(0, MOST_LINES).map(groupLine);
  const shown = groups.slice(0, MOST_LINES).reduce((sum, group) => sum + group.count, 0);
  const rest = tally.events.rejected - shown;
  return rest > 0 && lines.length > 0 ? [...lines, `${count(rest)} × other findings`] : lines;
}

function groupLine(group: RejectGroup): string {
  const what = [group.path, group.message].filter((part) => part !== '').join(': ') || group.reason;
  return `${count(group.count)} × ${what}, ${group.count === 1 ? 'at' : 'first at'} ${describeOrigin(group.first)}`;
}

/** `12 events were rejected` */
export function rejectedCount(tally: Readonly<Tally>): string {
  return `${counted(tally.events.rejected, 'event')} ${tally.events.rejected === 1 ? 'was' : 'were'} rejected`;
}
