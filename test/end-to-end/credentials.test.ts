import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { events } from './events.js';
import { handMadeServer, json, takesAll } from './hand-made-server.js';
import { counts, Place, sandbox } from './harness.js';

describe('credentials', () => {
  it('that the target refuses end the run: exit 4, nothing sent', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', events(3));

    const run = await place.import(server.url, [input], { env: { DIDOMI_API_KEY: 'bad' } });

    expect(run.exitCode).toBe(4);
    expect(run.said).toEqual([
      'error[auth]: the target refused the credentials (status 400 when asked for a session): check DIDOMI_API_KEY and DIDOMI_API_SECRET, or the file of --credentials-file',
    ]);
    expect(run.summary).toMatchObject({
      reason: 'auth',
      events: counts({ read: 3, undelivered: 3 }),
      requests: { sent: 1, succeeded: 0 },
    });
    expect(server.stats().requests).toMatchObject({ total: 1, byRoute: { sessions: 1, events: 0 } });
  });

  it('that may not do this end the run: 403, exit 4', async () => {
    const place = new Place();
    const server = await sandbox({ faults: { rules: [{ when: { route: 'events' }, do: { status: 403 } }] } });

    const run = await place.import(server.url, [place.write('events.jsonl', events(3))]);

    expect(run.exitCode).toBe(4);
    expect(run.said).toEqual([
      'error[auth]: the target forbids this (status 403): check --organization-id, and that the key has rights to it',
    ]);
    expect(run.summary).toMatchObject({
      reason: 'auth',
      events: { undelivered: 3 },
      requests: { sent: 3, retried: 0 },
    });
  });

  it('come from a file, which others should not be able to read', async () => {
    const place = new Place();
    const server = await handMadeServer({ events: takesAll });
    const file = place.write('credentials.json', JSON.stringify({ key: 'file-key', secret: 'file-secret' }));
    const path = join(place.cwd, file);
    chmodSync(path, 0o644);

    const run = await place.import(server.url, [place.write('events.jsonl', events(1)), '--credentials-file', file]);

    expect(run.exitCode).toBe(0);
    expect(run.stderr).toContain(
      `warning[credentials_readable]: --credentials-file ${path} can be read by other users (mode 0644). Protect it: chmod 600 ${path}\n`,
    );
    expect(JSON.parse(server.sessions[0]?.body ?? '')).toEqual({
      type: 'api-key',
      key: 'file-key',
      secret: 'file-secret',
    });
  });
});

describe('a session token', () => {
  it('that ends in the middle of a run is renewed once, for all requests in flight', async () => {
    const place = new Place();
    const faults = { rules: [{ when: { route: 'events', requests: 20 }, do: { expireToken: true } }] };
    const server = await sandbox({ faults, latencyMs: 10 });

    const run = await place.import(server.url, [place.write('events.jsonl', events(400)), '--batch-size', '10']);

    expect(run.exitCode).toBe(0);
    expect(run.said).toEqual([]);
    expect(run.summary.events).toEqual(counts({ read: 400, delivered: 400 }));
    expect(server.stats().requests.byRoute.sessions).toBe(2);
    expect(server.stats().requests.byStatus['401']).toBeGreaterThan(0);
    expect(server.stats().events).toMatchObject({ accepted: 400, resent: 0 });
  });

  it('that is refused right after it was handed out ends the run: exit 4', async () => {
    const place = new Place();
    const server = await handMadeServer({
      events: (request, response) => {
        if (request.headers.authorization === 'Bearer token-1' && request.number === 1) takesAll(request, response);
        else json(response, 401, { code: 401, name: 'NotAuthenticated', message: 'no' });
      },
    });

    const args = [place.write('events.jsonl', events(10)), '--batch-size', '2', '--concurrency', '1'];
    const run = await place.import(server.url, args);

    expect(run.exitCode).toBe(4);
    expect(run.said).toEqual([
      'error[auth]: the target refused a session token that it had just handed out (status 401): check that the key may use the Consents API of this organization',
    ]);
    expect(run.summary.events).toEqual(counts({ read: 10, delivered: 2, undelivered: 8 }));
    expect(server.sessions).toHaveLength(2);
    expect(server.events).toHaveLength(3);
  });
});
