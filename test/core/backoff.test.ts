import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equalJitter, fullJitter, PROBE_BACKOFF, RETRY_BACKOFF } from '../../src/core/backoff.js';

const ALMOST_ONE = 1 - 2 ** -53;

test('full jitter lies between nothing and a ceiling that doubles with each failure, up to half a minute', () => {
  const ceilings = [250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000];
  ceilings.forEach((ceiling, i) => {
    expect(fullJitter(RETRY_BACKOFF, i + 1, () => 0)).toBe(0);
    expect(fullJitter(RETRY_BACKOFF, i + 1, () => ALMOST_ONE)).toBeCloseTo(ceiling);
  });
});

test('equal jitter lies between half of the ceiling and the ceiling', () => {
  expect(equalJitter(PROBE_BACKOFF, 1, () => 0)).toBe(500);
  expect(equalJitter(PROBE_BACKOFF, 1, () => ALMOST_ONE)).toBeCloseTo(1_000);
  expect(equalJitter(PROBE_BACKOFF, 100, () => 0)).toBe(15_000);
});

test('however often it failed, a wait is a finite number and not longer than the cap', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1 }), fc.double({ min: 0, max: ALMOST_ONE, noNaN: true }), (failures, lot) => {
      for (const wait of [
        fullJitter(RETRY_BACKOFF, failures, () => lot),
        equalJitter(PROBE_BACKOFF, failures, () => lot),
      ]) {
        expect(wait).toBeGreaterThanOrEqual(0);
        expect(wait).toBeLessThanOrEqual(30_000);
      }
    }),
  );
});
