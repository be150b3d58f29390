import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { InputDamage } from '../../src/core/input.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, eventLines, World } from '../fakes/world.js';

test('--limit delivers exactly so many events, whatever the target does to them', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 260 }),
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 8 }),
      fc.nat(100),
      async (limit, batchEvents, concurrency, noise) => {
        let lot = noise + 1;
        const draw = (): number => {
          lot = (lot * 48_271) % 2_147_483_647;
          return lot / 2_147_483_647;
        };
        const world = new World({
          latencyMs: () => 1 + 100 * draw(),
          fate: ({ route, events }) => {
            if (route === 'sessions') return undefined;
            if (draw() < 0.1) return { failure: 'lost', arrives: draw() < 0.5 };
            if (events.some(({ id }) => id.endsWith('7'))) return { status: 400, body: {} };
            return undefined;
          },
        });
        const input = memoryInput('a.jsonl', eventLines(300, 200).join('\n'), world.clock, { chunkBytes: 3_000 });
        const result = await world.import([input], {
          dispatch: { limit, concurrency, batch: { events: batchEvents, bytes: 1e6 } },
        });
        expect(result.tally.events.delivered).toBe(limit);
        expect(result.stop?.reason).toBe('limit');
      },
    ),
    { numRuns: 40 },
  );
});

test('--limit as high as there are events is no reason to stop', async () => {
  const world = new World();
  const result = await world.import([memoryInput('a.jsonl', eventLines(250).join('\n'), world.clock)], {
    dispatch: { limit: 250 },
  });
  expect(result.stop).toBeUndefined();
  expect(result.tally.events.delivered).toBe(250);
});

test('--limit is noticed at once, though the target asked for a wait', async () => {
  const world = new World({
    fate: ({ route, events }) =>
      route === 'events'
        ? { status: 200, body: events, headers: { 'retry-after': '600', ratelimit: 'limit=9, remaining=0, reset=600' } }
        : undefined,
  });
  const result = await world.import([memoryInput('a.jsonl', eventLines(50).join('\n'), world.clock)], {
    dispatch: { limit: 10, batch: { events: 10, bytes: 1e6 } },
  });
  expect(result.tally.events.delivered).toBe(10);
  expect(result.stop!.reason).toBe('limit');
  expect(world.clock.monotonic()).toBeLessThan(10_000);
});

test('a run that stops over one of its records is complete just where it had read all of them', async () => {
  const seen = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(
      fc.nat(19),
      fc.integer({ min: 100, max: 3_000 }),
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (bad, chunkBytes, isArray, endsInLine, isLastInput) => {
        const world = new World();
        const lines: string[] = eventLines(20);
        lines[bad] = '{"no": "event"}';
        const text = isArray ? `[${lines.join(',\n')}]` : `${lines.join('\n')}${endsInLine ? '' : '\n'}`;
        const inputs = [memoryInput('a.jsonl', text, world.clock, { chunkBytes })];
        if (!isLastInput) inputs.push(memoryInput('b.jsonl', eventLine('b', 'p'), world.clock));
        const { stop, complete, tally } = await world.import(inputs, { maxRejects: { kind: 'count', most: 0 } });
        expect(stop?.reason).toBe('too_many_rejects');
        expect(complete).toBe(isLastInput && tally.events.read === 20);
        seen.add(complete);
      },
    ),
    { numRuns: 200 },
  );
  expect(seen.size).toBe(2);
});

test('--max-duration stops cleanly: what is in flight is finished', async () => {
  const world = new World({ latencyMs: () => 400 });
  const result = await world.import([memoryInput('a.jsonl', eventLines(30_000).join('\n'), world.clock)], {
    maxDurationMs: 5_000,
  });
  expect(result.stop).toEqual({
    reason: 'limit',
    message: 'stopped at --max-duration 5s; run the same command again to go on',
  });
  expect(result.complete).toBe(false);
  expect(world.didomi.taken).toHaveLength(result.tally.events.delivered);
  expect(world.clock.monotonic()).toBeLessThan(6_000);
});

