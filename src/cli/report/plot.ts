import { count } from '../output/figures.js';
import { type Html, html } from './html.js';
import { marks, timeMarks } from './scale.js';

/** One value for each stretch of time; undefined where there is none. */
export interface PlotLine {
  readonly name: string;
  /** Lines differ in dashes too, for not everybody sees colours, nor does every printer print them. */
  readonly look: 'solid' | 'dashed';
  readonly values: readonly (number | undefined)[];
}

export interface PlotFacts {
  /** For the ids inside the page. */
  readonly id: string;
  readonly title: string;
  /** What the values are: `ms`. */
  readonly unit: string;
  /** What the plot shows, for who can't see it. */
  readonly description: string;
  readonly times: readonly { readonly from: number; readonly to: number }[];
  readonly lines: readonly PlotLine[];
}

/** The drawing is stretched to its place, so its own units are just fine enough. */
const WIDTH = 1000;
const HEIGHT = 100;

/**
 * A plot over time as a figure: SVG for the lines, HTML for everything that is read, so that letters keep their size on a
 * phone. No script.
 */
export function plot({ id, title, unit, description, times, lines }: PlotFacts): Html {
  const whole = times.at(-1)?.to ?? 1;
  const most = Math.max(0, ...lines.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const ticks = marks(most);
  const top = ticks.at(-1)!;
  const x = (ms: number): number => round((ms / whole) * WIDTH);
  const y = (value: number): number => round(HEIGHT - (value / top) * HEIGHT);
  return html`<figure class="plot">
<figcaption><h3>${title} <span class="unit">${unit}</span></h3>${legend(lines)}</figcaption>
<div class="canvas">
<div class="y" aria-hidden="true">${ticks.map((tick) => html`<span style="bottom:${(tick / top) * 100}%">${tickText(tick)}</span>`)}</div>
<svg role="img" aria-labelledby="${id}-title ${id}-text" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
<title id="${id}-title">${title}, ${unit}</title><desc id="${id}-text">${description}</desc>
${ticks.map((tick) => html`<path class="grid" d="M0 ${y(tick)}H${WIDTH}"/>`)}
${lines.map(({ look, values }) => html`<path class="line ${look}" d="${steps(values, times, x, y)}"/>`)}
</svg>
${timeAxis(whole)}
</div>
</figure>`;
}

/** The time axis below a drawing that spans `whole` ms. */
export function timeAxis(whole: number): Html {
  const labels = timeMarks(whole).map(
    ({ at, label }) => html`<span style="left:${round((at / whole) * 100)}%">${label}</span>`,
  );
  return html`<div class="x" aria-hidden="true">${labels}</div>`;
}

/** How much there was of something in each stretch of time, as bars; the highest fills the height. */
export function bars(
  values: readonly number[],
  times: PlotFacts['times'],
  name: { readonly id: string; readonly title: string; readonly description: string },
): Html {
  const whole = times.at(-1)?.to ?? 1;
  const most = Math.max(0, ...values);
  const d = values
    .map((value, i) => {
      const { from, to } = times[i]!;
      // What happened at all is seen, however short it was.
      const wide = Math.max(2, round(((to - from) / whole) * WIDTH));
      const high = Math.max(8, round((value / most) * HEIGHT));
      return value > 0 ? `M${round((from / whole) * WIDTH)} ${HEIGHT}v${-high}h${wide}v${high}z` : '';
    })
    .join('');
  return html`<svg role="img" aria-labelledby="${name.id}-title ${name.id}-text" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none"><title id="${name.id}-title">${name.title}</title><desc id="${name.id}-text">${name.description}</desc><path class="bar" d="${d}"/></svg>`;
}

function legend(lines: readonly PlotLine[]): Html | undefined {
  if (lines.length < 2) return undefined;
  const swatch = (look: string): Html =>
    html`<svg class="swatch" aria-hidden="true" viewBox="0 0 32 8"><path class="line ${look}" d="M0 4H32"/></svg>`;
  return html`<ul class="legend">${lines.map(({ name, look }) => html`<li>${swatch(look)}${name} (${look})</li>`)}</ul>`;
}

/** A mean holds for its whole stretch, so a line is made of steps; where there is no value it is broken. */
function steps(
  values: PlotLine['values'],
  times: PlotFacts['times'],
  x: (ms: number) => number,
  y: (value: number) => number,
): string {
  let d = '';
  let isDrawing = false;
  values.forEach((value, i) => {
    if (value === undefined) {
      isDrawing = false;
      return;
    }
    const { from, to } = times[i]!;
    d += isDrawing ? `V${y(value)}H${x(to)}` : `M${x(from)} ${y(value)}H${x(to)}`;
    isDrawing = true;
  });
  return d;
}

function tickText(value: number): string {
  if (value >= 10_000 && value % 100 === 0) return `${value / 1000}k`;
  return Number.isInteger(value) ? count(value) : String(value);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
