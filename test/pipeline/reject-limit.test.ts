import { expect, test } from 'vitest';
import { newTally } from '../../src/core/tally.js';
import { RejectLimit } from '../../src/pipeline/reject-limit.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLines, World } from '../fakes/world.js';

function limitOf(max: ConstructorParameters<typeof RejectLimit>[0]) {
  const tally = newTally();
  return { tally, limit: new RejectLimit(max, tally) };
}

test('a number allows exactly so many rejects, wherever they were rejected', () => {
  const { tally, limit } = limitOf({ kind: 'count', most: 3 });
  Object.assign(tally.events, { read: 10, rejected: 3 });
  tally.rejectedByReason.refused = 2;
  expect(limit.exceeded()).toBeUndefined();
  tally.events.rejected = 4;
  expect(limit.exceeded()).toBe('4 events were rejected, and --max-rejects allows 3');
});

test('a percentage is held against the records decoded, from 500 on', () => {
  const { tally, limit } = limitOf({ kind: 'percent', most: 50 });
  Object.assign(tally.events, { read: 499, rejected: 499 });
  expect(limit.exceeded()).toBeUndefined();
  Object.assign(tally.events, { read: 500, rejected: 250 });
  expect(limit.exceeded()).toBeUndefined();
  tally.events.rejected = 251;
  expect(limit.exceeded()).toBe('251 of the first 500 records were rejected, and --max-rejects allows 50%');
});

test('a percentage is held against the events that the target answered for, however much was read ahead', () => {
  const { tally, limit } = limitOf({ kind: 'percent', most: 10 });
  tally.events.read = 20_000;
  for (let i = 0; i < 500; i += 1) {
    expect(limit.exceeded()).toBeUndefined();
    limit.answered(i % 9 === 0);
  }
  expect(limit.exceeded()).toBe('the target refused 56 of the first 500 events, and --max-rejects allows 10%');
});

test('none allows all', () => {
  const { tally, limit } = limitOf({ kind: 'none' });
  Object.assign(tally.events, { read: 5_000, rejected: 5_000 });
  expect(limit.exceeded()).toBeUndefined();
});

/** Imports lines that come as one block, the `bad` ones (from 0) rejected. */
async function importOneBlock(lines: number, bad: (at: number) => boolean) {
  const world = new World();
  const text = eventLines(lines).map((line, at) => (bad(at) ? '{}' : line));
  const result = await world.import([memoryInput('a.jsonl', text.join('\n'), world.clock)], {
    maxRejects: { kind: 'percent', most: 50 },
  });
  return { message: result.stop?.message, events: result.tally.events };
}

test('a percentage is looked at from record 500 on, also where what comes behind in the same block would hide it', async () => {
  const { message, events } = await importOneBlock(1_500, (at) => at < 300);
  expect(message).toMatch(/^stopped: 300 of the first 500 records were rejected, and --max-rejects allows 50%;/);
  expect(events).toEqual({ ...events, delivered: 0, rejected: 300, undelivered: events.read - 300 });
});

test('a percentage is looked at with every reject after that', async () => {
  const { message } = await importOneBlock(2_500, (at) => at >= 400 && at < 900);
  expect(message).toMatch(/^stopped: 401 of the first 801 records were rejected/);
});

test('a percentage that is reached, and not passed, lets a run go on', async () => {
  const { message, events } = await importOneBlock(1_500, (at) => at < 250);
  expect(message).toBeUndefined();
  expect(events).toMatchObject({ delivered: 1_250, rejected: 250 });
});
