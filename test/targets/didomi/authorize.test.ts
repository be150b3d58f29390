import { describe, expect, it } from 'vitest';
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../../../src/core/ports.js';
import type { Authorization } from '../../../src/core/target.js';
import { createDidomiAuthorizer } from '../../../src/targets/didomi/authorize.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

async function obtain(answer: Partial<HttpResponse> & { text?: string }): Promise<Authorization> {
  const response: HttpResponse = {
    status: 200,
    headers: {},
    framed: true,
    body: Buffer.from(answer.text ?? ''),
    ...answer,
  };
  const transport: Transport = { send: async () => response };
  return createDidomiAuthorizer({ key: 'k', secret: 's' }).obtain(transport, NOW);
}

const jwt = (claims: unknown) => `h.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
const session = (token: unknown) => ({ text: JSON.stringify({ access_token: token, type: 'api-key' }) });

async function minutesToRenewal(token: string): Promise<number> {
  const authorization = await obtain(session(token));
  return authorization.kind === 'token' ? (authorization.renewAt - NOW) / MINUTE : Number.NaN;
}

describe('createDidomiAuthorizer', () => {
  it('asks for a session with key and secret', async () => {
    const sent: HttpRequest[] = [];
    const transport: Transport = {
      send: async (request) => {
        sent.push(request);
        return { status: 201, headers: {}, framed: true, body: Buffer.from('{"access_token":"t.o.k"}') };
      },
    };
    const authorization = await createDidomiAuthorizer({ key: 'kéy', secret: '"s"' }).obtain(transport, NOW);
    expect(authorization).toEqual({ kind: 'token', token: 't.o.k', renewAt: NOW + 50 * MINUTE });
    expect(sent.map(({ method, path, headers }) => ({ method, path, headers }))).toEqual([
      {
        method: 'POST',
        path: '/sessions',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      },
    ]);
    expect(JSON.parse(Buffer.from(sent[0]!.body!).toString())).toEqual({ type: 'api-key', key: 'kéy', secret: '"s"' });
  });

  it("renews a tenth of the token's life before its end, at least a minute, never in its first half", async () => {
    const now = NOW / 1000;
    expect(await minutesToRenewal(jwt({ exp: now + 3600 }))).toBe(54);
    expect(await minutesToRenewal(jwt({ exp: now + 3600, iat: now, name: 'ÿ?>~' }))).toBe(54);
    expect(await minutesToRenewal(jwt({ exp: now + 300 }))).toBe(4);
    expect(await minutesToRenewal(jwt({ exp: now + 60 }))).toBe(0.5);
  });

  it('does not depend on the clock here being right', async () => {
    const now = NOW / 1000;
    expect(await minutesToRenewal(jwt({ exp: now + 7200, iat: now + 3600 }))).toBe(54);
    expect(await minutesToRenewal(jwt({ exp: now - 3600, iat: now - 7200 }))).toBe(54);
    // The same session, given out again half an hour later.
    expect(await minutesToRenewal(jwt({ exp: now + 1800, iat: now - 1800 }))).toBe(27);
  });

  it('renews after 50 minutes where the token does not say when it ends', async () => {
    const now = NOW / 1000;
    const silent = ['opaque', 'a.b.c', 'a.!!.c', jwt({}), jwt(null), jwt({ exp: 'soon' }), jwt({ exp: now - 10 })];
    for (const token of silent) expect(await minutesToRenewal(token), token).toBe(50);
  });

  it('tells refused credentials from what may pass', async () => {
    for (const status of [400, 401, 403]) expect(await obtain({ status })).toEqual({ kind: 'refused', status });
    for (const status of [408, 425, 429, 500, 502, 503]) expect(await obtain({ status })).toEqual({ kind: 'again' });
    expect(await obtain({ status: 400, text: '{"message":"Too many requests"}' })).toEqual({ kind: 'again' });
    expect(await obtain({ status: 429, headers: { 'retry-after': '15' } })).toEqual({ kind: 'again', waitMs: 15_000 });
  });

  it('recognises an address that is no such API', async () => {
    for (const status of [204, 301, 302, 404, 405, 410]) {
      expect(await obtain({ status, text: status === 204 ? '' : 'x' })).toEqual({ kind: 'wrong', status });
    }
    const nothing = [
      '<html>',
      '{}',
      'null',
      '[]',
      '""',
      '{"access_token":5}',
      '{"access_token":""}',
      '{"access_token":"a\\nb"}',
    ];
    for (const text of nothing) expect(await obtain({ text }), text).toEqual({ kind: 'wrong', status: 200 });
  });

  it('lets the caller know why no whole answer came', async () => {
    const failing = (error: unknown) =>
      createDidomiAuthorizer({ key: 'k', secret: 's' }).obtain({ send: () => Promise.reject(error) }, NOW);
    for (const failure of ['unreachable', 'lost', 'timeout', 'incomplete', 'cancelled'] as const) {
      const error = new TransportError(failure, 'x');
      await expect(failing(error)).rejects.toBe(error);
    }
    await expect(failing(new Error('bug'))).rejects.toThrow('bug');
  });
});
