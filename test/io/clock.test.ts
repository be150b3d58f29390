import { expect, test } from 'vitest';
import { systemClock } from '../../src/io/clock.js';

test('a sleep is never shorter than asked for', async () => {
  for (const ms of [0, 0.3, 1, 7.7]) {
    const from = systemClock.monotonic();
    await systemClock.sleep(ms);
    expect(systemClock.monotonic() - from).toBeGreaterThanOrEqual(ms);
  }
});

test('a sleep ends when it is aborted, and at once when it was before', async () => {
  const abort = new AbortController();
  const sleeps = [3_600_000, 2 ** 40, Number.POSITIVE_INFINITY].map((ms) => systemClock.sleep(ms, abort.signal));
  setTimeout(() => abort.abort(), 5);
  await Promise.all(sleeps);
  await systemClock.sleep(3_600_000, abort.signal);
});

test('a sleep longer than a timer of Node can hold does not end early', async () => {
  const abort = new AbortController();
  let isOver = false;
  const sleep = systemClock.sleep(2 ** 31 + 5, abort.signal).then(() => {
    isOver = true;
  });
  await systemClock.sleep(20);
  expect(isOver).toBe(false);
  abort.abort();
  await sleep;
});

test('yielding lets what has arrived be handled first', async () => {
  const order: string[] = [];
  const answered = new Promise<void>((resolve) =>
    setImmediate(() => {
      order.push('answer');
      resolve();
    }),
  );
  await systemClock.yield();
  order.push('next block');
  await answered;
  expect(order).toEqual(['answer', 'next block']);
});

test('the time of day is the platform’s, and the monotonic one does not go back', () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1_000);
  const times = Array.from({ length: 1_000 }, () => systemClock.monotonic());
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
