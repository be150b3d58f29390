import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, eventLines, World } from '../fakes/world.js';

test('each event reaches the target once, byte for byte, and its id the ledger', async () => {
  const world = new World();
  const lines = eventLines(1_234).map((line, i) =>
    i % 3 === 0 ? line.replace('{', '{ "n": 1234567890123456789,') : line,
  );
  const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)]);
  expect(result.stop).toBeUndefined();
  expect(result.complete).toBe(true);
  expect(result.tally.events).toMatchObject({ read: 1_234, delivered: 1_234 });
  expect(result.tally.files[0]!.state).toBe('complete');
  const sent = world.didomi.eventCalls.map(({ body }) => body.slice(1, -1));
  expect(sent.join(',')).toBe(lines.join(','));
  expect(world.ledger.recorded).toHaveLength(1_234);
});

test('requests are full while there is enough to send', async () => {
  const world = new World();
  await world.import([memoryInput('a.jsonl', eventLines(1_000).join('\n'), world.clock)]);
  expect(world.didomi.eventCalls.map(({ events }) => events.length)).toEqual(Array(10).fill(100));
});

test('a request holds no more bytes than allowed, and a larger event travels alone', async () => {
  const world = new World();
  const lines = eventLines(50);
  lines[20] = eventLine('large', 'p', { metadata: { text: 'x'.repeat(5_000) } });
  await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)], {
    dispatch: { batch: { events: 100, bytes: 1_000 } },
  });
  for (const { body, events } of world.didomi.eventCalls) {
    if (events.some(({ id }) => id === 'large')) expect(events).toHaveLength(1);
    else expect(body.length).toBeLessThanOrEqual(1_000);
  }
  expect(world.didomi.taken).toHaveLength(50);
});

test('a second run of the same input sends nothing', async () => {
  const first = new World();
  const text = eventLines(300).join('\n');
  await first.import([memoryInput('a.jsonl', text, first.clock)]);
  const second = new World({ content: first.ledger.content });
  const result = await second.import([memoryInput('a.jsonl', text, second.clock)], { run: 'run-2' });
  expect(second.didomi.calls).toEqual([]);
  expect(result.tally.events).toMatchObject({ read: 300, duplicate: 300 });
});

test('an id is recorded only after the target acknowledged it', async () => {
  const world = new World();
  const before: number[] = [];
  const record = world.ledger.recordDelivered.bind(world.ledger);
  world.ledger.recordDelivered = (entries) => {
    before.push(world.ledger.recorded.length + entries.length - world.didomi.taken.length);
    return record(entries);
  };
  await world.import([memoryInput('a.jsonl', eventLines(1_000).join('\n'), world.clock)]);
  expect(before.length).toBeGreaterThan(0);
  expect(Math.max(...before)).toBeLessThanOrEqual(0);
});

test('equal records of one run are sent once and share the outcome', async () => {
  const world = new World({
    fate: ({ route, events }) =>
      route === 'events' && events.some(({ id }) => id === 'bad') ? { status: 400, body: { code: 400 } } : undefined,
  });
  const lines = [...eventLines(5), eventLine('bad', 'b'), ...eventLines(5), eventLine('bad', 'b')];
  const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)]);
  expect(result.tally.events).toMatchObject({ read: 12, delivered: 5, duplicate: 5, rejected: 2 });
  expect(result.tally.duplicates.input).toBe(5);
  expect(world.rejects.records.map(({ reason, origin }) => [reason, origin.line])).toEqual([
    ['refused', 6],
    ['refused', 12],
  ]);
});

test('an id that comes again with other content is rejected, wherever the first one is on its way', async () => {
  const world = new World();
  const lines = [eventLine('same', 'p'), ...eventLines(3_000), eventLine('same', 'p', { domain: 'other' })];
  const result = await world.import([
    memoryInput('a.jsonl', lines.join('\n'), world.clock, { chunkBytes: 50_000, waitMs: 50 }),
    memoryInput('b.jsonl', eventLine('same', 'p', { domain: 'third' }), world.clock),
  ]);
  expect(result.tally.rejectedByReason).toEqual({ conflicting_duplicate: 2 });
  expect(world.rejects.records.map(({ errors }) => errors[0]!.detail)).toEqual([
    'its id was delivered with other content: run run-1, a.jsonl:1',
    'its id was delivered with other content: run run-1, a.jsonl:1',
  ]);
});

