import type { EventStore } from '../event-store.js';
import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../exchange.js';
import { RequestLimit, rateHeaders } from '../request-limit.js';
import { seededRandom } from '../seeded-random.js';
import type { Intake, Orders, StandIn } from '../stand-in.js';
import { errorResponse } from './envelope.js';
import { readBatch } from './event-batch.js';
import { Events } from './events.js';
import { KeptEvents } from './kept-events.js';
import { Sessions } from './sessions.js';
import type { DidomiSettings } from './settings.js';

const PREFIX = '/v1';

/** Didomi's consents API, as far as an importer meets it. */
export class DidomiStandIn implements StandIn {
  readonly prefix = PREFIX;
  readonly #settings: DidomiSettings;
  readonly #kept: KeptEvents;
  readonly #sessions: Sessions;
  readonly #events: Events;
  #limit: RequestLimit;

  constructor(settings: DidomiSettings, store: EventStore, seed: number) {
    const random = seededRandom(seed);
    this.#settings = settings;
    this.#kept = new KeptEvents(store);
    this.#sessions = new Sessions(settings, random);
    this.#events = new Events(settings, store, this.#kept, random);
    this.#limit = this.#newLimit();
  }

  receive(request: SandboxRequest): Intake {
    const route = `${request.method} ${request.path.slice(PREFIX.length)}`;
    if (route === 'POST /sessions') {
      return {
        route: 'sessions',
        elements: [],
        process: (_, nowMs, orders) => this.#limited(nowMs, () => this.#sessions.create(request, nowMs, orders)),
      };
    }
    if (route === 'POST /consents/events') return this.#receiveEvents(request);
    return { route: 'other', elements: [], process: (_, nowMs, orders) => this.#read(route, request, nowMs, orders) };
  }

  error(status: number, message: string): SandboxResponse {
    return errorResponse(status, message);
  }

  reset(): void {
    this.#sessions.expireAll();
    this.#kept.reset();
    this.#limit = this.#newLimit();
  }

  #receiveEvents(request: SandboxRequest): Intake {
    const organization = request.query.get('organization_id') ?? '';
    const batch = readBatch(request.body, organization);
    return {
      route: 'events',
      elements: batch.elements,
      process: (number, nowMs, orders) =>
        this.#refusal(request, nowMs, orders) ??
        this.#events.create(request, batch, organization, number, nowMs, orders),
    };
  }

  /** Reads and deletions, none of which is limited but the list of purposes. */
  #read(route: string, request: SandboxRequest, nowMs: number, orders: Orders): SandboxResponse {
    const [, method, id] = /^(GET|DELETE) \/consents\/events\/([^/]+)$/.exec(route) ?? [];
    const isList = route === 'GET /consents/events';
    if (id === undefined && !isList && route !== 'GET /metadata/purposes') return errorResponse(404, 'Page not found');
    const refusal = this.#refusal(request, nowMs, orders);
    if (refusal !== undefined) return refusal;
    if (isList) return this.#kept.list(request.query);
    if (id === undefined) return this.#limited(nowMs, () => this.#purposes(request.query));
    const eventId = decodeURIComponent(id);
    return method === 'DELETE' ? this.#kept.delete(eventId, request.query) : this.#kept.get(eventId, request.query);
  }

  #purposes(query: SandboxRequest['query']): SandboxResponse {
    const all = (this.#settings.purposes ?? []).map((id) => ({ id, name: { en: id } }));
    const limit = Math.min(100, Number(query.get('$limit') ?? 100));
    const skip = Number(query.get('$skip') ?? 0);
    return jsonResponse(200, { data: all.slice(skip, skip + limit), total: all.length, limit, skip });
  }

  /** What every route but `/sessions` checks first. */
  #refusal(request: SandboxRequest, nowMs: number, orders: Orders): SandboxResponse | undefined {
    if (orders.expireTokens) this.#sessions.expireAll();
    if (!this.#sessions.admits(request, nowMs)) return errorResponse(401, 'Authentication is needed');
    if (!request.query.get('organization_id')) return errorResponse(400, 'organization_id is required');
    if (request.body.length > this.#settings.maxBodyBytes) return errorResponse(413, 'The body is too large');
    if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
      return errorResponse(415, 'Compressed bodies are not taken');
    }
    return undefined;
  }

  #limited(nowMs: number, answer: () => SandboxResponse): SandboxResponse {
    const size = { ...this.#settings.otherRoutesLimit, kind: 'fixed' } as const;
    const state = this.#limit.take(nowMs);
    const told = rateHeaders(size, state);
    const response = state.over ? errorResponse(429, 'Too many requests') : answer();
    const wait: Record<string, string> = state.over ? { 'retry-after': String(Math.ceil(state.resetMs / 1000)) } : {};
    return { ...response, headers: { ...response.headers, ...told, ...wait } };
  }

  #newLimit(): RequestLimit {
    return new RequestLimit({ ...this.#settings.otherRoutesLimit, kind: 'fixed' });
  }
}
