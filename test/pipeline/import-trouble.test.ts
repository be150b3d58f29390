import { expect, test } from 'vitest';
import type { Fate } from '../fakes/fake-didomi.js';
import { memoryInput } from '../fakes/memory-input.js';
import { LedgerContent } from '../fakes/memory-ledger.js';
import { VirtualClock } from '../fakes/virtual-clock.js';
import { eventLine, eventLines, type SettingsChange, World } from '../fakes/world.js';

const MINUTE = 60_000;

/** Imports `count` events into a target that decides the fate of each request for events. */
async function importInto(
  fate: (number: number, at: number) => Fate | undefined,
  { count = 100, ...change }: SettingsChange & { count?: number } = {},
) {
  const world = new World({ fate: ({ route, number, at }) => (route === 'events' ? fate(number, at) : undefined) });
  const result = await world.import([memoryInput('a.jsonl', eventLines(count).join('\n'), world.clock)], change);
  return { world, result };
}

test.each([
  ['503', { status: 503 }],
  ['408', { status: 408 }],
  ['a lost connection', { failure: 'lost' }],
  ['a lost answer', { failure: 'lost', arrives: true }],
  ['a time-out', { failure: 'timeout', arrives: true }],
  ['an answer that breaks off', { failure: 'incomplete', arrives: true }],
  ['no connection', { failure: 'unreachable' }],
  ['429', { status: 429 }],
  ['a captive portal', { status: 200, body: '<html>' }],
] as const)('after %s the same batch is sent again, and counted as delivered once', async (_, fate) => {
  const { world, result } = await importInto((number) => (number === 1 ? fate : undefined));
  expect(result.stop).toBeUndefined();
  expect(result.tally.events).toMatchObject({ read: 100, delivered: 100 });
  expect(world.didomi.eventCalls.map(({ body }) => body)).toEqual(Array(2).fill(world.didomi.eventCalls[0]!.body));
  expect(result.tally.requests).toMatchObject({ sent: 3, retried: 1, succeeded: 2 });
});

test('an event that the target has from a request that was not answered counts as delivered', async () => {
  const world = new World({
    fate: ({ route, number }) => {
      if (route === 'sessions') return undefined;
      return number === 1 ? { failure: 'lost', arrives: true } : { status: 409, body: { code: 409 } };
    },
  });
  const result = await world.import([memoryInput('a.jsonl', eventLine('e', 'p'), world.clock)]);
  expect(result.tally.events.delivered).toBe(1);
});

test('an event that the target had before this ledger ever sent it is a duplicate', async () => {
  const world = new World({
    fate: ({ route }) => (route === 'events' ? { status: 409, body: { code: 409 } } : undefined),
  });
  const result = await world.import([memoryInput('a.jsonl', eventLine('e', 'p'), world.clock)]);
  expect(result.tally.duplicates).toEqual({ ledger: 0, input: 0, target: 1 });
  expect(world.ledger.recorded[0]!.hadBefore).toBe(true);
});

test.each([
  [400, 1],
  [413, 37],
  [422, 100],
])('a batch refused with %i is split until %i bad events stand alone', async (status, bad) => {
  const world = new World({
    fate: ({ route, events }) =>
      route === 'events' && events.some(({ id }) => Number(id.slice(1)) < bad) ? { status, body: {} } : undefined,
  });
  const result = await world.import([memoryInput('a.jsonl', eventLines(100).join('\n'), world.clock)]);
  expect(result.tally.events).toMatchObject({ delivered: 100 - bad, rejected: bad });
  expect(world.rejects.records.map(({ origin }) => origin.line).sort((a, b) => a - b)).toEqual(
    Array.from({ length: bad }, (_, i) => i + 1),
  );
  const bound = 2 * bad * Math.ceil(Math.log2(100 / bad)) + 2 * bad + 1;
  expect(world.didomi.eventCalls.length).toBeLessThanOrEqual(bound);
  const refused = world.didomi.eventCalls.filter(
    ({ events }) => events.length > 1 && events.some(({ id }) => Number(id.slice(1)) < bad),
  );
  expect(result.tally.requests.split).toBe(refused.length);
});

test.each([401, 403, 404])('a batch is never split on %i', async (status) => {
  const { world, result } = await importInto(() => ({ status }));
  expect(world.didomi.eventCalls.every(({ events }) => events.length === 100)).toBe(true);
  expect(result.tally.events).toMatchObject({ read: 100, undelivered: 100 });
  expect(result.tally.requests.split).toBe(0);
});

