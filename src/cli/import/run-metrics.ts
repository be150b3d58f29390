import type { Progress } from '../../core/run.js';
import type { Target } from '../../core/target.js';
import type { OpenLedger } from '../../io/ledger/open.js';
import type { CommandContext } from '../context.js';
import { keepMetrics } from '../output/metrics-file.js';
import type { Reporter } from '../output/reporter.js';
import type { Owner } from '../settings/place.js';
import type { PreparedImport } from '../settings/prepared.js';
import { quotaLeft } from './quota-left.js';

/** Whose events they are, as metrics name it. */
export function ownerName(owner: Owner): string {
  return owner.target === 'didomi' ? owner.organization : owner.point.processId;
}

/** Keeps `--metrics-file` up to date while a run goes on. @returns ends it */
export function keepRunMetrics(
  prepared: PreparedImport,
  opened: OpenLedger,
  target: Target,
  look: () => Progress,
  context: CommandContext,
  reporter: Reporter,
): () => Promise<void> {
  const { settings, destination } = prepared;
  if (settings.metricsFile === undefined) return async () => undefined;
  const metrics = async () => {
    const { events, requests } = look().tally;
    return {
      target: destination.target,
      organization: ownerName(destination),
      events: { ...events },
      requests: { ...requests },
      quotaLeft: (await quotaLeft(opened.ledger.quota, target, settings, context.now()))?.left,
      end: undefined,
    };
  };
  return keepMetrics(settings.metricsFile, metrics, context, reporter);
}
