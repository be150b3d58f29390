import { execFileSync } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { events, oddEvents } from './events.js';
import { handMadeServer, json } from './hand-made-server.js';
import { counts, Place, sandbox, until } from './harness.js';

const AGAIN = 'run the same command again to go on';

describe('a signal', () => {
  it.each([
    { name: 'SIGINT', exitCode: 130 },
    { name: 'SIGTERM', exitCode: 143 },
  ] as const)('$name finishes what is in flight, then ends: exit $exitCode; the next run goes on', async (signal) => {
    const place = new Place();
    const server = await sandbox({ latencyMs: 150 });
    const input = place.write('events.jsonl', oddEvents(800, 300));
    const args = [input, '--batch-size', '25'];
    const run = place.startImport(server.url, args);
    await until(() => server.stats().events.accepted >= 100, run);
    await until(() => server.stats().requests.inFlight >= 2, run);
    run.signal(signal.name);

    const { exitCode, said, summary } = await run.ended;

    expect(exitCode).toBe(signal.exitCode);
    expect(said[0]).toMatch(
      new RegExp(
        `^warning\\[draining\\]: ${signal.name}: taking nothing new, finishing \\d+ requests? in flight, for at most 25s\\. A second signal stops at once\\.$`,
      ),
    );
    expect(said.slice(1)).toEqual([`error[interrupted]: interrupted by ${signal.name}; ${AGAIN}`]);
    expect(summary.reason).toBe('interrupted');
    expect(summary.events.delivered).toBe(server.stats().events.accepted);
    expect(summary.events.delivered).toBeLessThan(800);
    expect(summary.requests.sent).toBe(summary.requests.succeeded);

    const next = await place.import(server.url, args);

    expect(next.exitCode).toBe(0);
    expect(next.summary.events.duplicate).toBe(summary.events.delivered);
    expect(server.stats().events).toMatchObject({ accepted: 800, resent: 0 });
  });

  it('a second time ends at once, and loses nothing but work', async () => {
    const place = new Place();
    const server = await handMadeServer({ events: () => undefined });
    // Without the second signal this would take longer than the test may.
    const args = [place.write('events.jsonl', events(10)), '--drain-time', '1h', '--timeout', '1h'];
    const run = place.startImport(server.url, args);
    await until(() => server.events.length === 1, run);
    run.signal('SIGINT');
    await until(() => run.stderr().includes('draining'), run);
    run.signal('SIGTERM');

    const { exitCode, said, summary } = await run.ended;

    expect(exitCode).toBe(130);
    expect(said).toEqual([
      'warning[draining]: SIGINT: taking nothing new, finishing 1 request in flight, for at most 1h. A second signal stops at once.',
      'warning[stopping_now]: second signal (SIGTERM): stopping now. The next run sends again what was not answered.',
      `error[interrupted]: interrupted by SIGINT; ${AGAIN}`,
    ]);
    expect(summary.events).toEqual(counts({ read: 10, undelivered: 10 }));

    const well = await sandbox();
    const next = await place.import(well.url, ['events.jsonl']);
    expect(next.summary.events).toEqual(counts({ read: 10, delivered: 10 }));
  });

  it('that arrives twice within a moment, as `timeout` sends it, is one', async () => {
    const place = new Place();
    const held: ServerResponse[] = [];
    const server = await handMadeServer({ events: (_, response) => void held.push(response) });
    const run = place.startImport(server.url, [place.write('events.jsonl', events(10))]);
    await until(() => held.length === 1, run);
    for (const end = performance.now() + 5; performance.now() < end; ) run.signal('SIGTERM');
    await until(() => run.stderr().includes('draining'), run);
    for (const response of held) json(response, 200, {});

    const { exitCode, said, summary } = await run.ended;

    expect(exitCode).toBe(143);
    expect(said.filter((line) => line.includes('stopping_now'))).toEqual([]);
    expect(summary.events.delivered).toBeGreaterThan(0);
  });

  it('waits no longer than --drain-time, also while a session is asked for', async () => {
    const place = new Place();
    // The first session is that of the look-up of purposes.
    const server = await handMadeServer({
      events: (_, response) => json(response, 401, {}),
      sessions: ({ number }, response) => (number === 1 ? json(response, 200, { access_token: 'token' }) : undefined),
    });
    const args = [place.write('events.jsonl', events(10)), '--drain-time', '200ms', '--timeout', '1h'];
    const run = place.startImport(server.url, args);
    await until(() => server.sessions.length === 2, run);
    run.signal('SIGTERM');

    const { exitCode, summary } = await run.ended;

    expect(exitCode).toBe(143);
    expect(summary.events).toEqual(counts({ read: 10, undelivered: 10 }));
  });

  it('ends a wait for a FIFO that nobody writes to', async () => {
    const place = new Place();
    const server = await sandbox();
    execFileSync('mkfifo', [join(place.cwd, 'pipe')]);
    const run = place.startImport(server.url, ['pipe']);
    await until(() => run.stderr().includes('Importing into'), run);
    run.signal('SIGINT');

    const { exitCode, summary } = await run.ended;

    expect(exitCode).toBe(130);
    expect(summary).toMatchObject({ events: counts({}), files: [{ path: 'pipe', state: 'unread' }] });
  });
});
