import { expect, test } from 'vitest';
import { Timer } from '../../src/pipeline/timer.js';
import { VirtualClock } from '../fakes/virtual-clock.js';

async function ringsOf(set: (timer: Timer) => void, forMs = 1_000): Promise<number[]> {
  const clock = new VirtualClock();
  const rings: number[] = [];
  set(new Timer(clock, () => rings.push(clock.monotonic())));
  await clock.run(clock.sleep(forMs));
  return rings;
}

test('it rings once, at the earliest time that was asked for', async () => {
  const rings = await ringsOf((timer) => {
    for (const at of [500, 300, 400, 300]) timer.ringAt(at);
  });
  expect(rings).toEqual([300]);
});

test('a time that is past rings at once, but not before it returned', async () => {
  let isSet = false;
  const clock = new VirtualClock();
  const rung = new Promise<boolean>((resolve) => new Timer(clock, () => resolve(isSet)).ringAt(-5));
  isSet = true;
  expect(await clock.run(rung)).toBe(true);
});

test('it can be set anew while it rings', async () => {
  const clock = new VirtualClock();
  const rings: number[] = [];
  const timer: Timer = new Timer(clock, () => {
    rings.push(clock.monotonic());
    if (rings.length < 3) timer.ringAt(clock.monotonic() + 100);
  });
  timer.ringAt(100);
  await clock.run(clock.sleep(1_000));
  expect(rings).toEqual([100, 200, 300]);
});

test('a cancelled one does not ring', async () => {
  const rings = await ringsOf((timer) => {
    timer.ringAt(100);
    timer.cancel();
  });
  expect(rings).toEqual([]);
});
