import { describe, expect, it } from 'vitest';
import { events, oddEvents } from './events.js';
import { handMadeServer, takesAll } from './hand-made-server.js';
import { arrived, counts, Place, sandbox } from './harness.js';

const onEvents = (rules: readonly { at?: number; do: object }[]): object => ({
  rules: rules.map(({ at, do: todo }) => ({
    when: { route: 'events', ...(at === undefined ? {} : { requests: at }) },
    do: todo,
  })),
});

describe('a target in trouble', () => {
  it('gets every event once it is well: 5xx, resets, broken answers, pages, time-outs are sent again', async () => {
    const place = new Place();
    // A known id is answered with 409: what was taken but never answered must still count as delivered.
    const answers = { status: 201, shape: 'data', duplicates: { status: 409, where: 'alone' } };
    const troubles = [
      { status: 503 },
      { status: 502, body: 'html' },
      { status: 408, body: 'empty' },
      { dropBefore: true },
      { dropAfter: true },
      { truncate: 'length' },
      { truncate: 'json' },
      { html: true },
      { hang: { process: true } },
    ];
    const faults = { answers, ...onEvents(troubles.map((todo, i) => ({ at: 1 + 2 * i, do: todo }))) };
    const server = await sandbox({ faults });
    const lines = oddEvents(60, 20);

    const args = [place.write('events.jsonl', lines), '--batch-size', '5', '--timeout', '600ms'];
    const run = await place.import(server.url, args);

    expect(run.said).toEqual([]);
    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 60, delivered: 60 }));
    expect(run.summary.requests.retried).toBe(troubles.length);
    expect(Object.values(server.stats().faults).reduce((sum, n) => sum + n, 0)).toBe(troubles.length);
    expect(server.stats()).toMatchObject({
      events: { accepted: 60, resentAltered: 0 },
      order: { overtaken: 0, inOneRequest: 0, olderAfterNewer: 0 },
    });
    expect(arrived(server).sort()).toEqual([...lines].sort());
  });

  it('that asks for a pause gets it, in seconds and as a date, and the answers are counted', async () => {
    const place = new Place();
    const faults = onEvents([
      { at: 1, do: { status: 429, retryAfter: 1 } },
      { at: 2, do: { status: 429, retryAfter: 1, retryAfterAs: 'date' } },
      { at: 3, do: { status: 503, retryAfter: 1 } },
    ]);
    const server = await sandbox({ faults });

    const args = [place.write('events.jsonl', events(50)), '--batch-size', '10', '--concurrency', '1'];
    const run = await place.import(server.url, args);

    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 50, delivered: 50 }));
    expect(run.summary.requests).toMatchObject({ rateLimited: 2, retried: 3 });
    expect(run.summary.durationMs).toBeGreaterThan(3_000);
    expect(server.stats().requests.soonerThanRetryAfter).toBe(0);
  });

  it('that asks for too long a pause ends the run: exit 5; the pause holds for the next one too', async () => {
    const place = new Place();
    const server = await sandbox({ faults: onEvents([{ at: 1, do: { status: 429, retryAfter: 3 } }]) });
    const input = place.write('events.jsonl', events(3));

    const first = await place.import(server.url, [input, '--max-wait', '2s']);
    const second = await place.import(server.url, [input]);

    expect(first.exitCode).toBe(5);
    expect(first.said).toEqual([
      'error[unavailable]: the target asked for a wait of 3s, and --max-wait allows 2s; run the same command again after that',
    ]);
    expect(first.summary).toMatchObject({ reason: 'unavailable', events: counts({ read: 3, undelivered: 3 }) });
    expect(second.exitCode).toBe(0);
    expect(second.summary.events).toEqual(counts({ read: 3, delivered: 3 }));
    expect(server.stats().requests.soonerThanRetryAfter).toBe(0);
  });
});

