import type { EventStore } from './event-store.js';
import { type Ending, htmlResponse, type Pending, type SandboxRequest, type SandboxResponse } from './exchange.js';
import { FaultPlayer, type LogEntry, type Play } from './fault-player.js';
import type { FaultScript, StatusAction } from './faults.js';
import { OrderWatch } from './order-watch.js';
import type { Intake, StandIn } from './stand-in.js';
import { type SandboxStats, Traffic } from './stats.js';
import { WaitWatch } from './wait-watch.js';

export interface CoreOptions {
  readonly standIns: readonly StandIn[];
  /** Where the stand-ins keep what they accept. */
  readonly store: EventStore;
  readonly faults: FaultScript;
  /** Added to every answer. */
  readonly latencyMs: number;
  /** Requests that come so soon after a demand to wait had left already, and are not held against the client. */
  readonly graceMs: number;
}

interface Visit {
  readonly number: number;
  readonly intake: Intake;
  readonly standIn: StandIn;
  readonly play: Play;
}

/**
 * The sandbox without its HTTP server: stand-ins, faults, and what is counted. It reads no clock and waits for nothing,
 * so a simulation can drive it in virtual time:
 *
 *     const pending = core.handle(request, now);      // on arrival
 *     const ending = pending.end(now + pending.delayMs);
 *     core.finished(pending.number, later);           // answered, or the client is gone
 */
export class SandboxCore {
  readonly #options: CoreOptions;
  readonly #player: FaultPlayer;
  readonly #order = new OrderWatch();
  readonly #waits: WaitWatch;
  readonly #traffic = new Traffic();
  #number = 0;

  constructor(options: CoreOptions) {
    this.#options = options;
    this.#player = new FaultPlayer(options.faults);
    this.#waits = new WaitWatch(options.graceMs);
  }

  /** Takes a whole request. */
  handle(request: SandboxRequest, nowMs: number): Pending {
    const number = ++this.#number;
    const standIn = this.#options.standIns.find(({ prefix }) => request.path.startsWith(`${prefix}/`));
    const first = standIn ?? this.#options.standIns[0]!;
    const intake = standIn?.receive(request) ?? nowhere(first);
    const { route, elements } = intake;
    this.#order.arrived(number, elements);
    this.#waits.arrived(route, elements, nowMs);
    this.#traffic.arrived(number, route, request.body.length, nowMs);
    const play = this.#player.play(
      { number, route, elements, firstSent: (id) => this.#order.firstSent(id), inFlight: this.#traffic.inFlight },
      nowMs,
    );
    const visit: Visit = { number, intake, standIn: first, play };
    const stalled = play.ending?.kind === 'stall' ? play.ending : undefined;
    const early = stalled?.process === 'after' ? undefined : this.#act(visit, nowMs);
    return {
      number,
      delayMs: this.#options.latencyMs + play.delayMs + (stalled?.ms ?? 0),
      end: (endMs) => {
        const ending = this.#ending(visit, early ?? this.#act(visit, endMs), endMs);
        const heard = this.#traffic.ended(number, ending);
        if (heard && ending.kind === 'response') this.#waits.answered(route, elements, ending.response, endMs);
        return ending;
      },
    };
  }

  /** The answer to this request has left, or its connection has ended. */
  finished(number: number): void {
    this.#order.finished(number);
    this.#traffic.finished(number);
  }

  /** When the port is to be closed: milliseconds from the first request. */
  closedPeriods(): readonly (readonly [number, number])[] {
    return this.#player.closedPeriods();
  }

  connectionOpened(): void {
    this.#traffic.connectionOpened();
  }

  connectionClosed(): void {
    this.#traffic.connectionClosed();
  }

