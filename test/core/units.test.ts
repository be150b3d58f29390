import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatMaxRejects,
  formatSize,
  formatTime,
  type MaxRejects,
  parseMaxRejects,
  parseSize,
  parseTime,
} from '../../src/core/units.js';

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['4096', 4096],
    ['1B', 1],
    ['512KiB', 524_288],
    ['512 kib', 524_288],
    ['1MiB', 1_048_576],
    ['10MB', 10_000_000],
    ['2K', 2048],
    ['1.5GiB', 1_610_612_736],
    ['1.1kB', 1100],
  ])('reads %s', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
  });

  it.each(['', 'KiB', '-1', '1,5MiB', '1e6', '0x10', '1 TiBs', 'ten', '1.0001KB', '99999999999999999'])(
    'does not read "%s"',
    (text) => {
      expect(parseSize(text)).toBeUndefined();
    },
  );

  it('reads every size that it wrote', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (bytes) => {
        expect(parseSize(formatSize(bytes))).toBe(bytes);
      }),
    );
  });

  it('writes the shortest exact spelling', () => {
    expect([1024, 2 ** 20, 10_000_000, 1234, 1025, 0].map(formatSize)).toEqual([
      '1KiB',
      '1MiB',
      '10MB',
      '1234B',
      '1025B',
      '0B',
    ]);
  });
});

describe('times', () => {
  it.each([
    ['0', 0],
    ['500ms', 500],
    ['30s', 30_000],
    ['10m', 600_000],
    ['1h30m', 5_400_000],
    ['1.5h', 5_400_000],
    ['2d', 172_800_000],
    ['1m0.5s', 60_500],
    ['1S', 1000],
  ])('reads %s', (text, ms) => {
    expect(parseTime(text)).toBe(ms);
  });

  it.each(['', '30', '30 s', '-1s', '1m1h', '1s1s', '1.5ms', '..s', '1.2.3s', 'h', '1week'])(
    'does not read "%s"',
    (text) => {
      expect(parseTime(text)).toBeUndefined();
    },
  );

  it('reads every time that it wrote', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 86_400_000 }), (ms) => {
        expect(parseTime(formatTime(ms))).toBe(ms);
      }),
    );
  });
});

describe('limits of rejects', () => {
  it.each<[string, MaxRejects]>([
    ['none', { kind: 'none' }],
    ['0', { kind: 'count', most: 0 }],
    ['500', { kind: 'count', most: 500 }],
    ['50%', { kind: 'percent', most: 50 }],
    ['0.1 %', { kind: 'percent', most: 0.1 }],
    ['100%', { kind: 'percent', most: 100 }],
  ])('reads %s', (text, limit) => {
    expect(parseMaxRejects(text)).toEqual(limit);
    expect(parseMaxRejects(formatMaxRejects(limit))).toEqual(limit);
  });

  it.each(['', '101%', '-1', '1.5', 'all', '%', '100.1%'])('does not read "%s"', (text) => {
    expect(parseMaxRejects(text)).toBeUndefined();
  });
});