test('a signal takes nothing new, starts no retry, and finishes what is in flight', async () => {
  const world = new World({
    latencyMs: () => 3_000,
    fate: ({ route, number }) => (route === 'events' && number === 2 ? { status: 503 } : undefined),
  });
  const input = memoryInput('a.jsonl', eventLines(30_000).join('\n'), world.clock);
  const running = await world.clock.run(world.start([input]));
  await world.clock.run(world.clock.sleep(4_000));
  const sent = world.didomi.calls.length;
  expect(running.progress()).toMatchObject({ phase: 'importing', inFlight: sent - 1 });
  running.interrupt('SIGTERM');
  expect(running.progress().phase).toBe('draining');
  const result = await world.clock.run(running.result);
  expect(world.didomi.calls).toHaveLength(sent);
  expect(result.stop).toMatchObject({ reason: 'interrupted', signal: 'SIGTERM' });
  expect(result.tally.events.delivered).toBe(world.didomi.taken.length);
  expect(result.tally.events.delivered).toBe((sent - 2) * 100);
  expect(world.ledger.recorded).toHaveLength(result.tally.events.delivered);
  expect(running.progress().phase).toBe('done');
});

test('what is in flight when the drain time ends is left, and sent by the next run', async () => {
  const world = new World({ latencyMs: ({ route }) => (route === 'events' ? 500_000 : 20) });
  const running = await world.clock.run(
    world.start([memoryInput('a.jsonl', eventLines(1_000).join('\n'), world.clock)], { drainTimeMs: 25_000 }),
  );
  await world.clock.run(world.clock.sleep(1_000));
  running.interrupt('SIGINT');
  const result = await world.clock.run(running.result);
  expect(world.clock.monotonic()).toBe(26_000);
  expect(result.tally.events).toMatchObject({ read: 1_000, undelivered: 1_000 });
  const next = new World({ content: world.ledger.content });
  const again = await next.import([memoryInput('a.jsonl', eventLines(1_000).join('\n'), next.clock)]);
  expect(again.tally.events.delivered).toBe(1_000);
});

test.each(['for a session', 'for events'])(
  'a second signal stops at once, while a request %s is in flight',
  async (what) => {
    const route = what === 'for events' ? 'events' : 'sessions';
    const world = new World({ latencyMs: (call) => (call.route === route ? 500_000 : 20) });
    const running = await world.clock.run(
      world.start([memoryInput('a.jsonl', eventLines(500).join('\n'), world.clock)]),
    );
    await world.clock.run(world.clock.sleep(1_000));
    running.interrupt('SIGINT');
    await world.clock.run(world.clock.sleep(500));
    running.interrupt('SIGINT');
    const result = await world.clock.run(running.result);
    expect(world.clock.monotonic()).toBe(1_500);
    expect(result.tally.events).toMatchObject({ read: 500, undelivered: 500 });
  },
);

test('a second signal stops at once also when the run was ending for another reason', async () => {
  const world = new World({ latencyMs: ({ route }) => (route === 'events' ? 500_000 : 20) });
  const running = await world.clock.run(
    world.start([memoryInput('a.jsonl', eventLines(500).join('\n'), world.clock)], { maxDurationMs: 1_000 }),
  );
  await world.clock.run(world.clock.sleep(2_000));
  running.interrupt('SIGTERM');
  await world.clock.run(world.clock.sleep(1_000));
  running.interrupt('SIGTERM');
  const result = await world.clock.run(running.result);
  expect(world.clock.monotonic()).toBe(3_000);
  expect(result.stop).toMatchObject({ reason: 'interrupted', signal: 'SIGTERM' });
});

test('of two reasons to stop the one stands that decides the exit code', async () => {
  const world = new World({
    latencyMs: () => 1_000,
    fate: ({ route }) => (route === 'events' ? { status: 403 } : undefined),
  });
  const running = await world.clock.run(world.start([memoryInput('a.jsonl', eventLine('e', 'p'), world.clock)]));
  await world.clock.run(world.clock.sleep(1_500));
  running.interrupt('SIGINT');
  const result = await world.clock.run(running.result);
  expect(result.stop!.reason).toBe('auth');
});

test('a signal ends a run that waits for an outage, a pause or an input at once', async () => {
  for (const fate of [{ failure: 'unreachable' }, { status: 429, headers: { 'retry-after': '600' } }] as const) {
    const world = new World({ fate: () => fate });
    const input = memoryInput('a.jsonl', eventLines(50_000).join('\n'), world.clock);
    const running = await world.clock.run(world.start([input]));
    await world.clock.run(world.clock.sleep(120_000));
    running.interrupt('SIGINT');
    await world.clock.run(running.result);
    expect(world.clock.monotonic()).toBeLessThan(120_100);
  }
});

