import { describe, expect, test } from 'vitest';
import { ConcurrencyController } from '../../src/core/concurrency.js';

interface Answer {
  readonly rttMs: number;
  readonly strained?: boolean;
}

/** Keeps as many requests in flight as the controller allows. Returns the level after each millisecond. */
function play(most: number, spanMs: number, target: (inFlight: number, at: number) => Answer): number[] {
  const controller = new ConcurrencyController(most);
  const levels: number[] = [];
  const open: { readonly at: number; readonly endsAt: number; readonly strained: boolean }[] = [];
  for (let now = 0; now < spanMs; now += 1) {
    for (let i = open.length - 1; i >= 0; i -= 1) {
      const { at, endsAt, strained } = open[i]!;
      if (endsAt > now) continue;
      controller.answered(now - at, strained, open.length, now);
      open.splice(i, 1);
    }
    while (open.length < controller.level) {
      const { rttMs, strained = false } = target(open.length + 1, now);
      open.push({ at: now, endsAt: now + Math.max(1, rttMs), strained });
    }
    levels.push(controller.level);
  }
  return levels;
}

function mean(levels: readonly number[]): number {
  return levels.reduce((sum, level) => sum + level, 0) / levels.length;
}

/** A noise between -1 and 1 that always is the same. */
function noise(at: number): number {
  return Math.sin(at * 12.9898) * Math.cos(at * 78.233);
}

test('it begins at 4, or at the most if that is lower', () => {
  expect(new ConcurrencyController(64).level).toBe(4);
  expect(new ConcurrencyController(1).level).toBe(1);
});

test('a steady target is used in full within a few round trips, and never beyond the most', () => {
  const levels = play(64, 5_000, (_, at) => ({ rttMs: 50 + 10 * noise(at) }));
  expect(levels.indexOf(64)).toBeLessThan(50 * 10);
  expect(Math.max(...levels)).toBe(64);
  expect(mean(levels.slice(1_000))).toBeGreaterThan(60);
});

test('a target that takes 20 at a time and refuses more is kept between 16 and 21', () => {
  const levels = play(64, 30_000, (inFlight) => ({ rttMs: 30, strained: inFlight > 20 }));
  const late = levels.slice(2_000);
  expect(Math.max(...late)).toBeLessThanOrEqual(21);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(16);
  expect(mean(late)).toBeGreaterThan(18);
});

test('when the round trips become much longer at once, the level falls, and rises again when that is the new usual', () => {
  const levels = play(32, 60_000, (_, at) => ({ rttMs: at < 10_000 ? 40 : 400 }));
  expect(levels[9_999]).toBe(32);
  expect(Math.min(...levels.slice(10_000, 14_000))).toBeLessThan(31);
  expect(levels.at(-1)).toBe(32);
});

test('round trips that grow slowly by as much as half do not shrink the level', () => {
  const levels = play(32, 60_000, (_, at) => ({ rttMs: 100 + at / 1_200 }));
  expect(Math.min(...levels.slice(5_000))).toBe(32);
});

test('under a load that comes and goes the level follows it', () => {
  const capacity = (at: number): number => 6 + Math.floor((at % 10_000) / 500);
  const levels = play(64, 60_000, (inFlight, at) => ({ rttMs: 25, strained: inFlight > capacity(at) }));
  const late = levels.slice(10_000);
  const over = late.filter((level, i) => level > capacity(i + 10_000) + 1).length;
  expect(over / late.length).toBeLessThan(0.15);
  expect(mean(late)).toBeGreaterThan(9);
});

test('while nothing gets through the level is 1 after half a minute, and it is back soon after', () => {
  const levels = play(32, 60_000, (_, at) => ({ rttMs: 20, strained: at > 10_000 && at < 40_000 }));
  expect(levels[39_000]).toBe(1);
  expect(levels.findIndex((level, at) => at > 40_000 && level === 32) - 40_000).toBeLessThan(32 * 25);
});

test('one refusal in a round trip shrinks the level by a tenth, not more', () => {
  let refused = false;
  const levels = play(40, 3_000, (_, at) => {
    const strained = at > 2_000 && !refused;
    refused ||= strained;
    return { rttMs: 50, strained };
  });
  expect(levels[2_000]).toBe(40);
  expect(Math.min(...levels.slice(2_000))).toBe(36);
});

test('a level that is not used in full does not grow', () => {
  const controller = new ConcurrencyController(64);
  for (let now = 0; now < 10_000; now += 50) controller.answered(20, false, 2, now);
  expect(controller.level).toBe(4);
});

describe('after an outage', () => {
  test('it begins low, and doubles up to half of what was good before', () => {
    const controller = new ConcurrencyController(64);
    let now = 0;
    const answer = (): number => {
      now += 50;
      controller.answered(50, false, controller.level, now);
      return controller.level;
    };
    while (answer() < 64);
    controller.restart(now);
    expect(controller.level).toBe(4);
    const levels = Array.from({ length: 12 }, answer);
    expect(levels.filter((level) => level <= 32)).toEqual([8, 16, 32]);
    expect(levels.slice(3, 6)).toEqual([33, 34, 35]);
  });
});
