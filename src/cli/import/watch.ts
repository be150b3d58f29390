import type { RunResult } from '../../core/run.js';
import type { Running } from '../../pipeline/run.js';
import type { CommandContext } from '../context.js';
import { draining, stoppingNow } from '../output/messages/run-messages.js';
import { progressStyle, showProgress } from '../output/progress.js';
import type { Reporter } from '../output/reporter.js';
import type { Settings } from '../settings/settings.js';

/** Waits for a run: shows its progress, and hands signals to it. */
export async function watch(
  running: Running,
  settings: Settings,
  context: CommandContext,
  reporter: Reporter,
): Promise<RunResult> {
  let interrupted = false;
  const unwatch = context.onSignal((signal) => {
    const { inFlight } = running.progress();
    reporter.warning(interrupted ? stoppingNow(signal) : draining(signal, inFlight, settings.drainTime));
    interrupted = true;
    running.interrupt(signal);
  });
  const endProgress = showProgress(progressStyle(context, settings), () => running.progress(), reporter, context);
  try {
    return await running.result;
  } finally {
    endProgress();
    unwatch();
  }
}
