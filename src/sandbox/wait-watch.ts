import type { SandboxResponse } from './exchange.js';
import type { Route } from './routes.js';
import type { Element } from './stand-in.js';

interface Demand {
  readonly madeMs: number;
  readonly untilMs: number;
  /** Undefined: the demand is on everything. Else on these event ids, or on this route when the request held none. */
  readonly on: ReadonlySet<string> | Route | undefined;
}

/**
 * Counts requests that come sooner than a `Retry-After` allowed. A 429 is a demand on every request; any other status
 * only on the same events again (or, for a request without events, on the same route).
 */
export class WaitWatch {
  readonly #graceMs: number;
  #demands: Demand[] = [];
  #sooner = 0;

  /** @param graceMs what arrives so soon after the demand was sent had already left: not counted */
  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  arrived(route: Route, elements: readonly Element[], nowMs: number): void {
    if (this.#demands.length === 0) return;
    this.#demands = this.#demands.filter((demand) => demand.untilMs > nowMs);
    const known = this.#demands.filter((demand) => nowMs - demand.madeMs >= this.#graceMs);
    if (known.some((demand) => concerns(demand, route, elements))) this.#sooner++;
  }

  /** Sees an answer leave. */
  answered(route: Route, elements: readonly Element[], response: SandboxResponse, nowMs: number): void {
    const untilMs = waitUntil(response.headers['retry-after'], nowMs);
    if (untilMs === undefined) return;
    const ids = elements.flatMap((element) => (element.id === undefined ? [] : [element.id]));
    const on = response.status === 429 ? undefined : ids.length > 0 ? new Set(ids) : route;
    this.#demands.push({ madeMs: nowMs, untilMs, on });
  }

  get sooner(): number {
    return this.#sooner;
  }

  reset(): void {
    this.#demands = [];
    this.#sooner = 0;
  }
}

function concerns(demand: Demand, route: Route, elements: readonly Element[]): boolean {
  const { on } = demand;
  if (on === undefined) return true;
  if (typeof on === 'string') return on === route;
  return elements.some((element) => element.id !== undefined && on.has(element.id));
}

/** RFC 9110, 10.2.3: whole seconds, or an HTTP date. */
function waitUntil(retryAfter: string | undefined, nowMs: number): number | undefined {
  if (retryAfter === undefined) return undefined;
  if (/^\d+$/.test(retryAfter)) return nowMs + Number(retryAfter) * 1000;
  const date = Date.parse(retryAfter);
  return Number.isNaN(date) ? undefined : date;
}
