import type { Progress } from '../../core/run.js';
import type { OpenLedger } from '../../io/ledger/open.js';
import type { CommandContext } from '../context.js';
import { keepWriting } from '../keep-writing.js';
import { keptProgress } from '../ledger/kept-progress.js';
import { PaceMeter } from '../output/progress.js';
import type { SummaryQuota } from '../output/summary.js';

const EVERY_MS = 1000;

/**
 * Writes every second beside the ledger how far a run is, for `ledger status`: nobody else can open the ledger meanwhile.
 * That it can't be written harms nothing.
 * @param quota what is left of the day, where it is limited
 * @returns ends it; resolves when nothing is being written any more
 */
export function keepProgress(
  run: string,
  look: () => Progress,
  quota: () => Promise<SummaryQuota | undefined>,
  { writeProgress }: Pick<OpenLedger, 'writeProgress'>,
  context: Pick<CommandContext, 'every' | 'now' | 'monotonic'>,
): () => Promise<void> {
  const meter = new PaceMeter();
  const write = async (): Promise<void> => {
    const progress = look();
    const pace = meter.measure(progress, context.monotonic());
    const now = context.now();
    await writeProgress(keptProgress(run, progress, pace, now, await quota()));
  };
  return keepWriting(EVERY_MS, () => write().catch(() => undefined), context);
}
