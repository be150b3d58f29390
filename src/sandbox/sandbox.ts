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
import { PlatformStandIn } from './onetrust/platform-stand-in.js';
import { ReceiptBook } from './onetrust/receipt-book.js';
import { ReceiptsStandIn } from './onetrust/receipts-stand-in.js';
import {
  acceptsAnyClient,
  acceptsAnyPoint,
  ONETRUST_CALLS_PER_MINUTE,
  ONETRUST_READS_PER_MINUTE,
  ONETRUST_RECEIPTS_PER_DAY,
  type OneTrustSettings,
} from './onetrust/settings.js';
import { SandboxCore } from './sandbox-core.js';
import type { SandboxStats } from './stats.js';

export { FAULT_HELP } from './fault-help.js';
export { parseFaultScript } from './fault-script.js';
export { FAULT_SCRIPTS, readyFaultScript } from './fault-scripts.js';
export type { FaultScript } from './faults.js';
export { FaultScriptError } from './json-reader.js';
export { DEMO_COLLECTION_POINT, demoToken } from './onetrust/demo-token.js';

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
  readonly onetrust?: Partial<Omit<OneTrustSettings, 'answers'>>;
  /** See `CoreOptions.graceMs`. Default 50. */
  readonly graceMs?: number;
}

export interface Sandbox {
  /** Base URL for `--api-url` with Didomi: `http://127.0.0.1:PORT/v1`. */
  readonly url: string;
  /** The same with OneTrust: `http://127.0.0.1:PORT/request/v1`. */
  readonly oneTrustUrl: string;
  /** For `--platform-url`: `http://127.0.0.1:PORT`. */
  readonly platformUrl: string;
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
  const origin = `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  return {
    url: `${origin}/v1`,
    oneTrustUrl: `${origin}/request/v1`,
    platformUrl: origin,
    port,
    events: () => [...store.arrivals((outcome) => outcome === 'accepted')],
    arrivals: () => [...store.arrivals(() => true)],
    stats: () => core.stats(),
    log: () => core.log(),
    reset: () => core.reset(),
    close: () => shell.close(),
  };
}

const MOST_BODY_BYTES = 256 * 1024 * 1024;

/** The same without a server, for a simulation in virtual time. */
export function createSandboxCore(options: SandboxOptions = {}): { core: SandboxCore; store: EventStore } {
  const script = options.faults ?? NO_FAULTS;
  const faults = options.seed === undefined ? script : { ...script, seed: options.seed };
  const store = new EventStore();
  const answers = { ...PLAIN_ANSWERS, ...options.answers, ...faults.answers };
  const didomi: DidomiSettings = {
    acceptsCredentials: acceptsAnyButBad,
    maxEvents: DIDOMI_MAX_EVENTS,
    maxBodyBytes: MOST_BODY_BYTES,
    purposes: undefined,
    otherRoutesLimit: DIDOMI_OTHER_ROUTES_LIMIT,
    ...options.didomi,
    answers,
  };
  const onetrust: OneTrustSettings = {
    bodies: 'either',
    oneAnswer: 'array',
    receipts: 'jwt',
    maxReceipts: 100,
    maxBodyBytes: MOST_BODY_BYTES,
    callsPerMinute: ONETRUST_CALLS_PER_MINUTE,
    receiptsPerDay: ONETRUST_RECEIPTS_PER_DAY,
    acceptsToken: acceptsAnyPoint,
    acceptsClient: acceptsAnyClient,
    readLagMs: 0,
    readCallsPerMinute: ONETRUST_READS_PER_MINUTE,
    readPaging: 'continuation',
    readPayload: 'object',
    identifierAlone: false,
    ...options.onetrust,
    answers,
  };
  const book = new ReceiptBook();
  const core = new SandboxCore({
    standIns: [
      new DidomiStandIn(didomi, store, faults.seed),
      new ReceiptsStandIn(onetrust, store, book, faults.seed),
      new PlatformStandIn(onetrust, book, faults.seed),
    ],
    store,
    faults,
    latencyMs: options.latencyMs ?? 0,
    graceMs: options.graceMs ?? 50,
  });
  return { core, store };
}
