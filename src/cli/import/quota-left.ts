import type { DayQuota } from '../../core/ledger.js';
import { LedgerError } from '../../core/ledger.js';
import type { Target } from '../../core/target.js';
import type { SummaryQuota } from '../output/summary.js';
import type { Settings } from '../settings/settings.js';

/** What is left of the UTC day's events; undefined where they are not limited, or can't be read any more. */
export async function quotaLeft(
  quota: DayQuota,
  target: Target,
  { maxEventsPerDay }: Settings,
  nowMs: number,
): Promise<SummaryQuota | undefined> {
  const limit = maxEventsPerDay ?? target.limits.eventsPerDay;
  if (limit === undefined) return undefined;
  const day = new Date(nowMs).toISOString().slice(0, 10);
  try {
    const used = await quota.usedToday(day);
    return { day, used, limit, left: Math.max(0, limit - used) };
  } catch (error) {
    // The run ends for that by itself.
    if (error instanceof LedgerError) return undefined;
    throw error;
  }
}