test('a target that refuses everything is noticed after about a thousand requests', async () => {
  const { world, result } = await importInto(() => ({ status: 400, body: { code: 400 } }), {
    count: 20_000,
    maxRejects: { kind: 'percent', most: 50 },
  });
  expect(result.stop).toEqual({
    reason: 'too_many_rejects',
    message:
      'stopped: the target refused 500 of the first 500 events, and --max-rejects allows 50%; look at the rejects file, fix the input, and run the same command again',
  });
  expect(world.didomi.eventCalls.length).toBeLessThan(1_100);
});

test.each([
  ['seconds', (at: number) => ({ 'retry-after': '30', date: new Date(at).toUTCString() })],
  [
    'a date',
    (at: number) => ({ 'retry-after': new Date(at + 30_000).toUTCString(), date: new Date(at).toUTCString() }),
  ],
])('a 429 with Retry-After in %s pauses the whole target for so long', async (_, headers) => {
  let refusedAt = 0;
  const { world } = await importInto(
    (number, at) => {
      if (number !== 3) return undefined;
      refusedAt = at + 20;
      return { status: 429, headers: headers(Date.UTC(2026, 0, 15, 12)) };
    },
    { count: 5_000, dispatch: { concurrency: 1 } },
  );
  const later = world.didomi.calls.filter(({ at }) => at > refusedAt);
  expect(later.length).toBeGreaterThan(40);
  expect(Math.min(...later.map(({ at }) => at))).toBeGreaterThanOrEqual(refusedAt + 30_000);
});

test('a wait that was asked for is kept by the next run too', async () => {
  const content = new LedgerContent();
  const clock = new VirtualClock();
  const text = eventLines(10).join('\n');
  const first = new World({
    content,
    clock,
    fate: ({ route }) => (route === 'events' ? { status: 429, headers: { 'retry-after': '120' } } : undefined),
  });
  const running = await clock.run(first.start([memoryInput('a.jsonl', text, clock)]));
  await clock.run(clock.sleep(10_000));
  const askedAt = first.didomi.eventCalls[0]!.at + 20;
  running.interrupt('SIGTERM');
  expect((await clock.run(running.result)).tally.events).toMatchObject({ read: 10, undelivered: 10 });
  const second = new World({ content, clock });
  const result = await second.import([memoryInput('a.jsonl', text, clock)]);
  expect(result.tally.events.delivered).toBe(10);
  expect(second.didomi.calls[0]!.at).toBeGreaterThanOrEqual(askedAt + 120_000);
});

test('a wait that the sessions route asked for is kept by the next run too', async () => {
  const content = new LedgerContent();
  const clock = new VirtualClock();
  const busy = new World({
    ...{ content, clock },
    fate: ({ route }) => (route === 'sessions' ? { status: 429, headers: { 'retry-after': '300' } } : undefined),
  });
  const running = await clock.run(busy.start([memoryInput('a.jsonl', eventLine('e', 'p'), clock)]));
  await clock.run(clock.sleep(100_000));
  expect(busy.didomi.calls).toHaveLength(1);
  running.interrupt('SIGINT');
  await clock.run(running.result);
  const next = new World({ content, clock });
  await next.import([memoryInput('a.jsonl', eventLine('e', 'p'), clock)]);
  expect(next.didomi.calls[0]!.at).toBeGreaterThanOrEqual(busy.didomi.calls[0]!.at + 300_000);
});

test('a longer wait than --max-wait ends the run, and the next one too while it lasts', async () => {
  const content = new LedgerContent();
  const clock = new VirtualClock();
  const world = new World({
    ...{ content, clock },
    fate: ({ route }) => (route === 'events' ? { status: 429, headers: { 'retry-after': '7200' } } : undefined),
  });
  const input = memoryInput('a.jsonl', eventLine('e', 'p'), clock);
  const result = await world.import([input]);
  expect(result.stop).toEqual({
    reason: 'unavailable',
    message: 'the target asked for a wait of 2h, and --max-wait allows 1h5m; run the same command again after that',
  });
  const next = new World({ content, clock });
  expect((await next.import([input])).stop!.reason).toBe('unavailable');
  expect(next.didomi.calls).toEqual([]);
  await clock.run(clock.sleep(7_200_000));
  expect((await next.import([input])).tally.events.delivered).toBe(1);
});

