import type { HttpRequest } from '../../core/ports.js';
import type { Sendable } from '../../core/target.js';
import { jsonObject } from '../sent-bytes.js';
import { idOf } from './event-ids.js';

/**
 * A request about one event that Didomi holds: `/consents/events/{id}`, for which the event's user must be named too, by
 * `organization_user_id` or `user_id` (OpenAPI).
 * @param filters more of the query, such as `&status%5B%24in%5D=confirmed`
 */
export function oneEventRequest(
  method: 'GET' | 'DELETE',
  event: Sendable,
  organizationId: string,
  token: string,
  filters = '',
): HttpRequest {
  const { user } = eventAsSent(event);
  const own = user?.organization_user_id;
  const who =
    typeof own === 'string' && own !== ''
      ? `organization_user_id=${encodeURIComponent(own)}`
      : `user_id=${encodeURIComponent(String(user?.id))}`;
  const query = `organization_id=${encodeURIComponent(organizationId)}&${who}${filters}`;
  return {
    method,
    path: `/consents/events/${encodeURIComponent(idOf(event))}?${query}`,
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
  };
}

/** What a reader needs of an event, which the schema has made sure of. */
export interface SentEvent {
  readonly status?: unknown;
  readonly regulation?: unknown;
  readonly user?: { readonly id?: unknown; readonly organization_user_id?: unknown };
}

export function eventAsSent(event: Sendable): SentEvent {
  return JSON.parse(textAsSent(event)) as SentEvent;
}

export function textAsSent(event: Sendable): string {
  return new TextDecoder().decode(jsonObject(event));
}
