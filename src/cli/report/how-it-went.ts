import { Latencies } from '../../core/latencies.js';
import type { RequestEnd } from '../import/series-recorder.js';
import { bytes, count, duration } from '../output/figures.js';
import type { Summary } from '../output/summary.js';
import { course, milliseconds } from './course.js';
import type { ReportDetails } from './details.js';
import { type Html, type HtmlValue, html } from './html.js';
import { facts, table } from './table.js';
import { sends } from './verdict.js';

/** Speed, requests, trouble; and over time, where that was recorded. */
export function howItWent(summary: Summary, details: ReportDetails | undefined): Html {
  const { events, requests, bytes: amounts, durationMs } = summary;
  const recording = details?.recording;
  const samples = recording?.samples ?? [];
  const isSending = sends(summary);
  const latencies = new Latencies();
  for (const sample of samples) latencies.merge(sample.latencies);
  const rows: (readonly [string, HtmlValue])[] = [
    ['Duration', duration(durationMs)],
    ['Speed', durationMs > 0 ? `${count((events.read / durationMs) * 1000)} records per second on average` : undefined],
    ['Read', `${bytes(amounts.read)} stored, ${bytes(amounts.decoded)} decoded`],
  ];
  if (isSending) {
    rows.push(
      ['Sent', bytes(amounts.sent)],
      ['Requests', `${count(requests.sent)} sent, ${count(requests.succeeded)} succeeded`],
      [
        'Trouble',
        `${count(requests.retried)} sent again, ${count(requests.rateLimited)} refused for their rate, ${count(requests.split)} split to find refused records`,
      ],
    );
  }
  if (latencies.count > 0) {
    const at = (part: number): string => milliseconds(latencies.quantile(part));
    rows.push(['Latency', `half of the requests took at most ${at(0.5)}, 95 % ${at(0.95)}, 99 % ${at(0.99)}`]);
  }
  return html`${facts(rows)}
${recording === undefined ? html`<p>How the run went over time was not kept: only the report that a run writes itself has it.</p>` : ''}
${samples.length > 0 ? course(samples, isSending) : ''}
${recording !== undefined && recording.requestEnds.size > 0 ? answers(recording.requestEnds) : ''}`;
}

const FAILURES: Readonly<Record<Exclude<RequestEnd, number>, string>> = {
  unreachable: 'No connection was made',
  lost: 'The connection broke',
  timeout: 'No whole answer in time (--timeout)',
  incomplete: 'The answer broke off',
  cancelled: 'Cancelled when the run was stopped',
};

function answers(ends: ReadonlyMap<RequestEnd, number>): Html {
  const sorted = [...ends].sort(([a], [b]) => String(a).localeCompare(String(b)));
  return table({
    caption: 'How requests ended',
    fits: true,
    columns: [{ name: 'End' }, { name: 'Requests', isNumber: true }],
    rows: sorted.map(([end, amount]) => [
      typeof end === 'number' ? `Answered with status ${end}` : FAILURES[end],
      count(amount),
    ]),
  });
}