test.each([
  ['is down', { failure: 'unreachable' }, {}],
  ['always says 503', { status: 503 }, {}],
  ['always says 429 and asks for no wait', { status: 429 }, {}],
  ['always says 429 and asks for a wait of nothing', { status: 429, headers: { 'retry-after': '0' } }, {}],
  ['always says 503 and asks for a wait of nothing', { status: 503, headers: { 'retry-after': '0' } }, {}],
  ['is down, with a rate set', { failure: 'unreachable' }, { maxRequestsPerMinute: 1_200 }],
  ['is down, with a low rate set', { failure: 'unreachable' }, { maxRequestsPerMinute: 1 }],
] as const)('when the target %s, the run gives up in time and hammers nothing', async (_, fate, change) => {
  const { world, result } = await importInto(() => fate, { count: 3_000, ...change });
  expect(result.stop!.reason).toBe('unavailable');
  expect(result.stop!.message).toMatch(
    /^gave up: the target has taken nothing for 10m \(last: (it was unreachable|status (503|429))\); check --api-url and the network, and run the same command again$/,
  );
  expect(world.clock.monotonic()).toBeGreaterThanOrEqual(10 * MINUTE);
  expect(world.clock.monotonic()).toBeLessThan(11 * MINUTE);
  expect(world.didomi.calls.length).toBeLessThan(150);
  expect(result.tally.events).toMatchObject({ read: 3_000, undelivered: 3_000 });
});

test.each([
  ['is unreachable', { failure: 'unreachable' }, 'it was unreachable'],
  ['answers with 503', { status: 503 }, 'no session token was handed out'],
] as const)('when the sessions route %s, the run gives up in time', async (_, fate, trouble) => {
  const world = new World({ fate: ({ route }) => (route === 'sessions' ? fate : undefined) });
  const result = await world.import([memoryInput('a.jsonl', eventLine('e', 'p'), world.clock)]);
  expect(result.stop!.message).toBe(
    `gave up: the target has taken nothing for 10m (last: ${trouble}); check --api-url and the network, and run the same command again`,
  );
  expect(world.didomi.calls.length).toBeLessThan(60);
});

test('waits that the target asks for do not count for --give-up-after', async () => {
  const { result } = await importInto(
    (number) => (number <= 20 ? { status: 429, headers: { 'retry-after': '240' } } : undefined),
    { count: 10 },
  );
  expect(result.tally.events.delivered).toBe(10);
});

test('a run resumes by itself when the target returns, at one probe at a time', async () => {
  const { world, result } = await importInto(
    (_, at) => (at > 1_000 && at < 8 * MINUTE ? { failure: 'unreachable' } : undefined),
    { count: 20_000, dispatch: { concurrency: 4 } },
  );
  expect(result.stop).toBeUndefined();
  expect(result.tally.events.delivered).toBe(20_000);
  const probes = world.didomi.calls.filter(({ at }) => at > 3_000 && at < 8 * MINUTE);
  expect(probes.length).toBeGreaterThan(10);
  expect(probes.length).toBeLessThan(60);
  const returned = world.didomi.calls.find(({ at }) => at >= 8 * MINUTE)!;
  expect(returned.at).toBeLessThan(8 * MINUTE + 31_000);
});

test('one renewal serves all requests that meet the 401, however many', async () => {
  const world = new World({
    fate: ({ route, at, token }) =>
      route === 'events' && at > 200 && token === 'token-1' ? { status: 401 } : undefined,
  });
  const result = await world.import([memoryInput('a.jsonl', eventLines(10_000).join('\n'), world.clock)]);
  expect(world.didomi.sessionCalls).toHaveLength(2);
  expect(result.tally.events.delivered).toBe(10_000);
});

test('a second 401, on the token that was just handed out, ends the run', async () => {
  const { world, result } = await importInto(() => ({ status: 401 }));
  expect(world.didomi.sessionCalls).toHaveLength(2);
  expect(world.didomi.eventCalls.length).toBe(2);
  expect(result.stop).toEqual({
    reason: 'auth',
    message:
      'the target refused a session token that it had just handed out (status 401): check that the key may use the Consents API of this organization',
  });
  expect(result.tally.events).toMatchObject({ read: 100, undelivered: 100 });
});