test('ids that conflict count for --max-rejects', async () => {
  const world = new World();
  const lines = Array.from({ length: 50 }, (_, i) => eventLine('same', 'p', { domain: `d${i}` }));
  const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)], {
    maxRejects: { kind: 'count', most: 10 },
  });
  expect(result.stop).toEqual({
    reason: 'too_many_rejects',
    message:
      'stopped: 11 events were rejected, and --max-rejects allows 10; look at the rejects file, fix the input, and run the same command again',
  });
});

test('a subject never has two events in flight, and its events arrive in file order', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 30 }),
      fc.array(fc.tuple(fc.nat(12), fc.option(fc.nat(6))), { minLength: 1, maxLength: 300 }),
      fc.constantFrom('strict' as const, 'batch' as const),
      fc.integer({ min: 1, max: 20 }),
      fc.nat(1_000),
      async (concurrency, people, order, batchEvents, noise) => {
        let lot = noise + 1;
        const draw = (): number => {
          lot = (lot * 48_271) % 2_147_483_647;
          return lot / 2_147_483_647;
        };
        const world = new World({
          latencyMs: () => 1 + draw() * 200,
          fate: ({ route }) => {
            if (route === 'sessions') return undefined;
            const fate = draw();
            if (fate < 0.1) return { status: 503 };
            if (fate < 0.15) return { failure: 'lost', arrives: draw() < 0.5 };
            if (fate < 0.2) return { status: 429, headers: { 'retry-after': '1' } };
            return fate < 0.22 ? { status: 401 } : undefined;
          },
        });
        const lines = people.map(([person, device], i) => {
          const user = { organization_user_id: `p${person}`, ...(device === null ? {} : { id: `d${device}` }) };
          return eventLine(`e${i}`, '', { user });
        });
        const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)], {
          dispatch: { order, concurrency, batch: { events: batchEvents, bytes: 1_000_000 }, giveUpAfterMs: 86_400_000 },
        });
        if (result.stop?.reason === 'auth') return;
        expect(result.stop).toBeUndefined();
        expect(result.tally.events.delivered).toBe(lines.length);
        if (order === 'strict') expect([...world.didomi.overtaken]).toEqual([]);
        const place = new Map(world.didomi.taken.map((id, at) => [id, at]));
        const last = new Map<string, number>();
        people.forEach(([person, device], i) => {
          for (const subject of [`p${person}`, ...(device === null ? [] : [`d${device}`])]) {
            expect(place.get(`e${i}`)!).toBeGreaterThan(last.get(subject) ?? -1);
            last.set(subject, place.get(`e${i}`)!);
          }
        });
      },
    ),
    { numRuns: 60 },
  );
});

test('one person with ten thousand events in a row neither blocks the run nor breaks the window', async () => {
  const world = new World({ latencyMs: () => 1 });
  const lines = [...Array.from({ length: 10_000 }, (_, i) => eventLine(`h${i}`, 'hot')), ...eventLines(30_000)];
  const running = await world.clock.run(
    world.start([memoryInput('a.jsonl', lines.join('\n'), world.clock)], { dispatch: { giveUpAfterMs: 60_000 } }),
  );
  const result = await world.clock.run(running.result);
  expect(result.tally.events).toMatchObject({ read: 40_000, delivered: 40_000 });
  expect(running.windowPeak.events).toBeLessThan(21_000);
  expect(world.didomi.overtaken.size).toBe(0);
}, 120_000);

test('a batch that is not full leaves after a second of silence', async () => {
  const world = new World();
  const input = memoryInput('-', `${eventLines(3).join('\n')}\n`, world.clock, { neverEnds: true });
  const running = await world.clock.run(world.start([input]));
  await world.clock.run(world.clock.sleep(2_000));
  expect(world.didomi.taken).toEqual(['e0', 'e1', 'e2']);
  running.interrupt('SIGINT');
  const result = await world.clock.run(running.result);
  expect(result.stop).toEqual({
    reason: 'interrupted',
    signal: 'SIGINT',
    message: 'interrupted by SIGINT; run the same command again to go on',
  });
  expect(result.complete).toBe(false);
  expect(result.tally.events).toMatchObject({ read: 3, delivered: 3 });
});

test('while the window is full and answers are slow, nothing spins', async () => {
  const world = new World({ latencyMs: () => 20_000 });
  await world.import([memoryInput('a.jsonl', eventLines(300).join('\n'), world.clock, { chunkBytes: 500 })], {
    window: { events: 40, bytes: 1_000_000 },
    dispatch: { batch: { events: 25, bytes: 1_000_000 } },
  });
  expect(world.clock.sleeps).toBeLessThan(2_000);
});
