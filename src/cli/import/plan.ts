import type { DayQuota } from '../../core/ledger.js';
import { type Plan, PlanCounter } from '../../core/plan.js';
import type { Target } from '../../core/target.js';
import type { AcceptedEvent } from '../../pipeline/validate.js';
import type { Settings } from '../settings/settings.js';

/** Takes in the events that an import would send, and makes its plan: `--dry-run`. */
export class Planner {
  readonly #target: Target;
  readonly #settings: Settings;
  readonly #counter: PlanCounter;

  constructor(target: Target, settings: Settings) {
    this.#target = target;
    this.#settings = settings;
    this.#counter = new PlanCounter(target, { events: settings.batchSize, bytes: settings.batchBytes });
  }

  add(event: AcceptedEvent): void {
    this.#counter.add(event, event.date);
  }

  /** @param nowMs epoch ms */
  async plan(quota: Pick<DayQuota, 'usedToday'>, nowMs: number): Promise<Plan> {
    const { limits } = this.#target;
    const eventsPerDay = this.#settings.maxEventsPerDay ?? limits.eventsPerDay;
    const today = new Date(nowMs).toISOString().slice(0, 10);
    return this.#counter.plan(
      {
        requestsPerMinute: this.#settings.maxRequestsPerMinute ?? limits.requestsPerMinute,
        eventsPerDay,
        usedToday: eventsPerDay === undefined ? 0 : await quota.usedToday(today),
      },
      nowMs,
    );
  }
}
