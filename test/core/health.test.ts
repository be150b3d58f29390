import { expect, test } from 'vitest';
import { Health } from '../../src/core/health.js';

function failTimes(health: Health, times: number, at = 0): void {
  for (let i = 0; i < times; i += 1) health.failed(at, at);
}

test('ten failures in a row are an outage, and the next answer ends it', () => {
  const health = new Health(() => 0);
  failTimes(health, 9);
  expect(health.outage).toBe(false);
  expect(health.answered()).toBe(false);
  failTimes(health, 10);
  expect(health.outage).toBe(true);
  expect(health.answered()).toBe(true);
  expect(health.outage).toBe(false);
});

test('probes leave at growing waits: from half a second, never more than half a minute apart', () => {
  for (const lot of [0, 0.999_999]) {
    const health = new Health(() => lot);
    failTimes(health, 10, 1_000);
    const waits: number[] = [];
    let now = 1_000;
    for (let i = 0; i < 8; i += 1) {
      waits.push(Math.round(health.nextProbeAt - now));
      now = health.nextProbeAt;
      health.failed(now + 5, now);
      now += 5;
    }
    const ceilings = [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000];
    expect(waits).toEqual(ceilings.map((ms) => (lot === 0 ? ms / 2 : ms)));
  }
});

test('requests that left before the outage was noticed do not make the first wait longer', () => {
  const health = new Health(() => 0);
  for (let i = 0; i < 40; i += 1) health.failed(1_000 + i, 900);
  expect(health.nextProbeAt).toBe(1_009 + 500);
});

test('while things go well every batch may be tried again; a failing target gets one retry at a time', () => {
  const health = new Health(() => 0);
  for (let i = 0; i < 20; i += 1) {
    expect(health.allowsRetry(5)).toBe(true);
    health.retried();
  }
  expect(health.allowsRetry(1)).toBe(false);
  expect(health.allowsRetry(0)).toBe(true);
  health.answered();
  expect(health.allowsRetry(1)).toBe(false);
  health.answered();
  expect(health.allowsRetry(1)).toBe(true);
});

test('no more retries are saved up than twenty', () => {
  const health = new Health(() => 0);
  for (let i = 0; i < 1_000; i += 1) health.answered();
  for (let i = 0; i < 20; i += 1) health.retried();
  expect(health.allowsRetry(1)).toBe(false);
});
