import { type Html, type HtmlValue, html } from './html.js';

export interface TableFacts {
  readonly caption: string;
  readonly columns: readonly { readonly name: string; readonly isNumber?: boolean; readonly isLong?: boolean }[];
  /** One value for each column; the first names the row. */
  readonly rows: readonly (readonly HtmlValue[])[];
  /** It is narrow enough for a phone as it is. */
  readonly fits?: boolean;
}

/**
 * A table with caption, and headings for columns and rows. On a narrow screen each row becomes a block in which every value
 * stands behind the name of its column; the roles are spelt out, for browsers forget them then.
 */
export function table({ caption, columns, rows, fits = false }: TableFacts): Html {
  const kind = (i: number): string => (columns[i]?.isNumber ? 'number' : columns[i]?.isLong ? 'long' : 'text');
  const head = columns.map(({ name }, i) => html`<th role="columnheader" scope="col" class="${kind(i)}">${name}</th>`);
  const cell = (value: HtmlValue, i: number): Html =>
    i === 0
      ? html`<th role="rowheader" scope="row" class="${kind(i)}">${value}</th>`
      : html`<td role="cell" class="${kind(i)}" data-name="${columns[i]?.name}">${value}</td>`;
  return html`<table role="table" class="${fits ? 'fits' : 'wide'}"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead>
<tbody role="rowgroup">${rows.map(
    (row) => html`<tr role="row">${row.map(cell)}</tr>
`,
  )}</tbody></table>`;
}

/** Names with their values, for what is no list of equal things. */
export function facts(rows: readonly (readonly [name: string, value: HtmlValue])[]): Html {
  const shown = rows.filter(([, value]) => value !== undefined);
  return html`<dl>${shown.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
