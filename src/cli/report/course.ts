import { coarser, PAUSES, type Pause, type Sample } from '../../core/run-series.js';
import { count, duration } from '../output/figures.js';
import { type Html, html } from './html.js';
import { bars, plot, timeAxis } from './plot.js';
import { table } from './table.js';

/** As many as the eye can tell apart, and as many rows as anybody reads. */
const MOST_DRAWN = 120;
const MOST_ROWS = 30;

export const PAUSE_TEXTS: Readonly<Record<Pause, string>> = {
  checking: 'Checking inputs before the first event was sent',
  rate_limit: 'Held back to keep the rate limit',
  target: 'Waiting because the platform asked for it',
  retry: 'Waiting before the next attempt',
  outage: 'Waiting for the platform to recover',
  answer: 'Waiting for the answer to a question',
};

/** How a run went over time, as plots and as a table. @param sends it is a run that sends events */
export function course(samples: readonly Sample[], sends: boolean): Html {
  const drawn = coarser(samples, MOST_DRAWN);
  const { id, ...throughput } = throughputOf(drawn, sends);
  return html`${plot({ id, ...throughput, times: drawn })}
${sends ? [latency(drawn), concurrency(drawn), lanes(drawn)] : []}
${figures(coarser(samples, MOST_ROWS), sends)}`;
}

function throughputOf(samples: readonly Sample[], sends: boolean): Omit<Parameters<typeof plot>[0], 'times'> {
  const settled = samples.map((sample) => perSecond(sample, sends ? sample.counts.settled : sample.counts.read));
  const delivered = samples.map((sample) => perSecond(sample, sample.counts.delivered));
  const total = (name: 'settled' | 'delivered'): number => sum(samples.map(({ counts }) => counts[name]));
  // Two lines on top of each other tell nothing.
  const isAll = total('settled') <= 1.05 * total('delivered');
  const all = { name: 'delivered, duplicate and rejected together', look: 'dashed', values: settled } as const;
  const toldAll = told(sends ? 'Delivered, duplicate and rejected together' : 'Read', settled);
  return {
    id: 'throughput',
    title: 'Throughput',
    unit: 'records per second',
    description: sends ? `${told('Delivered', delivered)} ${toldAll}` : toldAll,
    lines: sends
      ? [{ name: 'delivered', look: 'solid', values: delivered }, ...(isAll ? [] : [all])]
      : [{ ...all, look: 'solid' }],
  };
}

function latency(samples: readonly Sample[]): Html | undefined {
  if (samples.every(({ latencies }) => latencies.count === 0)) return undefined;
  const median = samples.map(({ latencies }) => latencies.quantile(0.5));
  const slow = samples.map(({ latencies }) => latencies.quantile(0.95));
  return plot({
    id: 'latency',
    title: 'Latency of requests',
    unit: 'ms, from sending to the whole answer',
    description: `${told('Half of the requests took at most this', median)} ${told('95 of 100 took at most this', slow)}`,
    times: samples,
    lines: [
      { name: 'half of the requests took at most', look: 'solid', values: median },
      { name: '95 of 100 took at most', look: 'dashed', values: slow },
    ],
  });
}

function concurrency(samples: readonly Sample[]): Html {
  const inFlight = samples.map((sample) => sample.inFlight);
  const level = samples.map((sample) => sample.concurrency);
  return plot({
    id: 'concurrency',
    title: 'Concurrency',
    unit: 'requests at a time',
    description: `${told('In flight', inFlight)} ${told('Allowed by what the platform was found to take', level)}`,
    times: samples,
    lines: [
      { name: 'in flight', look: 'solid', values: inFlight },
      { name: 'level found', look: 'dashed', values: level },
    ],
  });
}

