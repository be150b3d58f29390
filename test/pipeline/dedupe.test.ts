import fc from 'fast-check';
import { expect, test } from 'vitest';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, eventLines, World } from '../fakes/world.js';

async function deliveredBefore(lines: readonly string[]) {
  const world = new World();
  await world.import([memoryInput('before.jsonl', lines.join('\n'), world.clock)], { run: 'run-0' });
  for (const [key, record] of world.ledger.content.records)
    world.ledger.content.records.set(key, { ...record, run: 'run-0' });
  return world.ledger.content;
}

test('what the ledger holds is decided by its content, though an event with other content comes first', async () => {
  const content = await deliveredBefore([eventLine('same', 'p')]);
  const world = new World({ content });
  const lines = [eventLine('same', 'p', { domain: 'other' }), eventLine('same', 'p'), eventLine('same', 'p')];
  const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)]);
  expect(result.tally.events).toMatchObject({ read: 3, duplicate: 2, rejected: 1 });
  expect(world.rejects.records).toEqual([
    {
      origin: { file: 'a.jsonl', line: 1 },
      reason: 'conflicting_duplicate',
      errors: [
        {
          path: '',
          message: 'its id was delivered with other content',
          detail: 'its id was delivered with other content: run run-0, before.jsonl:1',
        },
      ],
      text: lines[0],
    },
  ]);
});

test('with --on-conflict skip an id that was delivered with other content is a duplicate', async () => {
  const content = await deliveredBefore([eventLine('same', 'p')]);
  const world = new World({ content });
  const lines = [eventLine('same', 'p', { domain: 'other' }), eventLine('new', 'p'), eventLine('new', 'p', { n: 1 })];
  const result = await world.import([memoryInput('a.jsonl', lines.join('\n'), world.clock)], { onConflict: 'skip' });
  expect(result.tally.events).toMatchObject({ read: 3, delivered: 1, duplicate: 2 });
  expect(result.tally.duplicates).toEqual({ ledger: 1, input: 1, target: 0 });
});

test('repeats that come while the first is looked up, in flight, being recorded, or recorded, are never sent', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(20), fc.nat(2)), { minLength: 1, maxLength: 120 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 0, max: 60 }),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 0, max: 40 }),
      async (records, batchEvents, waitMs, lookupMs, writeMs) => {
        const world = new World();
        Object.assign(world.ledger, { lookupMs, writeMs });
        const lines = records.map(([id, content]) => eventLine(`e${id}`, `p${id % 5}`, { domain: `d${content}` }));
        const input = memoryInput('a.jsonl', lines.join('\n'), world.clock, { chunkBytes: 300, waitMs });
        const result = await world.import([input], { dispatch: { batch: { events: batchEvents, bytes: 1e6 } } });
        const first = new Map<number, number>();
        for (const [id, content] of records) if (!first.has(id)) first.set(id, content);
        expect(result.tally.events).toMatchObject({
          delivered: first.size,
          duplicate: records.filter(([id, content]) => first.get(id) === content).length - first.size,
          rejected: records.filter(([id, content]) => first.get(id) !== content).length,
        });
        expect(world.didomi.eventCalls.flatMap(({ events }) => events)).toHaveLength(first.size);
      },
    ),
    { numRuns: 60 },
  );
});

test('repeats of an event that is not sent in the end share that, and the next run sends one of them', async () => {
  const world = new World({ fate: ({ route }) => (route === 'events' ? { status: 403 } : undefined) });
  const text = [...eventLines(5), ...eventLines(5)].join('\n');
  const result = await world.import([memoryInput('a.jsonl', text, world.clock)]);
  expect(result.tally.events).toMatchObject({ read: 10, undelivered: 10 });
  const next = new World({ content: world.ledger.content });
  const again = await next.import([memoryInput('a.jsonl', text, next.clock)]);
  expect(again.tally.events).toMatchObject({ read: 10, delivered: 5, duplicate: 5 });
});
