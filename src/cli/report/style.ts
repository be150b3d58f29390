/** How a report begins: so that one may be told from another file before it is replaced. */
export const REPORT_MARK = '<!doctype html>\n<!-- report of consent-import -->';

/** The look of a report: light and dark, wide and narrow, on a screen and on paper. */
export const REPORT_STYLE = `
:root {
  --page: #ffffff; --text: #1c2024; --soft: #55606b; --rule: #d5dae0; --band: #f4f6f8;
  --a: #0b5cad; --b: #a5480a; --grid: #dfe3e8;
  --good: #156b32; --attention: #8a5200; --bad: #b3261e;
  --delivered: #1f7a3d; --duplicate: #5b7fa6; --rejected: #b3261e; --in-doubt: #8a5200; --undelivered: #7d8791;
  color-scheme: light;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #14181c; --text: #e6e9ec; --soft: #a3aeb9; --rule: #3a434c; --band: #1d2329;
    --a: #78b7ff; --b: #ffb27a; --grid: #2c343c;
    --good: #6fd08c; --attention: #f0b860; --bad: #ff9d94;
    --delivered: #4fae6d; --duplicate: #7f9fc4; --rejected: #f0766b; --in-doubt: #e0a33c; --undelivered: #8b96a1;
    color-scheme: dark;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2.5rem 1.5rem 3rem; max-width: 66rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3, p, figure, dl, ul { margin: 0; }
h1 { font-size: 2rem; line-height: 1.2; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; line-height: 1.3; margin-bottom: 1rem; }
h3 { font-size: 1rem; line-height: 1.4; }
section { margin-top: 3rem; }
code { font: .875em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
small { display: block; font-size: .8125rem; color: var(--soft); font-weight: 400; }
.kind { color: var(--soft); font-size: .875rem; margin-bottom: .25rem; }
.when { color: var(--soft); margin-top: .35rem; }

.verdict { display: flex; gap: 1rem; margin-top: 1.5rem; padding: 1.1rem 1.25rem; background: var(--band);
  border: 1px solid var(--rule); border-left: .4rem solid var(--tone); border-radius: .4rem; }
.good { --tone: var(--good); } .attention { --tone: var(--attention); } .bad { --tone: var(--bad); }
.sign { flex: none; width: 2rem; height: 2rem; border-radius: 50%; border: 2px solid var(--tone); color: var(--tone);
  font-weight: 700; line-height: 1.75rem; text-align: center; }
.verdict .title { font-size: 1.25rem; font-weight: 650; line-height: 1.6rem; color: var(--tone); margin: .2rem 0 .3rem; }
.not-read { font-weight: 700; margin-bottom: .3rem; }
.said { margin-top: .5rem; }
.code { margin-top: .5rem; color: var(--soft); font-size: .875rem; }

.total { margin-bottom: .75rem; }
.total strong { font-size: 1.5rem; }
.sum { margin-top: .9rem; color: var(--soft); }
svg.share { display: block; width: 100%; height: .9rem; margin-bottom: 1.25rem; border-radius: .2rem; }
.key { display: inline-block; width: .8em; height: .8em; margin-right: .55em; border-radius: .15em; background: var(--fill); print-color-adjust: exact; }
rect { fill: var(--fill); }
.delivered { --fill: var(--delivered); } .duplicate { --fill: var(--duplicate); } .rejected { --fill: var(--rejected); }
.valid { --fill: var(--delivered); } .inDoubt { --fill: var(--in-doubt); } .undelivered { --fill: var(--undelivered); }

dl { display: grid; grid-template-columns: max-content 1fr; gap: .45rem 1.5rem; }
dl > div { display: contents; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }

table { width: 100%; border-collapse: collapse; }
section > h3 { margin-top: 2rem; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .4rem; }
th, td { padding: .5rem .75rem .5rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--rule); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: .875rem; font-weight: 600; vertical-align: bottom; border-bottom: 2px solid var(--rule); overflow-wrap: normal; }
.wide td.text { overflow-wrap: normal; }
table.fits td, table.fits th { padding-top: .35rem; padding-bottom: .35rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
table + p, dl + p { margin-top: 1rem; }
p + table, table + table { margin-top: 2rem; }
.places { list-style: none; padding: 0; }
.path { font-weight: 600; }

.plot { margin-top: 2rem; break-inside: avoid; }
figcaption { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: .15rem 1.5rem; margin-bottom: .75rem; }
.unit { color: var(--soft); font-weight: 400; }
.legend { display: flex; flex-wrap: wrap; gap: 0 1.25rem; padding: 0; list-style: none; font-size: .875rem; }
.swatch { width: 2rem; height: .5rem; margin-right: .45rem; vertical-align: middle; }
.canvas { display: grid; grid-template-columns: 3.25rem 1fr; padding: .4rem 1rem 0 0; }
.canvas > svg { width: 100%; height: 11rem; overflow: visible; }
.y { position: relative; font-size: .8125rem; color: var(--soft); font-variant-numeric: tabular-nums; }
.y span { position: absolute; right: .6rem; transform: translateY(50%); line-height: 1; white-space: nowrap; }
.x { position: relative; height: 1.6rem; font-size: .8125rem; color: var(--soft); }
.canvas > .x { grid-column: 2; }
.x span { position: absolute; top: .35rem; transform: translateX(-50%); white-space: nowrap; }
.x span:first-child { transform: none; }
path { fill: none; vector-effect: non-scaling-stroke; }
.grid { stroke: var(--grid); stroke-width: 1px; }
.line { stroke-width: 2px; stroke-linejoin: round; }
.line.solid { stroke: var(--a); }
.line.dashed { stroke: var(--b); stroke-dasharray: 5 3; }
.bar { fill: var(--a); }
.lane { margin-top: .9rem; }
.lane p { font-size: .9375rem; }
.lane svg { display: block; width: 100%; height: 1.6rem; margin-top: .2rem; border-bottom: 1px solid var(--rule); }
.lanes { padding: 0 1rem 0 3.25rem; }
details { margin-top: 2rem; }
summary { cursor: pointer; font-weight: 600; padding: .25rem 0; }
details table { margin-top: .5rem; font-size: .875rem; }
details + table { margin-top: 2rem; }
:focus-visible { outline: 3px solid var(--a); outline-offset: 2px; }
footer { margin-top: 3.5rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: .875rem; color: var(--soft); }

@media screen and (max-width: 44rem) {
  body { padding: 1.25rem 1rem 2rem; }
  h1 { font-size: 1.6rem; }
  section { margin-top: 2.5rem; }
  .verdict { gap: .75rem; padding: .9rem 1rem; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd + dt, div + div > dt { margin-top: .6rem; }
  dt { font-size: .875rem; }
  .wide thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .wide, .wide tbody, .wide tr, .wide caption { display: block; }
  .wide tr { padding: .65rem 0; border-bottom: 1px solid var(--rule); }
  .wide tbody th, .wide td { display: block; padding: 0; border: 0; white-space: normal; }
  .wide tbody th { font-weight: 600; }
  .wide td { display: flex; justify-content: space-between; gap: 1rem; padding-top: .15rem; text-align: right; }
  .wide td::before { content: attr(data-name); flex: none; color: var(--soft); max-width: 50%; text-align: left; }
  .wide td.long { display: block; text-align: left; }
  .wide td.long::before { content: none; }
  .canvas { grid-template-columns: 2.75rem 1fr; padding-right: .5rem; }
  .canvas > svg { height: 9rem; }
  .lanes { padding: 0 .5rem 0 2.75rem; }
}
@media print {
  @page { margin: 16mm 14mm; }
  html { font-size: 9.5pt; }
  body { max-width: none; padding: 0; }
  section { margin-top: 8mm; }
  h2, h3, caption, figcaption { break-after: avoid; }
  tr, .fits, .verdict, .lane, dl > div { break-inside: avoid; }
  .canvas > svg { height: 38mm; }
  details { display: none; }
  th, td { padding-top: .3rem; padding-bottom: .3rem; }
}
`;
