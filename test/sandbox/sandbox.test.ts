import { afterEach, describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.js';
import { event } from './visitor.js';

let sandbox: Sandbox;
afterEach(() => sandbox?.close());

async function start(options: SandboxOptions = {}): Promise<string> {
  sandbox = await startSandbox(options);
  const answer = await fetch(`${sandbox.url}/sessions`, {
    method: 'POST',
    body: JSON.stringify({ type: 'api-key', key: 'k', secret: 's' }),
  });
  return ((await answer.json()) as { access_token: string }).access_token;
}

const send = (token: string, body: string | Uint8Array<ArrayBuffer>): Promise<Response> =>
  fetch(`${sandbox.url}/consents/events?organization_id=acme&$disable_integrations=true`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });

const see = async (path: string): Promise<string> =>
  (await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/${path}`)).text();

describe('The sandbox over HTTP', () => {
  it('listens on a loopback address on a port of its own and says so in its URL', async () => {
    sandbox = await startSandbox();
    expect(sandbox.url).toBe(`http://127.0.0.1:${sandbox.port}/v1`);
    expect(sandbox.port).toBeGreaterThan(0);
  });

  it('says that a port is taken', async () => {
    sandbox = await startSandbox();
    await expect(startSandbox({ port: sandbox.port })).rejects.toThrow('EADDRINUSE');
  });

  it('takes a session and an array of events, and lists the events byte for byte', async () => {
    const token = await start();
    const first =
      '{"id":"a", "user":{"organization_user_id":"\\u00e9\\/"},"consents":{},"n":9007199254740993001,"x":1.0}';
    const second = '{"consents":{}, "user":{"id":"ü🍪"} ,"id":"b]},{[\\"" }';
    const answer = await send(token, ` [ ${first}\n,\t${second} ] `);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe(`[${first},${second}]`);
    expect(await see('events')).toBe(`${first}\n${second}\n`);
    expect(sandbox.events().map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([first, second]);
  });

  it('lists an event that was sent over several lines on one line', async () => {
    const token = await start();
    await send(token, '{"id":"a",\r\n"user":{},\n"consents":{}}');
    expect(await see('events')).toBe('{"id":"a",  "user":{}, "consents":{}}\n');
  });

  it('lists every attempt with its request, and what was refused', async () => {
    const token = await start({ now: () => 0 });
    await send(token, JSON.stringify([event('a', 'p')]));
    await send(token, JSON.stringify([event('a', 'q')]));
    await send(token, '[{"id":"bad"}]');
    const a = (person: string): string => JSON.stringify(event('a', person));
    const about = '"at":"1970-01-01T00:00:00.000Z","organization":"acme"';
    expect(await see('events?attempts=1')).toBe(
      `{"request":2,${about},"id":"a","outcome":"accepted","event":${a('p')}}\n` +
        `{"request":3,${about},"id":"a","outcome":"resent","note":"other content","event":${a('q')}}\n`,
    );
    expect(await see('events?refused=1')).toBe(
      `{"request":4,${about},"id":"bad","outcome":"refused","note":"must be object","event":{"id":"bad"}}\n`,
    );
    expect(await see('events')).toBe(`${a('p')}\n`);
  });

  it('counts what happened, and forgets it on reset', async () => {
    const token = await start();
    await send(token, JSON.stringify([event('a'), event('b')]));
    await send(token, JSON.stringify([event('a')]));
    await send('wrong', '[]');
    const stats = JSON.parse(await see('stats'));
    expect(stats).toEqual(JSON.parse(JSON.stringify(sandbox.stats())));
    expect(stats.requests).toMatchObject({
      total: 4,
      byRoute: { sessions: 1, events: 3, other: 0 },
      byStatus: { 200: 3, 401: 1 },
      inFlight: 0,
      inFlightMax: 1,
      soonerThanRetryAfter: 0,
    });
    expect(stats.events).toEqual({ accepted: 2, resent: 1, resentAltered: 0, refused: 0 });
    await fetch(`http://127.0.0.1:${sandbox.port}/_sandbox/reset`, { method: 'POST' });
    expect(await see('events')).toBe('');
    expect(sandbox.stats().requests.total).toBe(0);
    expect((await send(token, JSON.stringify([event('a')]))).status).toBe(401);
  });

  it('says which control routes it has', async () => {
    sandbox = await startSandbox();
    expect(JSON.parse(await see('nothing'))).toEqual({
      message:
        'The sandbox has GET /_sandbox/events, /_sandbox/stats, /_sandbox/log, /_sandbox/token, and POST /_sandbox/reset',
    });
  });

  it('serves requests side by side, each after the latency', async () => {
    const token = await start({ latencyMs: 50 });
    await Promise.all(['a', 'b', 'c'].map((id) => send(token, JSON.stringify(event(id)))));
    expect(sandbox.stats().requests.inFlightMax).toBe(3);
    expect(sandbox.stats().connections.openMax).toBeGreaterThanOrEqual(3);
  });

  it('takes 20,000 events and gives them back unaltered', async () => {
    const token = await start();
    const all = Array.from({ length: 20_000 }, (_, i) => JSON.stringify(event(`id-${i}`)));
    for (let i = 0; i < all.length; i += 100) {
      const answer = await send(token, `[${all.slice(i, i + 100).join(',')}]`);
      await answer.arrayBuffer();
    }
    expect(await see('events')).toBe(`${all.join('\n')}\n`);
  });
});
