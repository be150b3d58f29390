import { randomUUID } from 'node:crypto';
import { exitCodeOf } from '../../core/exit-code.js';
import { newTally } from '../../core/tally.js';
import { NamedPaths } from '../../io/inputs/walk.js';
import { SummaryFileError, writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import type { Message } from '../output/messages/message.js';
import { outputFailed } from '../output/messages/run-messages.js';
import { createReporter, wantsColor } from '../output/reporter.js';
import { buildSummary, summaryJson } from '../output/summary.js';
import type { Resolved } from '../settings/resolve.js';
import { shownSettings } from '../settings/shown-settings.js';

/**
 * Ends a command whose settings are wrong: every problem on stderr; the summary, with all counts at zero, where `--json`
 * and `--summary-file` want it, for they are promised on every way out. A summary never replaces an input.
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
  const color = wantsColor(context.stderr, context.env, settings.noColor);
  const reporter = createReporter(context, { quiet: false, debug: false, color });
  for (const problem of problems) {
    reporter.error(problem);
  }
  const now = context.now();
  const summary = summaryJson(
    buildSummary({
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
    }),
  );
  if (settings.json) {
    context.stdout.write(summary);
  }
  if (settings.summaryFile !== undefined && !(await isInput(settings.summaryFile, operands, problems))) {
    try {
      await writeSummaryFile(settings.summaryFile, summary, 0o666 & ~context.umask);
    } catch (error) {
      if (!(error instanceof SummaryFileError)) {
        throw error;
      }
      reporter.error(outputFailed('--summary-file', settings.summaryFile, error.reason));
    }
  }
  return exitCode;
}

async function isInput(path: string, operands: readonly string[], problems: readonly Message[]): Promise<boolean> {
  if (problems.some(({ code }) => code === 'output_is_input')) return true;
  return (await (await NamedPaths.of([path])).firstOf(operands)) !== undefined;
}
