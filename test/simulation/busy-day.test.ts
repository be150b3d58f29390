import { describe, expect, it } from 'vitest';
import { type BusyDay, playBusyDay } from './busy-day.js';

/** `npm run quota` plays the published 3,000,000 receipts a day; without it, a slice of them. */
const WHOLE = process.env['BUSY_DAY'] !== undefined;
const PER_DAY = WHOLE ? undefined : 12_000;
const A_DAY = WHOLE ? 3_000_000 : 12_000;
const PLAIN: BusyDay = {
  ...{ receipts: Math.round(A_DAY * 1.05), body: 'object', seed: 1, kills: 0, trouble: 0 },
  ...(PER_DAY !== undefined && { perDay: PER_DAY }),
};
const LONG = 1_800_000;

describe('a day of receipts', () => {
  it.each(['object', 'array'] as const)(
    'fills quota and minutes to at least 98 %, and passes neither, with %s bodies',
    async (body) => {
      const outcome = await playBusyDay({ ...PLAIN, body });
      const [first, second] = [...outcome.takenByDay.values()];
      expect(first).toBe(A_DAY);
      expect(second).toBe(PLAIN.receipts - A_DAY);
      expect(outcome.over).toEqual({ minute: 0, day: 0 });
      expect(outcome.mostPerMinute).toBeLessThanOrEqual(3_000);
      if (body === 'object') {
        expect(outcome.fullMinutes.length).toBeGreaterThanOrEqual(2);
        expect(Math.min(...outcome.fullMinutes)).toBeGreaterThanOrEqual(0.98 * 3_000);
      }
      expect(outcome).toMatchObject({ twice: 0, taken: PLAIN.receipts, inDoubt: 0 });
      expect(outcome.runs.map(({ stop }) => stop?.reason)).toEqual(['limit', undefined, undefined]);
    },
    LONG,
  );

  it(
    'passes neither of them with kills, lost answers and demands to wait, nor takes a receipt twice',
    async () => {
      const seeds = WHOLE ? [1] : [1, 2];
      for (const seed of seeds) {
        const body = seed % 2 === 0 ? 'object' : 'array';
        const outcome = await playBusyDay({ ...PLAIN, seed, body, kills: WHOLE ? 20 : 5, trouble: 0.002 });
        expect(outcome.over, `seed ${seed}`).toEqual({ minute: 0, day: 0 });
        expect(outcome.mostPerMinute, `seed ${seed}`).toBeLessThanOrEqual(3_000);
        for (const taken of outcome.takenByDay.values()) expect(taken).toBeLessThanOrEqual(A_DAY);
        expect(outcome.twice, `seed ${seed}`).toBe(0);
        // Each one was taken, or stands in the ledger as in doubt.
        expect(outcome.taken + outcome.inDoubt, `seed ${seed}`).toBeGreaterThanOrEqual(PLAIN.receipts);
        expect(outcome.runs.some(({ stop }) => stop?.reason === 'storage')).toBe(true);
      }
    },
    LONG,
  );

  it(
    'keeps to what the account has, once a 429 has told it',
    async () => {
      const outcome = await playBusyDay({ ...PLAIN, accountPerMinute: 1_000 });
      expect(outcome.over.minute).toBeGreaterThan(0);
      // What was in flight when the first one came.
      expect(outcome.over.minute).toBeLessThanOrEqual(8);
      expect(outcome).toMatchObject({ twice: 0, taken: PLAIN.receipts, inDoubt: 0 });
    },
    LONG,
  );
});
