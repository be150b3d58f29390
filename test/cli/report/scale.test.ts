import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { marks, timeMarks } from '../../../src/cli/report/scale.js';

describe('the marks of an axis', () => {
  it('are round, evenly spaced from 0, few, and reach the largest value', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e9, noNaN: true }), (most) => {
        const all = marks(most);
        expect(all[0]).toBe(0);
        expect(all.at(-1)).toBeGreaterThanOrEqual(most);
        expect(all.at(-2)).toBeLessThan(most);
        expect(all.length).toBeLessThanOrEqual(6);
        expect(String(all[1]!.toExponential()[0])).toMatch(/[125]/);
      }),
    );
    expect(marks(0.3)).toEqual([0, 0.1, 0.2, 0.3]);
    expect(marks(0)).toEqual([0, 1]);
  });

  it('of a time axis stay within it, and say the time as people do', () => {
    const labels = (ms: number): string =>
      timeMarks(ms)
        .map(({ label }) => label)
        .join(', ');
    expect(labels(1_100)).toBe('0, 0.2 s, 0.4 s, 0.6 s, 0.8 s, 1 s');
    expect(labels(56_000)).toBe('0, 10 s, 20 s, 30 s, 40 s, 50 s');
    expect(labels(95_000)).toBe('0, 30 s, 1:00 min, 1:30 min');
    expect(labels(604_000)).toBe('0, 2 min, 4 min, 6 min, 8 min, 10 min');
    expect(labels(7_000_000)).toBe('0, 30 min, 1:00 h, 1:30 h');
    expect(labels(3 * 86_400_000)).toBe('0, 12 h, 24 h, 36 h, 48 h, 60 h, 72 h');
    expect(timeMarks(365 * 86_400_000).length).toBeLessThanOrEqual(7);
  });
});
