import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Latencies } from '../../src/core/latencies.js';

function of(...all: readonly number[]): Latencies {
  const latencies = new Latencies();
  for (const ms of all) latencies.add(ms);
  return latencies;
}

const MS = fc.double({ min: 1, max: 3_600_000, noNaN: true });

describe('latencies', () => {
  it('give each quantile within 2.5 %, however many there are', () => {
    fc.assert(
      fc.property(fc.array(MS, { minLength: 1, maxLength: 200 }), fc.constantFrom(0.5, 0.95, 0.99, 1), (all, part) => {
        const exact = [...all].sort((a, b) => a - b)[Math.ceil(all.length * part) - 1]!;
        const told = of(...all).quantile(part)!;
        expect(Math.abs(told / exact - 1)).toBeLessThan(0.0251);
      }),
    );
  });

  it('of two runs are the same as those of both', () => {
    fc.assert(
      fc.property(fc.array(MS), fc.array(MS), fc.double({ min: 0, max: 1, noNaN: true }), (a, b, part) => {
        const merged = of(...a);
        merged.merge(of(...b));
        expect(merged.count).toBe(a.length + b.length);
        expect(merged.quantile(part)).toBe(of(...a, ...b).quantile(part));
      }),
    );
  });

  it('know no quantile of nothing, and take what is out of bounds for the bound', () => {
    expect(of().quantile(0.5)).toBeUndefined();
    expect(of(0, 0.2).quantile(1)).toBe(1);
    expect(of(Number.MAX_VALUE).quantile(1)).toBe(of(3_700_000).quantile(1));
  });
});
