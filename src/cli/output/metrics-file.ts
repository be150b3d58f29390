import { readFile } from 'node:fs/promises';
import { SummaryFileError, writeSummaryFile } from '../../io/summary-file.js';
import type { CommandContext } from '../context.js';
import { keepWriting } from '../keep-writing.js';
import { outputFailed } from './messages/run-messages.js';
import type { MetricsFacts } from './metrics-text.js';
import type { Reporter } from './reporter.js';

const EVERY_MS = 15_000;

/** What the metrics of a run are about, apart from what an earlier one left. */
export type RunMetrics = Omit<MetricsFacts, 'before'>;

/** Writes the metrics atomically. That they can't be written is a warning. */
export async function writeMetrics(
  path: string,
  metrics: RunMetrics,
  context: Pick<CommandContext, 'umask'>,
  reporter: Reporter,
): Promise<void> {
  const { earlierMetrics, metricsText } = await import('./metrics-text.js');
  const before = earlierMetrics(await readFile(path, 'utf8').catch(() => ''));
  try {
    await writeSummaryFile(path, await metricsText({ ...metrics, before }), 0o666 & ~context.umask);
  } catch (error) {
    if (!(error instanceof SummaryFileError)) throw error;
    reporter.warning(outputFailed('--metrics-file', path, error.reason));
  }
}

/**
 * Writes the metrics now, and every 15 seconds, while a run goes on.
 * @returns ends it; resolves when nothing is being written any more
 */
export function keepMetrics(
  path: string,
  look: () => Promise<RunMetrics>,
  context: Pick<CommandContext, 'umask' | 'every'>,
  reporter: Reporter,
): () => Promise<void> {
  let failed = false;
  /** A disk that stays full is told once; the end of the run tells it again. */
  const once: Reporter = {
    ...reporter,
    warning(message) {
      if (!failed) reporter.warning(message);
      failed = true;
    },
  };
  return keepWriting(EVERY_MS, async () => writeMetrics(path, await look(), context, once), context);
}
