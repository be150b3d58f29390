import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf, isDateTime } from '../../src/targets/date-time.js';

describe('isDateTime', () => {
  it('takes seconds, fractions, and offsets in every spelling', () => {
    for (const text of [
      '2020-06-03T21:28:55Z',
      '2020-06-03T21:28:55.1Z',
      '2020-06-03T21:28:55.123456789Z',
      '2020-06-03T23:28:55+02:00',
      '2020-06-03T23:28:55.123-0330',
      '2020-06-03T23:28:55+02',
      '2020-06-03t21:28:55z',
      '2020-02-29T00:00:00Z',
      '2016-12-31T23:59:60Z',
      '2017-01-01T00:59:60+01:00',
      '2016-12-31T18:59:60-05:00',
    ]) {
      expect(isDateTime(text), text).toBe(true);
    }
  });

  it('refuses what names no point in time', () => {
    for (const text of [
      '',
      '2020-06-03',
      '2020-06-03T21:28:55',
      '2020-06-03T21:28:55.',
      '2020-06-03T21:28:55.Z',
      '2020-06-03T21:28Z',
      '2020-06-03 21:28:55Z',
      '2020-13-03T21:28:55Z',
      '2020-00-03T21:28:55Z',
      '2020-06-31T21:28:55Z',
      '2021-02-29T21:28:55Z',
      '1900-02-29T21:28:55Z',
      '2020-06-00T21:28:55Z',
      '2020-06-03T24:00:00Z',
      '2020-06-03T21:60:00Z',
      '2020-06-03T21:28:61Z',
      '2020-06-03T21:28:60Z',
      '2020-06-03T21:28:55+24:00',
      '2020-06-03T21:28:55+02:60',
      '2020-06-03T21:28:55+2:00',
      '2020-06-03T21:28:55+02:0',
      '2020-06-03T21:28:55Z ',
      ' 2020-06-03T21:28:55Z',
      '2020/06/03T21:28:55Z',
      '1591219735',
      'Wed, 03 Jun 2020 21:28:55 GMT',
      '20２0-06-03T21:28:55Z',
    ]) {
      expect(isDateTime(text), text).toBe(false);
    }
  });

  it('takes every date that JavaScript writes, and no such date with one character removed', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0000-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        fc.nat(18),
        (date, at) => {
          const text = date.toISOString();
          expect(isDateTime(text)).toBe(true);
          expect(isDateTime(text.slice(0, at) + text.slice(at + 1))).toBe(false);
        },
      ),
    );
  });

  it('agrees with Date.parse on which days there are', () => {
    const pad = (n: number) => String(n).padStart(2, '0');
    for (const year of [1900, 2000, 2023, 2024]) {
      for (let month = 0; month <= 13; month++) {
        for (let day = 0; day <= 32; day++) {
          const text = `${year}-${pad(month)}-${pad(day)}T00:00:00.000Z`;
          const time = Date.parse(text);
          expect(isDateTime(text), text).toBe(!Number.isNaN(time) && new Date(time).toISOString() === text);
        }
      }
    }
  });
});

describe('instantOf', () => {
  it('is what Date makes of every date that both understand', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
        fc.integer({ min: -14 * 60, max: 14 * 60 }),
        (date, offset) => {
          const text = date.toISOString();
          expect(instantOf(text)).toBe(date.getTime());
          const sign = offset < 0 ? '-' : '+';
          const two = (n: number): string => String(n).padStart(2, '0');
          const zone = `${sign}${two(Math.floor(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
          const local = text.replace('Z', zone);
          expect(instantOf(local)).toBe(Date.parse(local));
          expect(instantOf(local.replace(/:(\d\d)$/, '$1'))).toBe(Date.parse(local));
        },
      ),
    );
  });

  it('keeps what is finer than a millisecond, and takes a leap second for the next one', () => {
    expect(instantOf('1970-01-01T00:00:00.0005Z')).toBeCloseTo(0.5, 9);
    expect(instantOf('2016-12-31T23:59:60Z')).toBe(Date.parse('2017-01-01T00:00:00Z'));
  });

  it('is no number where the text is no point in time', () => {
    for (const text of ['', '2020-06-03', '2020-06-03T21:28:55', '2020-13-01T00:00:00Z']) {
      expect(instantOf(text), text).toBeNaN();
    }
  });
});
