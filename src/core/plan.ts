import type { Sendable, Target } from './target.js';

const DAY_MS = 24 * 60 * 60 * 1_000;
const MINUTE_MS = 60 * 1_000;
/** So many groups are counted side by side; of more, what was begun first is counted as sent. */
const MOST_GROUPS = 10_000;

/** What an import would do: the result of a dry run. */
export interface Plan {
  /** Events that would be sent. */
  readonly events: number;
  /** In at least so many requests: refused or failed ones come on top. */
  readonly requests: number;
  /** At the limits it takes so long at least, in ms; 0 where no limit is known. */
  readonly leastTimeMs: number;
  /** The limits that hold; undefined where there is none. */
  readonly requestsPerMinute: number | undefined;
  readonly eventsPerDay: number | undefined;
  /** On how many UTC days events would be sent; undefined without a daily limit. */
  readonly daysOfQuota: number | undefined;
  /** Epoch ms of the oldest and newest date that events name; undefined where none names one. */
  readonly firstDate: number | undefined;
  readonly lastDate: number | undefined;
}

export interface PlanLimits {
  readonly requestsPerMinute: number | undefined;
  readonly eventsPerDay: number | undefined;
  /** Events that count for the current UTC day already. */
  readonly usedToday: number;
}

/** Counts the requests that events would travel in, and their dates. */
export class PlanCounter {
  readonly #target: Pick<Target, 'overhead' | 'groupOf'>;
  readonly #most: { readonly events: number; readonly bytes: number };
  /** What the open request of each group holds. */
  readonly #open = new Map<string, { events: number; bytes: number }>();
  #events = 0;
  #requests = 0;
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;

  /** @param most events and bytes of a request */
  constructor(
    target: Pick<Target, 'overhead' | 'maxEvents' | 'groupOf'>,
    most: { readonly events: number; readonly bytes: number },
  ) {
    this.#target = target;
    this.#most = { ...most, events: Math.min(most.events, target.maxEvents ?? most.events) };
  }

  /** @param date epoch ms; NaN where the event names none */
  add(event: Sendable, date: number): void {
    this.#events += 1;
    if (date < this.#first) this.#first = date;
    if (date > this.#last) this.#last = date;
    const { overhead } = this.#target;
    const inserted = (event.splice?.length ?? 0) + (event.stamp?.bytes.length ?? 0);
    const bytes = event.end - event.start + inserted + overhead.perEvent;
    const group = this.#target.groupOf?.(event) ?? '';
    const open = this.#open.get(group);
    if (open !== undefined && open.events < this.#most.events && open.bytes + bytes <= this.#most.bytes) {
      open.events += 1;
      open.bytes += bytes;
      return;
    }
    this.#requests += 1;
    this.#open.delete(group);
    this.#open.set(group, { events: 1, bytes: overhead.perRequest + bytes });
    if (this.#open.size > MOST_GROUPS) this.#open.delete(this.#open.keys().next().value!);
  }

  /** @param nowMs epoch ms */
  plan(limits: PlanLimits, nowMs: number): Plan {
    const { requestsPerMinute, eventsPerDay } = limits;
    return {
      events: this.#events,
      requests: this.#requests,
      ...this.#time(limits, nowMs),
      requestsPerMinute,
      eventsPerDay,
      firstDate: Number.isFinite(this.#first) ? this.#first : undefined,
      lastDate: Number.isFinite(this.#last) ? this.#last : undefined,
    };
  }

  #time(limits: PlanLimits, nowMs: number): Pick<Plan, 'leastTimeMs' | 'daysOfQuota'> {
    const { requestsPerMinute, eventsPerDay, usedToday } = limits;
    const paced = (requests: number): number =>
      requestsPerMinute === undefined ? 0 : (Math.max(0, requests - 1) * MINUTE_MS) / requestsPerMinute;
    if (eventsPerDay === undefined) return { leastTimeMs: Math.round(paced(this.#requests)), daysOfQuota: undefined };
    const left = Math.max(0, eventsPerDay - usedToday);
    const today = left > 0 && this.#events > 0 ? 1 : 0;
    const later = this.#events - left;
    if (later <= 0) return { leastTimeMs: Math.round(paced(this.#requests)), daysOfQuota: today };
    const days = Math.ceil(later / eventsPerDay);
    const lastEvents = later - (days - 1) * eventsPerDay;
    const lastRequests = Math.ceil((lastEvents / this.#events) * this.#requests);
    const untilLastDay = DAY_MS - (nowMs % DAY_MS) + (days - 1) * DAY_MS;
    const leastTimeMs = Math.max(paced(this.#requests), untilLastDay + paced(lastRequests));
    return { leastTimeMs: Math.round(leastTimeMs), daysOfQuota: today + days };
  }
}
