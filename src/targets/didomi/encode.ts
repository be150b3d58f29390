import type { HttpRequest } from '../../core/ports.js';
import type { Sendable } from '../../core/target.js';
import { jsonArray } from '../sent-bytes.js';

/** Path and query of the route that takes events (Didomi docs, "Batch import"; OpenAPI for the parameters' names). */
export function eventsPath(organizationId: string, disableIntegrations: boolean): string {
  const path = `/consents/events?organization_id=${encodeURIComponent(organizationId)}`;
  return disableIntegrations ? `${path}&%24disable_integrations=true` : path;
}

/** One request for a batch: a JSON array of the records' own bytes, each with its splice directly after its `{`. */
export function encodeEvents(events: readonly Sendable[], path: string, token: string): HttpRequest {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}` },
    body: jsonArray(events),
  };
}
