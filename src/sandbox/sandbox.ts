import { control } from './control-routes.js';
import { DidomiStandIn } from './didomi/didomi-stand-in.js';
import {
  acceptsAnyButBad,
  DIDOMI_MAX_EVENTS,
  DIDOMI_OTHER_ROUTES_LIMIT,
  type DidomiSettings,
} from './didomi/settings.js';
import { type Arrival, EventStore } from './event-store.js';
import type { LogEntry } from './fault-player.js';
import { type AnswerStyle, type FaultScript, NO_FAULTS, PLAIN_ANSWERS } from './faults.js';
import { HttpShell } from './http-shell.js';
import { SandboxCore } from './sandbox-core.js';
import type { SandboxStats } from './stats.js';

export { FAULT_HELP } from './fault-help.js';
export { parseFaultScript } from './fault-script.js';
export { FAULT_SCRIPTS, readyFaultScript } from './fault-scripts.js';
export type { FaultScript } from './faults.js';
export { FaultScriptError } from './json-reader.js';

export interface SandboxOptions {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Added to every answer. */
  readonly latencyMs?: number;
  readonly faults?: FaultScript;
  /** Takes the place of the fault script's seed. */
  readonly seed?: number;
  /** Epoch milliseconds: for token life, limits, Retry-After dates and the times in what is listed. */
  readonly now?: () => number;
  /** A fault script's own `answers` go before these. */
  readonly answers?: Partial<AnswerStyle>;
  readonly didomi?: Partial<Omit<DidomiSettings, 'answers'>>;
  /** See `CoreOptions.graceMs`. Default 50. */
  readonly graceMs?: number;
}

export interface Sandbox {
  /** Base URL for `--api-url`: `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  readonly port: number;
  /** What was kept, in the order of acceptance. */
  events(): Arrival[];
  /** Every arrival that was acted on: accepted, resent, refused. */
  arrivals(): Arrival[];
  stats(): SandboxStats;
  /** The faults that were played. */
  log(): readonly LogEntry[];
  /** Forgets everything, and plays the fault script from its start (a port that it closes stays as it is). */
  reset(): void;
  close(): Promise<void>;
}

/**
 * Starts a stand-in for the consent APIs on a loopback address.
 * @throws when the port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const now = options.now ?? Date.now;
  const { core, store } = createSandboxCore(options);
  const shell = new HttpShell({
    handle: (request) => core.handle(request, now()),
    finished: (number) => core.finished(number),
    now,
    control: (method, url) => control(core, store, method, url),
    connectionOpened: () => core.connectionOpened(),
    connectionClosed: () => core.connectionClosed(),
    closedPeriods: () => core.closedPeriods(),
  });
  const host = options.host ?? '127.0.0.1';
  const { port } = await shell.listen(options.port ?? 0, host);
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${port}/v1`,
    port,
    events: () => [...store.arrivals((outcome) => outcome === 'accepted')],
    arrivals: () => [...store.arrivals(() => true)],
    stats: () => core.stats(),
    log: () => core.log(),
    reset: () => core.reset(),
    close: () => shell.close(),
  };
}

/** The same without a server, for a simulation in virtual time. */
export function createSandboxCore(options: SandboxOptions = {}): { core: SandboxCore; store: EventStore } {
  const script = options.faults ?? NO_FAULTS;
  const faults = options.seed === undefined ? script : { ...script, seed: options.seed };
  const store = new EventStore();
  const didomi: DidomiSettings = {
    acceptsCredentials: acceptsAnyButBad,
    maxEvents: DIDOMI_MAX_EVENTS,
    maxBodyBytes: 256 * 1024 * 1024,
    purposes: undefined,
    otherRoutesLimit: DIDOMI_OTHER_ROUTES_LIMIT,
    ...options.didomi,
    answers: { ...PLAIN_ANSWERS, ...options.answers, ...faults.answers },
  };
  const core = new SandboxCore({
    standIns: [new DidomiStandIn(didomi, store, faults.seed)],
    store,
    faults,
    latencyMs: options.latencyMs ?? 0,
    graceMs: options.graceMs ?? 50,
  });
  return { core, store };
}
