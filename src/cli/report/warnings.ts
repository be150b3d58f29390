import { WARNING_NAMES } from '../../core/block.js';
import type { Origin } from '../../core/origin.js';
import { count } from '../output/figures.js';
import type { Summary } from '../output/summary.js';
import { WARNING_TEXTS } from '../output/summary-text.js';
import type { ReportDetails } from './details.js';
import { type Html, html } from './html.js';
import { places } from './places.js';
import { table } from './table.js';

/** What was noticed of records, and where, as far as it is told. */
export function warnings({ warnings: found }: Summary, first: ReportDetails['warnedFirst'] = {}): Html {
  const names = WARNING_NAMES.filter((name) => (found[name] ?? 0) > 0);
  if (names.length === 0) return html`<p>None.</p>`;
  return table({
    caption: 'Records with a warning',
    columns: [{ name: 'Warning' }, { name: 'Records', isNumber: true }],
    fits: true,
    rows: names.map((name) => [
      html`${capital(WARNING_TEXTS[name])}${placesOf(first[name], found[name] ?? 0)}<small><code>${name}</code></small>`,
      count(found[name] ?? 0),
    ]),
  });
}

function placesOf(origins: readonly Origin[] | undefined, total: number): Html | undefined {
  return origins === undefined ? undefined : places(origins, total);
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
