import type { Progress } from '../../core/run.js';
import type { CommandContext } from '../context.js';
import { PaceMeter } from './progress.js';
import { progressFields } from './progress-fields.js';
import { progressLine } from './progress-text.js';
import type { Reporter } from './reporter.js';

const SAMPLE_MS = 1000;

/** Says in one line how far a run is whenever SIGUSR1 asks for it, until the answer is called. */
export function answerStatusRequests(
  look: () => Progress,
  reporter: Reporter,
  context: Pick<CommandContext, 'onStatusRequest' | 'every' | 'monotonic'>,
): () => void {
  const meter = new PaceMeter();
  const endSampling = context.every(SAMPLE_MS, () => meter.measure(look(), context.monotonic()));
  const endListening = context.onStatusRequest(() => {
    const progress = look();
    const pace = meter.measure(progress, context.monotonic());
    reporter.answer(progressLine(progress, pace), { name: 'status', fields: progressFields(progress, pace) });
  });
  return () => {
    endListening();
    endSampling();
  };
}
