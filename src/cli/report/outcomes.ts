import { isBalanced, OUTCOMES, type Outcome } from '../../core/outcome.js';
import { count } from '../output/figures.js';
import type { Summary } from '../output/summary.js';
import { type Html, html } from './html.js';
import { table } from './table.js';
import { sends } from './verdict.js';

interface Wording {
  readonly name: string;
  readonly meaning: string;
}

/** What became of the records: names for a table, and what they mean. */
export function wordingOf(outcome: Outcome, summary: Summary): Wording {
  switch (outcome) {
    case 'delivered':
      return { name: 'Delivered', meaning: 'The platform confirmed in this run that it has the record.' };
    case 'duplicate':
      return { name: 'Duplicate', meaning: duplicates(summary) };
    case 'rejected':
      return { name: 'Rejected', meaning: 'Not accepted, by a check before sending or by the platform. See below.' };
    case 'inDoubt':
      return {
        name: 'In doubt',
        meaning: 'Sent, and never clearly answered. Not sent again, for the platform might then hold it twice.',
      };
    case 'undelivered':
      if (summary.command === 'validate') return { name: 'Valid', meaning: 'Passed every check. Nothing was sent.' };
      return sends(summary)
        ? { name: 'Undelivered', meaning: 'Valid, but not confirmed by the platform. The next run sends it.' }
        : { name: 'To be sent', meaning: 'Valid, and not delivered before. An import would send it.' };
  }
}

function duplicates({ duplicates: { ledger, input, target } }: Summary): string {
  const kinds = [
    [ledger, 'delivered by an earlier run'],
    [input, 'repeated in the input'],
    [target, 'already known to the platform'],
  ] as const;
  const told = kinds.filter(([amount]) => amount > 0).map(([amount, what]) => `${count(amount)} ${what}`);
  return `Nothing to send: ${told.join(', ') || 'the same record was delivered already'}.`;
}

/** What became of the records: table, bar, and the sum that the program checked. */
export function outcomes(summary: Summary): Html {
  const { events } = summary;
  const rows = listedOutcomes(summary).map((outcome) => {
    const { name, meaning } = wordingOf(outcome, summary);
    const key = html`<span class="key ${look(outcome, summary)}" aria-hidden="true"></span>`;
    return [html`${key}${name}<small>${meaning}</small>`, count(events[outcome]), share(events[outcome], events.read)];
  });
  const sum = listedOutcomes(summary).map(
    (outcome) => `${count(events[outcome])} ${wordingOf(outcome, summary).name.toLowerCase()}`,
  );
  const verdict = isBalanced(events)
    ? 'The program checked this sum, in total and for each file: no record was lost on the way.'
    : 'This sum is wrong. That is a fault of the program; do not rely on these numbers.';
  return html`<p class="total"><strong>${count(events.read)}</strong> ${events.read === 1 ? 'record was' : 'records were'} read. Each ended in exactly one of these ways:</p>
${bar(summary)}
${table({
  caption: 'Records by outcome',
  columns: [{ name: 'Outcome' }, { name: 'Records', isNumber: true }, { name: 'Share', isNumber: true }],
  rows,
  fits: true,
})}
<p class="sum">${count(events.read)} read = ${sum.join(' + ')}. ${verdict}</p>`;
}

/** The same as a picture, next to the table that says it: nothing that it alone would tell. */
function bar(summary: Summary): Html | undefined {
  const { events } = summary;
  if (events.read === 0) return undefined;
  let at = 0;
  const parts = OUTCOMES.filter((outcome) => events[outcome] > 0).map((outcome) => {
    const wide = (events[outcome] / events.read) * 1000;
    const part = html`<rect class="${look(outcome, summary)}" x="${at.toFixed(1)}" y="0" width="${Math.max(3, wide).toFixed(1)}" height="10"/>`;
    at += wide;
    return part;
  });
  return html`<svg class="share" aria-hidden="true" viewBox="0 0 1000 10" preserveAspectRatio="none">${parts}</svg>`;
}

/** The outcomes that a report of such a run lists: what can't be where nothing is sent is left out. */
export function listedOutcomes(summary: Summary): readonly Outcome[] {
  if (sends(summary)) return OUTCOMES;
  return OUTCOMES.filter((outcome) => !['delivered', 'inDoubt'].includes(outcome) || summary.events[outcome] > 0);
}

/** Its colour's name. Valid where nothing is sent is as good as it gets. */
function look(outcome: Outcome, summary: Summary): string {
  return outcome === 'undelivered' && !sends(summary) ? 'valid' : outcome;
}

/** In percent; only none is 0 %, only all is 100 %. */
export function share(part: number, whole: number): string {
  if (part === 0 || whole === 0) return '0 %';
  if (part === whole) return '100 %';
  const percent = (part / whole) * 100;
  if (percent < 0.01) return 'under 0.01 %';
  if (percent > 99.99) return 'over 99.99 %';
  return `${percent < 1 || percent > 99 ? percent.toFixed(2) : percent.toFixed(1)} %`;
}
