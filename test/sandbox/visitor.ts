import type { Ending, SandboxResponse } from '../../src/sandbox/exchange.js';
import { createSandboxCore, parseFaultScript, type SandboxOptions } from '../../src/sandbox/sandbox.js';

/** Talks to the sandbox's core without a network, at times of the test's choosing. */
export function visit(options: SandboxOptions = {}, faults: object = {}) {
  const { core, store } = createSandboxCore({ graceMs: 0, ...options, faults: parseFaultScript(faults) });
  const handle = (path: string, body: Uint8Array | string, token: string, nowMs: number, method = 'POST') => {
    const url = new URL(path, 'http://sandbox');
    const headers: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
    const bytes = typeof body === 'string' ? new TextEncoder().encode(body) : body;
    return core.handle({ method, path: url.pathname, query: url.searchParams, headers, body: bytes }, nowMs);
  };
  const ask = (path: string, body: Uint8Array | string, token: string, nowMs = 0, method = 'POST'): Ending => {
    const pending = handle(path, body, token, nowMs, method);
    const ending = pending.end(nowMs + pending.delayMs);
    core.finished(pending.number);
    return ending;
  };
  const session = (nowMs = 0, key = 'k'): Ending =>
    ask('/v1/sessions', JSON.stringify({ type: 'api-key', key, secret: 's' }), '', nowMs);
  const token = (nowMs = 0): string => String((jsonOf(session(nowMs)) as Record<string, unknown>)['access_token']);
  const events = (body: unknown, with_: string, nowMs = 0): Ending =>
    ask(EVENTS, typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body), with_, nowMs);
  return { core, store, handle, ask, session, token, events };
}

export const EVENTS = '/v1/consents/events?organization_id=acme';

export function responseOf(ending: Ending): SandboxResponse {
  if (ending.kind !== 'response') throw new Error(`no response but ${ending.kind}`);
  return ending.response;
}

export function statusOf(ending: Ending): number | string {
  return ending.kind === 'response' ? ending.response.status : ending.kind;
}

export function textOf(ending: Ending): string {
  return new TextDecoder().decode(responseOf(ending).body);
}

export function jsonOf(ending: Ending): unknown {
  return JSON.parse(textOf(ending));
}

/** A good event of this person. */
export function event(id: string | undefined, person = `${id}@example.com`, more: object = {}): object {
  const consents = { purposes: [{ id: 'newsletter', enabled: true }] };
  return { ...(id !== undefined && { id }), user: { organization_user_id: person }, consents, ...more };
}
