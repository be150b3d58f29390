import type { EventStore } from '../event-store.js';
import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../exchange.js';
import { RequestLimit, rateHeaders } from '../request-limit.js';
import { seededRandom } from '../seeded-random.js';
import type { Intake, Orders, StandIn } from '../stand-in.js';
import { errorResponse } from './envelope.js';
import { readBatch } from './event-batch.js';
import { Events } from './events.js';
import { Sessions } from './sessions.js';
import type { DidomiSettings } from './settings.js';

const PREFIX = '/v1';

/** Didomi's consents API, as far as an importer meets it. */
export class DidomiStandIn implements StandIn {
  readonly prefix = PREFIX;
  readonly #settings: DidomiSettings;
  readonly #store: EventStore;
  readonly #sessions: Sessions;
  readonly #events: Events;
  #limit: RequestLimit;

  constructor(settings: DidomiSettings, store: EventStore, seed: number) {
    const random = seededRandom(seed);
    this.#settings = settings;
    this.#store = store;
    this.#sessions = new Sessions(settings, random);
    this.#events = new Events(settings, store, random);
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

  #read(route: string, request: SandboxRequest, nowMs: number, orders: Orders): SandboxResponse {
    const id = /^GET \/consents\/events\/([^/]+)$/.exec(route)?.[1];
    if (id === undefined && route !== 'GET /metadata/purposes') return errorResponse(404, 'Page not found');
    const refusal = this.#refusal(request, nowMs, orders);
    if (refusal !== undefined) return refusal;
    return id === undefined
      ? this.#limited(nowMs, () => this.#purposes(request.query))
      : this.#oneEvent(request, decodeURIComponent(id));
  }

  #oneEvent(request: SandboxRequest, id: string): SandboxResponse {
    const { query } = request;
    if (!query.has('organization_user_id') && !query.has('user_id')) {
      return errorResponse(400, 'organization_user_id or user_id is required');
    }
    const event = this.#store.find(query.get('organization_id') ?? '', id);
    if (event === undefined) return errorResponse(404, 'Event not found');
    return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: event.bytes };
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
