import type { Ending } from './exchange.js';
import type { ReceiptCounts } from './onetrust/receipt-counts.js';
import type { OrderCounts } from './order-watch.js';
import type { Route } from './routes.js';

/** What `GET /_sandbox/stats` answers. Counts since the start or the last reset; `/_sandbox` itself is not counted. */
export interface SandboxStats {
  readonly requests: {
    readonly total: number;
    readonly byRoute: Readonly<Record<Route, number>>;
    /**
     * By status; `reset` and `silence` for those never answered, `cutOff` for those answered in part, `gone` for those
     * whose client left before the answer.
     */
    readonly byStatus: Readonly<Record<string, number>>;
    readonly bytes: number;
    readonly inFlight: number;
    readonly inFlightMax: number;
    /** From the first request to the last. */
    readonly perSecond: number;
    readonly busiestSecond: number;
    /** Came sooner than a Retry-After allowed. */
    readonly soonerThanRetryAfter: number;
  };
  readonly events: {
    /** Kept: as many different events as there are. */
    readonly accepted: number;
    /** Arrivals of an event that was kept before, and how many of those had other content. */
    readonly resent: number;
    readonly resentAltered: number;
    readonly refused: number;
    /** Kept, and deleted later; left out while there are none. */
    readonly deleted?: number;
  };
  /** OneTrust: what became of receipts. */
  readonly receipts: ReceiptCounts;
  readonly order: OrderCounts;
  readonly connections: { readonly opened: number; readonly open: number; readonly openMax: number };
  /** How often each fault rule was played. */
  readonly faults: Readonly<Record<string, number>>;
}

/** Counts requests, answers and connections. */
export class Traffic {
  #open = new Set<number>();
  #requests = noRequests();
  #connections = { opened: 0, open: 0, openMax: 0 };

  get inFlight(): number {
    return this.#open.size;
  }

  arrived(number: number, route: Route, bytes: number, nowMs: number): void {
    const counts = this.#requests;
    this.#open.add(number);
    counts.total++;
    counts.byRoute[route]++;
    counts.bytes += bytes;
    counts.inFlightMax = Math.max(counts.inFlightMax, this.#open.size);
    counts.firstMs ??= nowMs;
    counts.lastMs = nowMs;
    const second = Math.floor((nowMs - counts.firstMs) / 1000);
    if (second !== counts.second) {
      counts.second = second;
      counts.inSecond = 0;
    }
    counts.inSecond++;
    counts.busiestSecond = Math.max(counts.busiestSecond, counts.inSecond);
  }

  /** Returns whether the client is still there to hear the answer. */
  ended(number: number, ending: Ending): boolean {
    const { byStatus } = this.#requests;
    const heard = this.#open.has(number);
    const key = heard ? keyOf(ending) : 'gone';
    byStatus[key] = (byStatus[key] ?? 0) + 1;
    return heard;
  }

  finished(number: number): void {
    this.#open.delete(number);
  }

  connectionOpened(): void {
    this.#connections.opened++;
    this.#connections.open++;
    this.#connections.openMax = Math.max(this.#connections.openMax, this.#connections.open);
  }

  connectionClosed(): void {
    this.#connections.open--;
  }

  stats(rest: {
    readonly soonerThanRetryAfter: number;
    readonly events: SandboxStats['events'];
    readonly receipts: SandboxStats['receipts'];
    readonly order: OrderCounts;
    readonly faults: SandboxStats['faults'];
  }): SandboxStats {
    const { total, byRoute, byStatus, bytes, inFlightMax, busiestSecond, firstMs = 0, lastMs } = this.#requests;
    const seconds = (lastMs - firstMs) / 1000;
    return {
      requests: {
        total,
        byRoute: { ...byRoute },
        byStatus: { ...byStatus },
        bytes,
        inFlight: this.#open.size,
        inFlightMax,
        perSecond: seconds > 0 ? Math.round((total / seconds) * 10) / 10 : total,
        busiestSecond,
        soonerThanRetryAfter: rest.soonerThanRetryAfter,
      },
      events: rest.events,
      receipts: rest.receipts,
      order: rest.order,
      connections: { ...this.#connections },
      faults: rest.faults,
    };
  }

  reset(): void {
    const { open } = this.#connections;
    this.#requests = noRequests();
    this.#connections = { opened: 0, open, openMax: open };
  }
}

function keyOf(ending: Ending): string {
  if (ending.kind !== 'response') return ending.kind;
  return ending.cutOff ? 'cutOff' : String(ending.response.status);
}

function noRequests() {
  return {
    total: 0,
    byRoute: { sessions: 0, events: 0, other: 0 } as Record<Route, number>,
    byStatus: {} as Record<string, number>,
    bytes: 0,
    inFlightMax: 0,
    firstMs: undefined as number | undefined,
    lastMs: 0,
    second: -1,
    inSecond: 0,
    busiestSecond: 0,
  };
}
