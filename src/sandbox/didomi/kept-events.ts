import { withAlteration } from '../alteration.js';
import type { Arrival, EventStore } from '../event-store.js';
import { jsonResponse, type SandboxResponse } from '../exchange.js';
import type { Alteration } from '../faults.js';
import { errorResponse } from './envelope.js';

/** What of an event decides whether a reader sees it. */
interface Reading {
  readonly id?: unknown;
  readonly organization_id?: unknown;
  readonly created_at?: unknown;
  readonly status?: unknown;
  readonly regulation?: unknown;
  readonly user?: { readonly id?: unknown; readonly organization_user_id?: unknown };
}

/**
 * Events as they are read back and deleted. As Didomi documents it: `organization_user_id` or `user_id` must be given;
 * without `status` only confirmed events are found, without `regulation` only those of gdpr, and several values are
 * given as `status[$in]=a&status[$in]=b`; a deletion is answered with 204. An event is given as it was sent, byte for
 * byte, with members in front that Didomi fills in where the sender left them out.
 */
export class KeptEvents {
  readonly #store: EventStore;
  /** What a fault script made of an event, by organization and id. */
  readonly #alterations = new Map<string, Alteration>();

  constructor(store: EventStore) {
    this.#store = store;
  }

  /** The event is to be read back with something else in one place. */
  altered(organization: string, id: string, alteration: Alteration | undefined): void {
    if (alteration !== undefined) this.#alterations.set(`${organization}\n${id}`, alteration);
  }

  reset(): void {
    this.#alterations.clear();
  }

  /** `GET /consents/events/{id}` */
  get(id: string, query: URLSearchParams): SandboxResponse {
    if (!namesUser(query)) return NO_USER;
    const found = this.#store.find(organizationIn(query), id);
    const text = found === undefined ? undefined : this.#textOf(found);
    if (text === undefined || !isSeen(text, query)) return NOT_FOUND;
    return answer(text);
  }

  /** `GET /consents/events` */
  list(query: URLSearchParams): SandboxResponse {
    if (!namesUser(query)) return NO_USER;
    const texts = [...this.#store.kept(organizationIn(query))].map((event) => this.#textOf(event));
    return answer(`{"data":[${texts.filter((text) => isSeen(text, query)).join(',')}]}`);
  }

  /** `DELETE /consents/events/{id}`, for which no filter counts. */
  delete(id: string, query: URLSearchParams): SandboxResponse {
    if (!namesUser(query)) return NO_USER;
    const organization = organizationIn(query);
    const found = this.#store.find(organization, id);
    if (found === undefined || !isOf(JSON.parse(this.#textOf(found)) as Reading, query)) return NOT_FOUND;
    this.#store.delete(organization, id);
    this.#alterations.delete(`${organization}\n${id}`);
    return { status: 204, headers: {}, body: new Uint8Array(0) };
  }

  #textOf({ id, organization, atMs, bytes }: Arrival): string {
    const sent = new TextDecoder().decode(bytes);
    const alteration = this.#alterations.get(`${organization}\n${id}`);
    const text = alteration === undefined ? sent : JSON.stringify(withAlteration(JSON.parse(sent), alteration));
    const given = JSON.parse(text) as Reading;
    const at = new Date(atMs).toISOString();
    const filled = {
      ...(given.id === undefined && { id }),
      ...(given.organization_id === undefined && { organization_id: organization }),
      ...(given.created_at === undefined && alteration?.path !== '/created_at' && { created_at: at }),
      ...(given.status === undefined && { status: 'confirmed' }),
      ...(given.regulation === undefined && { regulation: 'gdpr' }),
      updated_at: at,
    };
    return `${JSON.stringify(filled).slice(0, -1)},${text.slice(text.indexOf('{') + 1)}`;
  }
}

const NO_USER = errorResponse(400, 'organization_user_id or user_id is required');
const NOT_FOUND = errorResponse(404, 'Event not found');

function answer(text: string): SandboxResponse {
  return { ...jsonResponse(200, {}), body: new TextEncoder().encode(text) };
}

function namesUser(query: URLSearchParams): boolean {
  return query.has('organization_user_id') || query.has('user_id');
}

function organizationIn(query: URLSearchParams): string {
  return query.get('organization_id') ?? '';
}

function isSeen(text: string, query: URLSearchParams): boolean {
  const event = JSON.parse(text) as Reading;
  return (
    isOf(event, query) &&
    asked(query, 'status', 'confirmed').includes(String(event.status)) &&
    asked(query, 'regulation', 'gdpr').includes(String(event.regulation))
  );
}

function asked(query: URLSearchParams, name: string, otherwise: string): readonly string[] {
  const values = [...query.getAll(name), ...query.getAll(`${name}[$in]`)];
  return values.length > 0 ? values : [otherwise];
}

function isOf({ user }: Reading, query: URLSearchParams): boolean {
  const [theirs, own] = [query.get('organization_user_id'), query.get('user_id')];
  return (theirs === null || theirs === user?.organization_user_id) && (own === null || own === user?.id);
}