/** One lane for each kind of retry and wait that there was. */
function lanes(samples: readonly Sample[]): Html {
  const counted = [
    ['retried', 'Requests sent again', samples.map(({ counts }) => counts.retried)],
    ['limited', 'Answers that said "too many requests"', samples.map(({ counts }) => counts.rateLimited)],
  ] as const;
  const rows = [
    ...counted.map(([id, title, values]) => ({ id, title, values, amount: count(sum(values)) })),
    ...PAUSES.map((pause) => {
      const values = samples.map(({ pauses }) => pauses[pause] ?? 0);
      return { id: `pause-${pause}`, title: PAUSE_TEXTS[pause], values, amount: duration(sum(values)) };
    }),
  ].filter(({ values }) => sum(values) > 0);
  const whole = samples.at(-1)?.to ?? 1;
  const drawn = rows.map(({ id, title, values, amount }) => {
    const description = `${amount} in all, ${when(values, samples)}`;
    return html`<div class="lane"><p>${title}: <strong>${amount}</strong></p>${bars(values, samples, { id, title, description })}</div>`;
  });
  const body =
    rows.length === 0
      ? html`<p>None: every request was answered at the first attempt, and nothing had to be waited for.</p>`
      : html`<div class="lanes">${drawn}${timeAxis(whole)}</div>`;
  return html`<figure class="plot"><figcaption><h3>Retries and waits</h3></figcaption>${body}</figure>`;
}

function when(values: readonly number[], samples: readonly Sample[]): string {
  const first = samples[values.findIndex((value) => value > 0)];
  const last = samples[values.findLastIndex((value) => value > 0)];
  return `between ${duration(first?.from ?? 0)} and ${duration(last?.to ?? 0)} after the start`;
}

function figures(samples: readonly Sample[], sends: boolean): Html {
  const rows = samples.map((sample) => [
    `${duration(sample.from)} – ${duration(sample.to)}`,
    count(perSecond(sample, sends ? sample.counts.settled : sample.counts.read)),
    ...(sends ? sentFigures(sample) : []),
  ]);
  const ofSending = [
    'Delivered per s',
    'Half took ≤',
    '95 % took ≤',
    'In flight',
    'Level',
    'Requests',
    'Retried',
    'Waits',
  ];
  return html`<details><summary>The same as a table of figures</summary>
${table({
  caption: 'The run over time, as means and sums of each stretch',
  columns: ['Time since the start', sends ? 'Settled per s' : 'Read per s', ...(sends ? ofSending : [])].map(
    (name, i) => ({
      name,
      isNumber: i > 0 && name !== 'Waits',
    }),
  ),
  rows,
})}</details>`;
}

function sentFigures(sample: Sample): readonly string[] {
  const { counts, latencies, inFlight, concurrency, pauses } = sample;
  const waits = PAUSES.filter((pause) => pauses[pause] !== undefined);
  return [
    count(perSecond(sample, counts.delivered)),
    milliseconds(latencies.quantile(0.5)),
    milliseconds(latencies.quantile(0.95)),
    inFlight.toFixed(1),
    concurrency.toFixed(1),
    count(counts.requests),
    `${count(counts.retried)}${counts.rateLimited > 0 ? `, ${count(counts.rateLimited)} limited` : ''}`,
    waits.map((pause) => `${PAUSE_TEXTS[pause]}: ${duration(pauses[pause] ?? 0)}`).join('; ') || 'none',
  ];
}

/** `12 ms`, `0.4 ms` never: what is shorter than a millisecond was counted as one. */
export function milliseconds(ms: number | undefined): string {
  return ms === undefined ? '–' : `${count(ms)} ms`;
}

function perSecond({ from, to }: Sample, amount: number): number {
  return to > from ? (amount / (to - from)) * 1000 : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** `Read: from 0 to 1,204, at the end 800.` */
function told(name: string, values: readonly (number | undefined)[]): string {
  const known = values.filter((value) => value !== undefined);
  if (known.length === 0) return `${name}: nothing.`;
  return `${name}: from ${count(Math.min(...known))} to ${count(Math.max(...known))}, at the end ${count(known.at(-1)!)}.`;
}
