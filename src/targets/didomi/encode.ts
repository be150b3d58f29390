import type { HttpRequest } from '../../core/ports.js';
import type { Sendable } from '../../core/target.js';

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
    body: arrayOf(events),
  };
}

function arrayOf(events: readonly Sendable[]): Uint8Array {
  let size = 1 + Math.max(events.length, 1);
  for (const { start, end, splice } of events) size += end - start + (splice?.length ?? 0);
  const body = new Uint8Array(size);
  let at = 0;
  body[at++] = 0x5b;
  for (let i = 0; i < events.length; i++) {
    const { bytes, start, end, splice } = events[i]!;
    if (i > 0) body[at++] = 0x2c;
    let from = start;
    if (splice !== undefined) {
      body[at++] = bytes[from++]!;
      body.set(splice, at);
      at += splice.length;
    }
    body.set(bytes.subarray(from, end), at);
    at += end - from;
  }
  body[at] = 0x5d;
  return body;
}