  stats(): SandboxStats {
    return this.#traffic.stats({
      soonerThanRetryAfter: this.#waits.sooner,
      events: this.#options.store.counts(),
      receipts: this.#receipts(),
      order: this.#order.counts(),
      faults: this.#player.played(),
    });
  }

  log(): readonly LogEntry[] {
    return this.#player.log();
  }

  /** Forgets everything: events, tokens, counts, and how far the fault script got. */
  reset(): void {
    for (const standIn of this.#options.standIns) standIn.reset();
    this.#options.store.reset();
    this.#order.reset();
    this.#waits.reset();
    this.#traffic.reset();
    this.#player.reset();
  }

  #receipts(): SandboxStats['receipts'] {
    const standIn = this.#options.standIns.find(({ receipts }) => receipts !== undefined);
    return standIn?.receipts?.() ?? { taken: 0, doubles: 0, today: 0, overQuota: 0 };
  }

  /** Lets the stand-in act, unless the request is lost on the way; undefined when it is. */
  #act({ number, intake, play }: Visit, nowMs: number): SandboxResponse | undefined {
    const { ending, refuse, drop, alter, expireTokens, refuseSession } = play;
    const lost =
      ending !== undefined &&
      (['status', 'dropBefore', 'html', 'outage'].includes(ending.kind) || (ending.kind === 'hang' && !ending.process));
    if (lost) return undefined;
    return intake.process(number, nowMs, {
      refuse: (index) => refuse.get(index),
      drops: (index) => drop.has(index),
      alters: (index) => alter.get(index),
      expireTokens,
      refuseSession,
      accepted: (element) => this.#order.accepted(element),
    });
  }

  #ending({ standIn, play }: Visit, acted: SandboxResponse | undefined, nowMs: number): Ending {
    const { ending } = play;
    const answer = (response: SandboxResponse, cutOff = false): Ending => ({
      kind: 'response',
      response: { ...response, headers: { ...response.headers, ...play.headers } },
      cutOff,
      closeIdleMs: play.closeIdleMs,
    });
    switch (ending?.kind) {
      case 'status':
        return answer(statusResponse(ending, standIn, nowMs));
      case 'html':
        return answer(htmlResponse(200, '<!doctype html><title>Welcome</title><p>Please sign in to use this network.'));
      case 'dropBefore':
      case 'dropAfter':
      case 'outage':
        return { kind: 'reset' };
      case 'hang':
        return { kind: 'silence' };
      case 'truncate': {
        const { body } = acted!;
        if (ending.what === 'length') return answer(acted!, true);
        return answer({ ...acted!, body: body.subarray(0, Math.floor(body.length / 2)) });
      }
      default:
        return answer(acted!);
    }
  }
}

function nowhere(standIn: StandIn): Intake {
  return { route: 'other', elements: [], process: () => standIn.error(404, 'Page not found') };
}

function statusResponse(action: StatusAction, standIn: StandIn, nowMs: number): SandboxResponse {
  const { status, retryAfter, rateLimit, location } = action;
  const headers: Record<string, string> = {};
  if (retryAfter !== undefined) {
    const date = new Date(Math.ceil(nowMs / 1000) * 1000 + retryAfter.seconds * 1000);
    headers['retry-after'] = retryAfter.as === 'date' ? date.toUTCString() : String(retryAfter.seconds);
  }
  if (rateLimit !== undefined) {
    const { limit, remaining, resetSeconds } = rateLimit;
    headers['ratelimit'] = `limit=${limit}, remaining=${remaining}, reset=${resetSeconds}`;
    headers['ratelimit-policy'] = `${limit};w=${Math.max(1, resetSeconds)}`;
  }
  if (location !== undefined) headers['location'] = location;
  switch (action.body) {
    case 'html':
      return htmlResponse(status, `<html><head><title>${status}</title></head><body>gateway</body></html>`, headers);
    case 'empty':
      return { status, headers, body: new Uint8Array(0) };
    case 'slowDown':
      return withHeaders(standIn.error(status, 'Too many requests, please slow down'), headers);
    case 'error':
      return withHeaders(standIn.error(status, 'A fault of the sandbox'), headers);
  }
}

function withHeaders(response: SandboxResponse, headers: Readonly<Record<string, string>>): SandboxResponse {
  return { ...response, headers: { ...response.headers, ...headers } };
}
