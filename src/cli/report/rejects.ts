import { REJECT_REASONS, type RejectReason } from '../../core/rejection.js';
import type { RejectGroup } from '../../core/run.js';
import { count } from '../output/figures.js';
import type { Summary } from '../output/summary.js';
import { type Html, html } from './html.js';
import { places } from './places.js';
import { table } from './table.js';

const REASON_TEXTS: Readonly<Record<RejectReason, string>> = {
  line_too_long: 'Longer than allowed',
  invalid_utf8: 'Not valid text (UTF-8)',
  invalid_json: 'Not valid JSON',
  schema_violation: 'Does not have the form that the platform asks for',
  no_identity: 'Neither id nor date: can not be told from a repeat',
  wrong_organization: 'Belongs to another organization',
  conflicting_duplicate: 'The id came before with other content',
  excluded: 'On the list of people who are never sent',
  refused: 'Refused by the platform',
};

/** Of one reason, so many kinds of finding are told; the rest is counted. */
const MOST_KINDS = 50;

/** Rejected records by reason and finding, with the places of the first of each. Never their content. */
export function rejects(summary: Summary, groups: readonly RejectGroup[] | undefined): Html {
  const { rejectedByReason, rejectsFile } = summary;
  const reasons = REJECT_REASONS.filter((reason) => (rejectedByReason[reason] ?? 0) > 0);
  if (reasons.length === 0) return html`<p>No record was rejected.</p>`;
  const parts = reasons.map((reason) => {
    const found = groups?.filter((group) => group.reason === reason) ?? [];
    return found.length === 0 ? [] : ofReason(reason, rejectedByReason[reason] ?? 0, found);
  });
  const overview = reasons.map((reason) => [
    html`${REASON_TEXTS[reason]}<small><code>${reason}</code></small>`,
    count(rejectedByReason[reason] ?? 0),
  ]);
  const where =
    rejectsFile === null
      ? undefined
      : html`<p>All of them, with every line number, stand in the rejects file, from which they can be repaired and imported: <code>${rejectsFile}</code>. That file may hold personal data; this report does not.</p>`;
  return html`${table({
    caption: 'Rejected records by reason',
    columns: [{ name: 'Reason' }, { name: 'Records', isNumber: true }],
    rows: overview,
    fits: true,
  })}
${where}
${parts}`;
}

function ofReason(reason: RejectReason, total: number, groups: readonly RejectGroup[]): Html {
  const sorted = [...groups].sort((a, b) => b.count - a.count);
  const shown = sorted.slice(0, MOST_KINDS);
  const rest = total - shown.reduce((sum, group) => sum + group.count, 0);
  const rows = shown.map((group) => [
    [group.path, group.message].filter((part) => part !== '').join(': ') || REASON_TEXTS[reason],
    count(group.count),
    places([group.first, ...(group.next ?? [])], group.count),
  ]);
  return html`<h3>${REASON_TEXTS[reason]}</h3>
${table({
  caption: `Findings and places: ${REASON_TEXTS[reason]}`,
  columns: [{ name: 'Finding' }, { name: 'Records', isNumber: true }, { name: 'File and lines', isLong: true }],
  rows: rest > 0 ? [...rows, ['Other findings', count(rest), 'in the rejects file']] : rows,
})}`;
}
