import { WARNING_NAMES } from '../../core/block.js';
import { Latencies } from '../../core/latencies.js';
import type { RequestEnd } from '../import/series-recorder.js';
import { bytes, count, counted, duration } from '../output/figures.js';
import { notReadLine } from '../output/not-read.js';
import type { Summary } from '../output/summary.js';
import { WARNING_TEXTS } from '../output/summary-text.js';
import { course, milliseconds } from './course.js';
import type { ReportDetails } from './details.js';
import { files } from './files.js';
import { Html, type HtmlValue, html } from './html.js';
import { outcomes } from './outcomes.js';
import { rejects } from './rejects.js';
import { REPORT_MARK, REPORT_STYLE } from './style.js';
import { facts, table } from './table.js';
import { nameOf, platformName, sends, verdictOf } from './verdict.js';

/**
 * The report of a run: one HTML page that needs nothing else, for the customer or the compliance officer. No script, and
 * a policy in the page that forbids one. Holds no event, no person's id and no secret.
 * @param details what only the run itself knows; without, as for a summary that was kept, the report has less
 */
export function reportHtml(summary: Summary, details?: ReportDetails): string {
  const title = nameOf(summary);
  return `${html`${new Html(REPORT_MARK)}
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}, ${summary.startedAt.slice(0, 10)}: ${verdictOf(summary).title}</title>
<style>${new Html(REPORT_STYLE)}</style>
</head>
<body>
<header>
<p class="kind">Report of consent-import ${summary.toolVersion}</p>
<h1>${title}</h1>
<p class="when">${time(summary.startedAt)} · took ${duration(summary.durationMs)}</p>
${banner(summary, details)}
</header>
<main>
${section('What became of the records', outcomes(summary))}
${section('From where, to where, when', origin(summary))}
${section('Files', files(summary, details?.damages ?? []))}
${section('Rejected records', rejects(summary, details?.rejectGroups))}
${section('Warnings', warnings(summary))}
${section('How the run went', howItWent(summary, details))}
${section('Settings', settings(summary))}
</main>
<footer><p>Made by consent-import ${summary.toolVersion} from the run’s own accounts. This page is complete in itself: it loads nothing and runs no script. It holds no consent record, no identifier of a person and no secret.</p></footer>
</body>
</html>
`}`;
}

function section(title: string, content: Html): Html {
  const id = title.toLowerCase().replaceAll(/[^a-z]+/g, '-');
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${content}
</section>
`;
}

const SIGNS = { good: '✓', attention: '!', bad: '✕' } as const;

/** How it ended. What was not read stands before any number. */
function banner(summary: Summary, details: ReportDetails | undefined): Html {
  const { tone, title, text } = verdictOf(summary);
  const files = summary.files.map((file) => ({ ...file, bytes: file.bytes ?? undefined }));
  // A run that was never meant to begin has not failed to read anything.
  const notRead = files.length === 0 ? undefined : notReadLine({ complete: summary.complete, tally: { files } });
  const said = details?.said ?? [];
  return html`<div class="verdict ${tone}"><span class="sign" aria-hidden="true">${SIGNS[tone]}</span><div>
<p class="title">${title}</p>
${notRead === undefined ? '' : html`<p class="not-read">${notRead}</p>`}
<p>${text}</p>
${said.map((line) => html`<p class="said">The program said: ${line}</p>`)}
<p class="code">Exit code ${summary.exitCode} (<code>${summary.reason}</code>)</p>
</div></div>`;
}

function origin(summary: Summary): Html {
  const { destination, user, host, ledger } = summary;
  const who = [user, host].filter((part) => part !== '').join(' on ');
  const owner = destination.target === 'onetrust' ? 'Collection point' : 'Organization';
  return facts([
    ['From', counted(summary.files.length, 'file')],
    [
      'To',
      sends(summary)
        ? platformName(destination.target)
        : `nowhere: checked for ${platformName(destination.target) ?? 'no platform'}`,
    ],
    [owner, code(destination.organization)],
    ['Address', code(destination.apiUrl)],
    ['Began', time(summary.startedAt)],
    ['Ended', html`${time(summary.finishedAt)}, after ${duration(summary.durationMs)}`],
    ['Run', code(summary.run)],
    ['Started by', who === '' ? undefined : html`<bdi>${who}</bdi>`],
    ['Ledger', code(ledger)],
  ]);
}

function warnings({ warnings: found }: Summary): Html {
  const names = WARNING_NAMES.filter((name) => (found[name] ?? 0) > 0);
  if (names.length === 0) return html`<p>None.</p>`;
  return table({
    caption: 'Records with a warning: accepted all the same',
    columns: [{ name: 'Warning' }, { name: 'Records', isNumber: true }, { name: 'Name in the summary' }],
    rows: names.map((name) => [capital(WARNING_TEXTS[name]), count(found[name] ?? 0), html`<code>${name}</code>`]),
  });
}

function howItWent(summary: Summary, details: ReportDetails | undefined): Html {
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
    columns: [{ name: 'End' }, { name: 'Requests', isNumber: true }],
    rows: sorted.map(([end, amount]) => [
      typeof end === 'number' ? `Answered with status ${end}` : FAILURES[end],
      count(amount),
    ]),
  });
}

function settings(summary: Summary): Html {
  const rows = Object.entries(summary.settings).map(([name, value]) => [
    html`<code>${name}</code>`,
    html`<code>${typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}</code>`,
  ]);
  if (rows.length === 0) return html`<p>None are known.</p>`;
  return table({ caption: 'Settings that held in this run', columns: [{ name: 'Setting' }, { name: 'Value' }], rows });
}

function code(value: string | null): Html | undefined {
  return value === null ? undefined : html`<code>${value}</code>`;
}

/** `2026-01-31 23:59:59 UTC` */
function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
