import type { Progress } from '../../core/run.js';
import type { CommandContext } from '../context.js';
import { progressFields } from './progress-fields.js';
import { bytesDone, type Pace, progressBar, progressLine } from './progress-text.js';
import type { Reporter } from './reporter.js';
import { FREE_COLUMNS } from './status-line.js';

/** How often the bar is redrawn, and how often a plain line is written, in ms. */
const BAR_EVERY = 100;
const LINE_EVERY = 10_000;

/** The pace is that of about the last so many ms. */
const PACE_OVER = 5_000;

/** How progress is shown. */
export type ProgressStyle = 'bar' | 'lines' | 'none';

/** A bar needs a terminal; `--quiet`, `--no-progress` show nothing, and neither a dumb terminal nor a log can redraw a line. */
export function progressStyle(
  { stderr, env }: Pick<CommandContext, 'stderr' | 'env'>,
  {
    quiet,
    noProgress,
    logFormat = 'text',
  }: { readonly quiet: boolean; readonly noProgress: boolean; readonly logFormat?: 'text' | 'json' },
): ProgressStyle {
  if (quiet || noProgress) {
    return 'none';
  }
  return stderr.isTTY && env['TERM'] !== 'dumb' && logFormat === 'text' ? 'bar' : 'lines';
}

/**
 * Shows how a run goes until the answer is called.
 * @param look gives the state of the run, or undefined while there is none yet
 */
export function showProgress(
  style: ProgressStyle,
  look: () => Progress | undefined,
  reporter: Reporter,
  context: Pick<CommandContext, 'stderr' | 'every' | 'monotonic'>,
): () => void {
  if (style === 'none') {
    return () => {};
  }
  const meter = new PaceMeter();
  const draw = (): void => {
    const progress = look();
    // A question stands on the terminal's last line.
    if (progress === undefined || progress.waiting?.for === 'answer') {
      return;
    }
    const pace = meter.measure(progress, context.monotonic());
    if (style === 'bar') {
      reporter.status(progressBar(progress, pace, context.stderr.columns() - FREE_COLUMNS));
    } else {
      reporter.info(progressLine(progress, pace), { name: 'progress', fields: progressFields(progress, pace) });
    }
  };
  const end = context.every(style === 'bar' ? BAR_EVERY : LINE_EVERY, draw);
  return () => {
    end();
    reporter.status('');
  };
}

interface Sample {
  readonly at: number;
  readonly events: number;
  readonly bytes: number;
  readonly phase: Progress['phase'];
}

/** Measures pace over the last few seconds, so that it neither flickers nor lags behind. */
export class PaceMeter {
  #samples: Sample[] = [];

  measure(progress: Progress, now: number): Pace {
    const { events } = progress.tally;
    const settled = events.delivered + events.duplicate + events.rejected + events.inDoubt + events.undelivered;
    const sample = { at: now, events: settled, bytes: bytesDone(progress), phase: progress.phase };
    // What was measured in another phase says nothing about this one.
    this.#samples = this.#samples.filter((earlier) => earlier.phase === sample.phase);
    this.#samples.push(sample);
    while (this.#samples.length > 2 && (this.#samples[1]?.at ?? now) <= now - PACE_OVER) {
      this.#samples.shift();
    }
    const first = this.#samples[0] ?? sample;
    const seconds = (now - first.at) / 1000;
    return {
      eventsPerSecond: seconds > 0 ? (sample.events - first.events) / seconds : 0,
      bytesPerSecond: seconds > 0 ? (sample.bytes - first.bytes) / seconds : undefined,
      nowMonotonic: now,
    };
  }
}
