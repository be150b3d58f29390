import { counted, duration } from '../output/figures.js';
import { notReadLine } from '../output/not-read.js';
import type { Summary } from '../output/summary.js';
import type { ReportDetails } from './details.js';
import { files } from './files.js';
import { howItWent } from './how-it-went.js';
import { Html, html } from './html.js';
import { outcomes } from './outcomes.js';
import { rejects } from './rejects.js';
import { REPORT_MARK, REPORT_STYLE } from './style.js';
import { facts, table } from './table.js';
import { nameOf, platformName, sends, verdictOf } from './verdict.js';
import { warnings } from './warnings.js';

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
<p class="when">${time(summary.startedAt)}</p>
${banner(summary, details)}
</header>
<main>
${summary.files.length === 0 ? '' : section('What became of the records', outcomes(summary))}
${section('From where, to where, when', origin(summary, details?.owner))}
${summary.files.length === 0 ? '' : ofFiles(summary, details)}
${section('Settings', settings(summary))}
</main>
<footer><p>Made by consent-import ${summary.toolVersion} from the run’s own accounts. This page is complete in itself: it loads nothing and runs no script. It holds no consent record, no identifier of a person and no secret.</p></footer>
</body>
</html>
`}`;
}

function ofFiles(summary: Summary, details: ReportDetails | undefined): readonly Html[] {
  return [
    section('Files', files(summary, details?.damages ?? [])),
    section('Rejected records', rejects(summary, details?.rejectGroups)),
    section('Warnings', warnings(summary, details?.warnedFirst)),
    section('How the run went', howItWent(summary, details)),
  ];
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

function origin(summary: Summary, owner: string | undefined): Html {
  const { destination, user, host, ledger } = summary;
  const who = [user, host].filter((part) => part !== '').join(' on ');
  return facts([
    ['From', counted(summary.files.length, 'file')],
    [
      'To',
      sends(summary)
        ? platformName(destination.target)
        : `nowhere: checked for ${platformName(destination.target) ?? 'no platform'}`,
    ],
    ['Organization', code(destination.organization)],
    // OneTrust's collection points have no place in the summary.
    ['For', destination.organization === null ? owner : undefined],
    ['Address', code(destination.apiUrl)],
    ['Began', time(summary.startedAt)],
    ['Ended', html`${time(summary.finishedAt)}, after ${duration(summary.durationMs)}`],
    ['Run', code(summary.run)],
    ['Started by', who === '' ? undefined : html`<bdi>${who}</bdi>`],
    ['Ledger', code(ledger)],
  ]);
}

function settings(summary: Summary): Html {
  const rows = Object.entries(summary.settings).map(([name, value]) => [
    html`<code>${name}</code>`,
    html`<code>${typeof value === 'boolean' ? (value ? 'yes' : 'no') : value}</code>`,
  ]);
  if (rows.length === 0) return html`<p>None are known.</p>`;
  return table({
    caption: 'Settings that held in this run',
    fits: true,
    columns: [{ name: 'Setting' }, { name: 'Value' }],
    rows,
  });
}

function code(value: string | null): Html | undefined {
  return value === null ? undefined : html`<code>${value}</code>`;
}

/** `2026-01-31 23:59:59 UTC` */
function time(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(0, 19).replace('T', ' ')} UTC</time>`;
}
