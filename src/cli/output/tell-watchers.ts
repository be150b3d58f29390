import type { CommandContext } from '../context.js';
import type { Settings } from '../settings/settings.js';
import { tellGitHub } from './github.js';
import { isGitHubStep } from './github-step.js';
import type { Message } from './messages/message.js';
import { toldUnwritable } from './messages/run-messages.js';
import { writeMetrics } from './metrics-file.js';
import type { Reporter } from './reporter.js';
import type { Summary } from './summary.js';

/** What machines are told at the end of a command. */
export interface WatchedEnd {
  readonly summary: Summary;
  /** What ended it early, or was wrong with its settings. */
  readonly problems: readonly Message[];
  /** Didomi's organization, or the process id of OneTrust's collection point; '' when not known. */
  readonly owner: string;
  /** Events that may still be sent on this UTC day, where that is limited and known. */
  readonly quotaLeft: number | undefined;
}

/** Tells the end of a command to whatever watches it: the log, the metrics file, GitHub. */
export async function tellWatchers(
  { summary, problems, owner, quotaLeft }: WatchedEnd,
  settings: Settings,
  context: CommandContext,
  reporter: Reporter,
): Promise<void> {
  const { run, exitCode, reason, complete, events, requests, durationMs, finishedAt } = summary;
  const fields = { run, exitCode, reason, complete, ...events, requests, durationMs };
  reporter.event({ name: 'run_finished', fields }, `ended: ${reason}, exit code ${exitCode}`);
  const { metricsFile } = settings;
  if (metricsFile !== undefined && !settings.dryRun && !toldUnwritable(problems, '--metrics-file')) {
    const end = { exitCode, at: Date.parse(finishedAt) };
    const target = summary.destination.target ?? '';
    const metrics = { target, organization: owner, events, requests, quotaLeft, end };
    await writeMetrics(metricsFile, metrics, context, reporter);
  }
  if (isGitHubStep(context.env)) {
    // A log in JSON is nothing but JSON; and --quiet says nothing of what went well.
    const annotations = settings.logFormat === 'text' && (!settings.quiet || exitCode !== 0);
    await tellGitHub(summary, problems, context, reporter, { annotations });
  }
}