test.each([400, 401, 403])('a session refused with %i ends the run at once', async (status) => {
  const world = new World({ fate: ({ route }) => (route === 'sessions' ? { status } : undefined) });
  const result = await world.import([memoryInput('a.jsonl', eventLines(10).join('\n'), world.clock)]);
  expect(world.didomi.calls).toHaveLength(1);
  expect(result.stop).toEqual({
    reason: 'auth',
    message: `the target refused the credentials (status ${status} when asked for a session): check DIDOMI_API_KEY and DIDOMI_API_SECRET, or the file of --credentials-file`,
  });
});

test.each([
  [403, 'auth', 'the target forbids this (status 403): check --organization-id, and that the key has rights to it'],
  [404, 'unavailable', 'the target answered with status 404, as no such API does: check --api-url'],
  [302, 'unavailable', 'the target answered with status 302, as no such API does: check --api-url'],
])('a %i ends the run at once', async (status, reason, message) => {
  const { result } = await importInto(() => ({ status }), { count: 1_000 });
  expect(result.stop).toEqual({ reason, message });
  expect(result.tally.requests.sent).toBeLessThanOrEqual(5);
  expect(result.tally.events).toMatchObject({ read: 1_000, undelivered: 1_000 });
});

test('a token whose life seems to be over is tried, not asked for again and again', async () => {
  const claims = btoa(JSON.stringify({ iat: 0, exp: 1e-9 }));
  const world = new World({
    fate: ({ route }) =>
      route === 'sessions' ? { status: 200, body: { access_token: `a.${claims}.c` } } : { status: 200, body: [] },
  });
  const result = await world.import([memoryInput('a.jsonl', eventLines(200).join('\n'), world.clock)]);
  expect(world.didomi.sessionCalls.length).toBe(1);
  expect(result.tally.events.delivered).toBe(200);
});

test('a success that no such API gives is tried three times more, then ends the run', async () => {
  const { world, result } = await importInto(() => ({ status: 200, body: '<html>Log in</html>' }));
  expect(world.didomi.eventCalls).toHaveLength(4);
  expect(result.stop!.message).toBe(
    'the target answered 4 times with what is no answer of such an API (a proxy or a login page, perhaps): check --api-url and the network',
  );
  expect(result.tally.events.undelivered).toBe(100);
});

test.each(['strict', 'batch'] as const)(
  'an event in doubt holds back what comes later of each of its subjects, and of theirs (--order %s)',
  async (order) => {
    const before = new World();
    await before.import([memoryInput('a.jsonl', eventLine('doubt', 'p'), before.clock)]);
    const { content } = before.ledger;
    for (const [key, record] of content.records) content.records.set(key, { ...record, state: 'inDoubt' });
    const world = new World({ content });
    const both = (id: string, person: string, device: string): string =>
      eventLine(id, '', { user: { organization_user_id: person, id: device } });
    const lines = [
      eventLine('doubt', 'p'),
      both('held', 'p', 'd'),
      both('held-too', 'q', 'd'),
      eventLine('held-at-last', 'q'),
      eventLine('free', 'r'),
    ];
    const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)], { dispatch: { order } });
    expect(world.didomi.taken).toEqual(['free']);
    expect(result.tally.events).toMatchObject({ read: 5, delivered: 1, inDoubt: 1, undelivered: 3 });
  },
);

test.each([
  ['can not be read', 'the ledger can not be read'],
  ['can not be written', 'the ledger can not be written: no space left on device'],
])('when the ledger %s, the run ends and its accounts balance', async (how, message) => {
  const world = new World();
  if (how === 'can not be read') world.ledger.failLookups = true;
  else world.ledger.failFrom = 3;
  const result = await world.import([memoryInput('a.jsonl', eventLines(5_000).join('\n'), world.clock)]);
  expect(result.stop).toEqual({ reason: 'storage', message });
  expect(result.tally.events.read).toBeGreaterThan(0);
});

test('when the rejects file can not be written, the run ends and its accounts balance', async () => {
  const world = new World();
  world.rejects.failFrom = 2;
  const lines = eventLines(1_000).map((line, i) => (i % 10 === 0 ? `${line},` : line));
  const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)]);
  expect(result.stop).toEqual({
    reason: 'storage',
    message: 'the rejects file can not be written: no space left on device',
  });
});
