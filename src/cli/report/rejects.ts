import type { Origin } from '../../core/origin.js';
import { REJECT_REASONS, type RejectReason } from '../../core/rejection.js';
import type { RejectGroup } from '../../core/run.js';
import { count, counted } from '../output/figures.js';
import type { Summary } from '../output/summary.js';
import { type Html, html } from './html.js';
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
    REASON_TEXTS[reason],
    count(rejectedByReason[reason] ?? 0),
    html`<code>${reason}</code>`,
  ]);
  const where =
    rejectsFile === null
      ? undefined
      : html`<p>All of them, with every line number, stand in the rejects file, from which they can be repaired and imported: <code>${rejectsFile}</code>. That file may hold personal data; this report does not.</p>`;
  return html`${table({
    caption: 'Rejected records by reason',
    columns: [{ name: 'Reason' }, { name: 'Records', isNumber: true }, { name: 'Name in the summary' }],
    rows: overview,
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
  caption: `${REASON_TEXTS[reason]}: what was found, and where`,
  columns: [{ name: 'Finding' }, { name: 'Records', isNumber: true }, { name: 'File and lines' }],
  rows: rest > 0 ? [...rows, ['Other findings', count(rest), 'in the rejects file']] : rows,
})}`;
}

/** `a.jsonl.gz, lines 7, 14, 21`, one line for each file; and how many more there are. */
function places(origins: readonly Origin[], total: number): Html {
  const byFile = new Map<string, string[]>();
  for (const origin of origins) {
    const file = origin.entry === undefined ? origin.file : `${origin.file}/${origin.entry}`;
    const lines = byFile.get(file) ?? [];
    if (lines.length === 0) byFile.set(file, lines);
    lines.push(lineText(origin));
  }
  const rest = total - origins.length;
  const files = [...byFile].map(
    ([file, lines]) =>
      html`<li><bdi class="path">${file}</bdi>, ${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}</li>`,
  );
  return html`<ul class="places">${files}${rest > 0 ? html`<li>and ${counted(rest, 'more record')}</li>` : ''}</ul>`;
}

function lineText({ line, element, index }: Origin): string {
  const inside = [
    element === undefined ? '' : `element ${count(element)}`,
    index === undefined ? '' : `event ${count(index)}`,
  ].filter((part) => part !== '');
  return inside.length === 0 ? count(line) : `${count(line)} (${inside.join(', ')})`;
}
