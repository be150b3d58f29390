import { randomUUID } from 'node:crypto';
import { exitCodeOf } from '../../core/exit-code.js';
import { newTally } from '../../core/tally.js';
import { NamedPaths } from '../../io/inputs/walk.js';
import { SummaryFileError, writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import type { Message } from '../output/messages/message.js';
import { outputFailed, toldUnwritable } from '../output/messages/run-messages.js';
import { openReporter } from '../output/open-reporter.js';
import type { Reporter } from '../output/reporter.js';
import { buildSummary, type Summary, summaryJson } from '../output/summary.js';
import { tellWatchers } from '../output/tell-watchers.js';
import { detailsOfProblems } from '../report/details.js';
import type { Resolved } from '../settings/resolve.js';
import { shownSettings } from '../settings/shown-settings.js';

/**
 * Ends a command whose settings are wrong: every problem on stderr; the summary, with all counts at zero, where `--json`,
 * `--summary-file` and `--report` want it, for they are promised on every way out. A summary never replaces an input.
 * @param operands what was named as input
 * @returns exit code 2
 */
export async function endWithProblems(
  command: 'import' | 'validate',
  resolved: Resolved,
  problems: readonly Message[],
  operands: readonly string[],
  context: CommandContext,
): Promise<number> {
  const { settings } = resolved;
  const exitCode = exitCodeOf('usage');
  const reporter = await openReporter(context, { ...settings, quiet: false, debug: false });
  for (const problem of problems) {
    reporter.error(problem);
  }
  const now = context.now();
  const whole = buildSummary({
    run: randomUUID(),
    command,
    toolVersion: context.toolVersion,
    verdict: { exitCode, reason: 'usage' },
    destination: {
      target: settings.target,
      apiUrl: settings.apiUrl,
      organization: settings.organizationId,
    },
    settings: shownSettings(command, settings),
    user: context.user,
    host: context.host,
    result: { stop: undefined, complete: false, tally: newTally() },
    rejectsFile: undefined,
    ledger: undefined,
    startedAt: now,
    finishedAt: now,
    durationMs: 0,
  });
  const summary = summaryJson(whole);
  if (settings.json) {
    context.stdout.write(summary);
  }
  const { summaryFile } = settings;
  const isWanted = summaryFile !== undefined && !toldUnwritable(problems, '--summary-file');
  if (isWanted && !(await isInput(summaryFile, operands, problems))) {
    try {
      await writeSummaryFile(summaryFile, summary, 0o666 & ~context.umask);
    } catch (error) {
      if (!(error instanceof SummaryFileError)) {
        throw error;
      }
      reporter.error(outputFailed('--summary-file', summaryFile, error.reason));
    }
  }
  if (settings.report !== undefined) await reportProblems(settings.report, whole, problems, context, reporter);
  const end = { summary: whole, problems, owner: settings.organizationId ?? '', quotaLeft: undefined };
  await tellWatchers(end, settings, context, reporter);
  return exitCode;
}

/** What can't be written, or must not be, was told as one of the problems where that was looked at. */
async function reportProblems(
  path: string,
  summary: Summary,
  problems: readonly Message[],
  context: CommandContext,
  reporter: Reporter,
): Promise<void> {
  const { reportProblem, writeReport } = await import('../report/report-file.js');
  const problem =
    (await reportProblem(path)) ?? (await writeReport(path, summary, detailsOfProblems(problems), context));
  if (problem !== undefined && !problems.some(({ text }) => text === problem.text)) reporter.error(problem);
}

async function isInput(path: string, operands: readonly string[], problems: readonly Message[]): Promise<boolean> {
  if (problems.some(({ code }) => code === 'output_is_input')) return true;
  return (await (await NamedPaths.of([path])).firstOf(operands)) !== undefined;
}
