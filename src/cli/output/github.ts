import { appendFile } from 'node:fs/promises';
import { WARNING_NAMES } from '../../core/block.js';
import { OUTCOMES } from '../../core/outcome.js';
import { REJECT_REASONS } from '../../core/rejection.js';
import type { CommandContext } from '../context.js';
import { count, counted, duration } from './figures.js';
import type { Message } from './messages/message.js';
import { outputFailed } from './messages/run-messages.js';
import { printable } from './printable.js';
import type { Reporter } from './reporter.js';
import type { Summary } from './summary.js';

/** GitHub shows ten of a step. */
const MOST_ANNOTATIONS = 10;

/** An annotation of a workflow run: `::error title=…::…`. */
interface Annotation {
  readonly level: 'error' | 'warning';
  readonly title: string;
  readonly text: string;
}

/** At most ten annotations: why it ended as it did, then reasons of rejects and warnings with their counts. */
export function annotationLines(summary: Summary, problems: readonly Message[]): readonly string[] {
  const { exitCode, reason, rejectedByReason, warnings } = summary;
  const ended: Annotation[] =
    exitCode === 0 || (reason === 'rejects' && problems.length === 0)
      ? []
      : [
          {
            level: 'error',
            title: `${reason} (exit code ${exitCode})`,
            text: problems[0]?.text ?? whatIsLeft(summary),
          },
        ];
  const others = problems.slice(1).map(({ code, text }): Annotation => ({ level: 'error', title: code, text }));
  const rejects = REJECT_REASONS.filter((name) => rejectedByReason[name] !== undefined).map(
    (name): Annotation => ({
      level: 'error',
      title: `rejected: ${name}`,
      text: `${counted(rejectedByReason[name]!, 'event')} rejected: ${name}`,
    }),
  );
  const warned = WARNING_NAMES.filter((name) => warnings[name] !== undefined).map(
    (name): Annotation => ({ level: 'warning', title: name, text: `${counted(warnings[name]!, 'event')}: ${name}` }),
  );
  return [...ended, ...rejects, ...others, ...warned].slice(0, MOST_ANNOTATIONS).map(annotationLine);
}

function whatIsLeft({ events }: Summary): string {
  return `${counted(events.undelivered, 'event')} undelivered, ${count(events.inDoubt)} in doubt, ${count(events.rejected)} rejected`;
}

/** Escaped as GitHub's own toolkit does it: a line break would end the command, a colon or comma its properties. */
function annotationLine({ level, title, text }: Annotation): string {
  const data = printable(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  const property = printable(title)
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
  return `::${level} title=${property}::${data}`;
}

/** A summary of the step, in Markdown. */
export function stepSummary(summary: Summary): string {
  const { command, exitCode, reason, complete, events, rejectedByReason, destination, requests, durationMs } = summary;
  const rows = (['read', ...OUTCOMES] as const).map((name) => `| ${name} | ${count(events[name])} |`);
  const rejects = REJECT_REASONS.filter((name) => rejectedByReason[name] !== undefined).map(
    (name) => `| ${name} | ${count(rejectedByReason[name]!)} |`,
  );
  const where = [destination.target, destination.organization, destination.apiUrl].filter((part) => part !== null);
  return [
    `### consent-import ${command}: ${reason} (exit code ${exitCode})`,
    '',
    ...(complete ? [] : ['**Not everything was read.**', '']),
    `${where.map(cell).join(', ')}: ${counted(requests.sent, 'request')} in ${duration(durationMs)}`,
    '',
    '| events | |',
    '|---|---:|',
    ...rows,
    '',
    ...(rejects.length === 0 ? [] : ['| rejected because | |', '|---|---:|', ...rejects, '']),
    '',
  ].join('\n');
}

/** Tells GitHub how the step went. That it can't be told is a warning. */
export async function tellGitHub(
  summary: Summary,
  problems: readonly Message[],
  context: Pick<CommandContext, 'env' | 'stderr'>,
  reporter: Reporter,
  says: { readonly annotations: boolean },
): Promise<void> {
  if (says.annotations)
    for (const line of annotationLines(summary, problems)) context.stderr.write(`${line}\n`, 'command');
  const path = context.env['GITHUB_STEP_SUMMARY'] ?? '';
  if (path === '') return;
  await appendFile(path, stepSummary(summary)).catch((error: NodeJS.ErrnoException) =>
    reporter.warning(outputFailed('GITHUB_STEP_SUMMARY', path, error.code ?? 'unknown error')),
  );
}

/** Text that means nothing to Markdown and its tables. */
function cell(text: string): string {
  return printable(text)
    .replaceAll(/[\\`*_{}[\]<>|#]/g, (char) => `\\${char}`)
    .replaceAll('\n', ' ');
}
