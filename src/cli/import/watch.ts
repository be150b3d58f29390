import type { RunResult } from '../../core/run.js';
import type { Running } from '../../pipeline/run-ports.js';
import type { CommandContext } from '../context.js';
import { progressStyle, showProgress } from '../output/progress.js';
import type { Reporter } from '../output/reporter.js';
import { answerStatusRequests } from '../output/status-request.js';
import type { Settings } from '../settings/settings.js';
import type { SeriesRecorder } from './series-recorder.js';
import type { Signals } from './signals.js';

/** Waits for a run: shows its progress, also when asked, records how it goes, and hands signals to it. */
export async function watch(
  running: Running,
  settings: Settings,
  context: CommandContext,
  reporter: Reporter,
  signals: Signals,
  recorder?: SeriesRecorder,
): Promise<RunResult> {
  const endRecording = recorder?.follow(() => running.progress());
  const endProgress = showProgress(progressStyle(context, settings), () => running.progress(), reporter, context);
  const endAnswering = answerStatusRequests(() => running.progress(), reporter, context);
  try {
    return await signals.during(running, running.result);
  } finally {
    endProgress();
    endAnswering();
    endRecording?.();
  }
}