describe('a target that is not there', () => {
  it('is given up on after --give-up-after: exit 5, everything undelivered', async () => {
    const place = new Place();
    const server = await handMadeServer({ events: takesAll });
    await server.close();

    const run = await place.import(server.url, [place.write('events.jsonl', events(3)), '--give-up-after', '2s']);

    expect(run.exitCode).toBe(5);
    expect(run.said).toEqual([
      'error[unavailable]: gave up: the target has taken nothing for 2s (last: no connection to the target (ECONNREFUSED)); check --api-url and the network, and run the same command again',
    ]);
    expect(run.summary).toMatchObject({
      reason: 'unavailable',
      complete: true,
      events: counts({ read: 3, undelivered: 3 }),
      requests: { succeeded: 0 },
    });
  });

  it('any more is given up on too, and the next run sends the rest', async () => {
    const place = new Place();
    const server = await handMadeServer({
      events: (request, response) => (request.number === 1 ? takesAll(request, response) : response.destroy()),
    });
    const input = place.write('events.jsonl', events(10));
    const args = [input, '--batch-size', '4', '--concurrency', '1'];

    const run = await place.import(server.url, [...args, '--give-up-after', '1s']);
    const well = await sandbox();
    const next = await place.import(well.url, args);

    expect(run.exitCode).toBe(5);
    expect(run.said).toEqual([
      'error[unavailable]: gave up: the target has taken nothing for 1s (last: the connection was lost (UND_ERR_SOCKET)); check --api-url and the network, and run the same command again',
    ]);
    expect(run.summary.events).toEqual(counts({ read: 10, delivered: 4, undelivered: 6 }));
    expect(next.exitCode).toBe(0);
    expect(next.summary.events).toEqual(counts({ read: 10, delivered: 6, duplicate: 4 }));
    expect(arrived(well).sort()).toEqual(events(6, 5));
  });
});

describe('an address that is not the API', () => {
  it.each([404, 405])('ends the run at its first answer: status %i, exit 5', async (status) => {
    const place = new Place();
    const server = await sandbox({ faults: onEvents([{ do: { status } }]) });

    const run = await place.import(server.url, [place.write('events.jsonl', events(3))]);

    expect(run.exitCode).toBe(5);
    expect(run.said).toEqual([
      `error[unavailable]: the target answered with status ${status}, as no such API does: check --api-url`,
    ]);
    expect(run.summary).toMatchObject({
      reason: 'unavailable',
      events: counts({ read: 3, undelivered: 3 }),
      requests: { sent: 3, retried: 0, split: 0 },
    });
  });

  it('ends the run with a redirection, which is not followed: exit 5', async () => {
    const place = new Place();
    const elsewhere = await handMadeServer({ events: takesAll });
    const server = await sandbox({
      faults: onEvents([{ do: { status: 301, location: `${elsewhere.url}/consents/events?organization_id=acme` } }]),
    });

    const run = await place.import(server.url, [place.write('events.jsonl', events(3))]);

    expect(run.exitCode).toBe(5);
    expect(run.said).toEqual([
      'error[unavailable]: the target answered with status 301, as no such API does: check --api-url',
    ]);
    expect([...elsewhere.sessions, ...elsewhere.events, ...elsewhere.others]).toEqual([]);
  });

  it('is found out by the session already', async () => {
    const place = new Place();
    const server = await sandbox();

    const run = await place.import(server.url.replace('/v1', '/v9'), [place.write('events.jsonl', events(3))]);

    expect(run.exitCode).toBe(5);
    expect(run.said).toEqual([
      'error[unavailable]: the sessions route answered with status 404, as no such API does: check --api-url',
    ]);
    expect(server.stats().requests.total).toBe(1);
  });
});

describe('a captive portal', () => {
  it('is asked again at most three times: then exit 5, and nothing counts as delivered', async () => {
    const place = new Place();
    const server = await sandbox({ faults: onEvents([{ do: { html: true } }]) });

    const run = await place.import(server.url, [place.write('events.jsonl', events(3))]);

    expect(run.exitCode).toBe(5);
    expect(run.said).toEqual([
      'error[unavailable]: the target answered 4 times with what is no answer of such an API (a proxy or a login page, perhaps): check --api-url and the network',
    ]);
    expect(run.summary).toMatchObject({
      reason: 'unavailable',
      events: counts({ read: 3, undelivered: 3 }),
      requests: { sent: 6, succeeded: 2, retried: 3 },
    });
    expect(server.stats().requests.byRoute.events).toBe(4);
  });
});
