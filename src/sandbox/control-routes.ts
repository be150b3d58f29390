import type { Arrival, EventStore } from './event-store.js';
import { demoToken } from './onetrust/demo-token.js';
import type { SandboxCore } from './sandbox-core.js';

export interface ControlResponse {
  readonly status: number;
  readonly contentType: string;
  readonly body: Iterable<Uint8Array>;
}

const encoder = new TextEncoder();

/**
 * The routes below `/_sandbox`, to see what arrived. No fault touches them.
 * - `GET events`: one kept event per line, in the order of acceptance, byte for byte as received (line breaks outside
 *   strings become spaces). `?attempts=1`: every arrival of an event that was kept, resends and those deleted later too; `?refused=1`: those that
 *   were refused; both as `{"request","at","organization","id","outcome","note","event"}`.
 * - `GET stats`, `GET log` (the faults played, one per line), `POST reset`.
 * - `GET token`: the token of a OneTrust collection point, for imports into this sandbox.
 */
export function control(core: SandboxCore, store: EventStore, method: string, url: URL): ControlResponse {
  const route = `${method} ${url.pathname}`;
  const asked = (name: string): boolean => !['', '0', null].includes(url.searchParams.get(name));
  switch (route) {
    case 'GET /_sandbox/events':
      if (asked('refused')) return lines(arrivalLines(store.arrivals((outcome) => outcome === 'refused')));
      if (asked('attempts')) return lines(arrivalLines(store.arrivals((outcome) => outcome !== 'refused')));
      return lines(eventLines(store.arrivals((outcome) => outcome === 'accepted')));
    case 'GET /_sandbox/stats':
      return json(200, core.stats());
    case 'GET /_sandbox/log':
      return lines(core.log().map((entry) => encoder.encode(`${JSON.stringify(entry)}\n`)));
    case 'GET /_sandbox/token':
      return { status: 200, contentType: 'text/plain', body: [encoder.encode(demoToken())] };
    case 'POST /_sandbox/reset':
      core.reset();
      return json(200, { reset: true });
    default:
      return json(404, {
        message:
          'The sandbox has GET /_sandbox/events, /_sandbox/stats, /_sandbox/log, /_sandbox/token, and POST /_sandbox/reset',
      });
  }
}

function lines(body: Iterable<Uint8Array>): ControlResponse {
  return { status: 200, contentType: 'application/x-ndjson; charset=utf-8', body };
}

function json(status: number, value: unknown): ControlResponse {
  return {
    status,
    contentType: 'application/json; charset=utf-8',
    body: [encoder.encode(`${JSON.stringify(value)}\n`)],
  };
}

const NEWLINE = encoder.encode('\n');
const END = encoder.encode('}\n');

function* eventLines(arrivals: Iterable<Arrival>): Generator<Uint8Array> {
  for (const { bytes } of arrivals) yield Buffer.concat([oneLine(bytes), NEWLINE]);
}

function* arrivalLines(arrivals: Iterable<Arrival>): Generator<Uint8Array> {
  for (const { request, atMs, organization, id, outcome, note, bytes } of arrivals) {
    const about = JSON.stringify({ request, at: new Date(atMs).toISOString(), organization, id, outcome, note });
    yield Buffer.concat([encoder.encode(`${about.slice(0, -1)},"event":`), oneLine(bytes), END]);
  }
}

/** Line breaks can stand only between JSON tokens, where a space says the same. */
function oneLine(bytes: Uint8Array): Uint8Array {
  if (!bytes.includes(0x0a) && !bytes.includes(0x0d)) return bytes;
  return bytes.map((byte) => (byte === 0x0a || byte === 0x0d ? 0x20 : byte));
}