test('the run balances and ends wherever a signal falls', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(1_500), fc.option(fc.nat(300)), fc.nat(1_000), async (at, secondAfter, noise) => {
      let lot = noise + 1;
      const draw = (): number => {
        lot = (lot * 48_271) % 2_147_483_647;
        return lot / 2_147_483_647;
      };
      const world = new World({
        latencyMs: () => 1 + 150 * draw(),
        fate: ({ route }) => {
          if (route === 'sessions') return undefined;
          const fate = draw();
          if (fate < 0.1) return { status: 503 };
          if (fate < 0.2) return { failure: 'lost', arrives: true };
          return fate < 0.3 ? { status: 400, body: {} } : undefined;
        },
      });
      const lines = eventLines(400, 90).map((line, i) => (i % 17 === 0 ? `${line}!` : line));
      const input = memoryInput('a.jsonl', lines.join('\n'), world.clock, { chunkBytes: 2_000, waitMs: 20 });
      const running = await world.clock.run(
        world.start([input], { dispatch: { batch: { events: 7, bytes: 1e6 } }, window: { events: 60, bytes: 9_000 } }),
      );
      await world.clock.run(world.clock.sleep(at));
      running.interrupt('SIGINT');
      if (secondAfter !== null) {
        await world.clock.run(world.clock.sleep(secondAfter));
        running.interrupt('SIGINT');
      }
      const { tally } = await world.clock.run(running.result, 60_000);
      const { read, delivered, duplicate, rejected, undelivered } = tally.events;
      expect(read).toBe(delivered + duplicate + rejected + undelivered);
      expect(world.ledger.recorded).toHaveLength(delivered + tally.duplicates.target);
      for (const { origin } of world.ledger.recorded) {
        expect(world.didomi.bytes.has(`e${origin.line - 1}`)).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});

const CUT_OFF: InputDamage = { code: 'cut_off', message: 'b.jsonl.gz is cut off' };

test('after an unreadable input the next one is read, unless that was not wanted', async () => {
  const world = new World();
  const inputs = [
    memoryInput('a.jsonl', `${eventLine('a', 'p')}\n`, world.clock),
    memoryInput('b.jsonl.gz', `${eventLine('b', 'q')}\n{"id":"half`, world.clock, { damage: CUT_OFF }),
    memoryInput('c.jsonl', eventLine('c', 'r'), world.clock),
  ];
  const result = await world.import(inputs);
  expect(world.didomi.taken).toEqual(['a', 'b', 'c']);
  expect(result.complete).toBe(false);
  expect(result.tally.files.map(({ state, damage }) => [state, damage])).toEqual([
    ['complete', undefined],
    ['unreadable', CUT_OFF],
    ['complete', undefined],
  ]);
  const other = new World();
  const stopped = await other.import(inputs, { onInputError: 'stop' });
  expect(other.didomi.taken).toEqual(['a', 'b']);
  expect(stopped.complete).toBe(false);
  expect(stopped.tally.files[2]!.state).toBe('unread');
});

test('damage that was found before is told, and what is intact imported', async () => {
  const world = new World();
  const inspection = { sha256: undefined, intactBytes: 10, damage: CUT_OFF };
  const result = await world.import([
    memoryInput('b.jsonl.gz', `${eventLine('b', 'q')}\n`, world.clock, { inspection }),
  ]);
  expect(world.didomi.taken).toEqual(['b']);
  expect(result.complete).toBe(false);
  expect(result.tally.files[0]).toMatchObject({ state: 'unreadable', damage: CUT_OFF, delivered: 1 });
});

test('a file that is no JSON lines is refused as a whole', async () => {
  const world = new World();
  const text = Array.from({ length: 150 }, (_, i) => `name;surname;${i}`).join('\n');
  const result = await world.import([
    memoryInput('people.csv', text, world.clock),
    memoryInput('short.csv', 'name;surname\n', world.clock),
  ]);
  expect(result.tally.files[0]).toMatchObject({ state: 'unreadable', read: 0 });
  expect(result.tally.files[0]!.damage!.message).toBe(
    'people.csv seems to be a table (CSV): none of its first 100 lines is valid JSON. Nothing of it was sent. Export it as JSON lines, one event per line, and import that.',
  );
  expect(result.tally.rejectedByReason).toEqual({ invalid_json: 1 });
});
