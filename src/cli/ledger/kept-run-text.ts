import { type KeptRun, resultOf } from '../import/kept-run.js';
import { bytes, moment } from '../output/figures.js';
import type { Summary, SummaryFile } from '../output/summary.js';
import { summaryText } from '../output/summary-text.js';

/** A run of long ago, for people: who imported what, when, with which settings, and how it went. */
export function keptRunText(kept: KeptRun): string {
  const { summary, rejectsSha256 } = kept;
  const text = summaryText({
    command: summary.command,
    dryRun: false,
    verdict: summary,
    result: resultOf(kept),
    rejectsFile: summary.rejectsFile ?? undefined,
    durationMs: summary.durationMs,
    next: undefined,
  });
  return [
    ...section(`Run ${summary.run}`, facts(summary)),
    ...section(
      'Settings',
      Object.entries(summary.settings).map(([key, value]) => [key, String(value)]),
    ),
    ...section('Inputs', summary.files.map(inputRow)),
    text.trimEnd(),
    ...(rejectsSha256 === null ? [] : [`  SHA-256 ${rejectsSha256}`]),
  ].join('\n');
}

type Row = readonly [name: string, text: string];

function facts({ command, destination, toolVersion, user, host, exitCode, reason, ledger, ...when }: Summary): Row[] {
  const { target, organization, apiUrl } = destination;
  const owner = organization === null ? '' : `, organization ${organization}`;
  return [
    ['command', command],
    ['destination', `${target}${owner}, at ${apiUrl}`],
    ['program', `consent-import ${toolVersion}`],
    ['by', user === '' ? host : `${user} on ${host}`],
    ['began', moment(Date.parse(when.startedAt))],
    ['ended', `${moment(Date.parse(when.finishedAt))}, exit code ${exitCode} (${reason})`],
    ['ledger', ledger ?? ''],
  ];
}

function inputRow({ path, sha256, bytes: size, state }: SummaryFile): Row {
  const known = size === null ? '' : `, ${bytes(size)}`;
  return [path, `${state}${known}, SHA-256 ${sha256 ?? 'not known: it was not read to its end'}`];
}

function section(title: string, rows: readonly Row[]): string[] {
  const width = Math.max(0, ...rows.map(([name]) => name.length));
  return [title, ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`), ''];
}
