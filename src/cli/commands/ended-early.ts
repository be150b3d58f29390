import { randomUUID } from 'node:crypto';
import { exitCodeOf } from '../../core/exit-code.js';
import { newTally } from '../../core/tally.js';
import { SummaryFileError, writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import type { Message } from '../output/messages/message.js';
import { outputFailed } from '../output/messages/run-messages.js';
import { openReporter } from '../output/open-reporter.js';
import { buildSummary, summaryJson } from '../output/summary.js';
import { tellWatchers } from '../output/tell-watchers.js';
import type { Resolved } from '../settings/resolve.js';
import { shownSettings } from '../settings/shown-settings.js';

/**
 * Ends a command whose settings are wrong: every problem on stderr; the summary, with all counts at zero, where `--json`
 * and `--summary-file` want it, for they are promised on every way out.
 * @returns exit code 2
 */
export async function endWithProblems(
  command: 'import' | 'validate',
  resolved: Resolved,
  problems: readonly Message[],
  context: CommandContext,
): Promise<number> {
  const { settings } = resolved;
  const exitCode = exitCodeOf('usage');
  const reporter = await openReporter(context, { ...settings, quiet: false, debug: false });
  for (const problem of problems) {
    reporter.error(problem);
  }
  const now = context.now();
  const built = buildSummary({
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
  const summary = summaryJson(built);
  if (settings.json) {
    context.stdout.write(summary);
  }
  if (settings.summaryFile !== undefined) {
    try {
      await writeSummaryFile(settings.summaryFile, summary, 0o666 & ~context.umask);
    } catch (error) {
      if (!(error instanceof SummaryFileError)) {
        throw error;
      }
      reporter.error(outputFailed('--summary-file', settings.summaryFile, error.reason));
    }
  }
  const end = { summary: built, problems, owner: settings.organizationId ?? '', quotaLeft: undefined };
  await tellWatchers(end, settings, context, reporter);
  return exitCode;
}
