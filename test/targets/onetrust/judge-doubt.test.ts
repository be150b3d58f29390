import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CLOCKS_APART_MS,
  type DatedReceipt,
  judgeDoubt,
  windowAround,
} from '../../../src/targets/onetrust/judge-doubt.js';
import type { ReadReceipt } from '../../../src/targets/onetrust/read-receipt.js';
import type { SentReceipt } from '../../../src/targets/onetrust/sent-receipt.js';

const HOUR = 3_600_000;
const SENT = Date.UTC(2026, 0, 15, 12, 30);
const CHOSE = Date.UTC(2024, 4, 14);

const sent = (change: Partial<SentReceipt> = {}): SentReceipt => ({
  ...{ identifier: 'a', collectionPoint: 'p', date: CHOSE, purposes: [['news', 'CONFIRMED']], payloadId: undefined },
  ...change,
});
const read = (change: Partial<ReadReceipt> = {}): ReadReceipt => ({
  ...{ id: 'r', identifier: 'a', collectionPoint: 'p', interactionDate: CHOSE, created: SENT, customPayload: {} },
  ...{ purposes: [{ id: 'news', version: 1, transactionType: 'CONFIRMED' }], value: {} },
  ...change,
});
const doubt = (receipt = sent()): DatedReceipt => ({ receipt, sentAt: SENT });
const judge = (
  one: DatedReceipt,
  receipts: readonly ReadReceipt[],
  { others = [] as DatedReceipt[], delivered = [] as DatedReceipt[], complete = true, name = 'row' } = {},
) => judgeDoubt(one, [one, ...others], delivered, { receipts, complete, ...windowAround(one.sentAt) }, name);

describe('a receipt in doubt', () => {
  it('arrived when one of its person, date and purposes is there', () => {
    expect(judge(doubt(), [read()])).toBe('arrived');
    expect(judge(doubt(), [read({ interactionDate: CHOSE + 999 })])).toBe('arrived');
    expect(judge(doubt(), [read({ purposes: [{ id: 'news', version: undefined, transactionType: undefined }] })])).toBe(
      'arrived',
    );
  });

  it('surely arrived when its id is there, whatever else it looks like', () => {
    const one = doubt(sent({ payloadId: '7' }));
    expect(judge(one, [read({ customPayload: { row: '7' }, interactionDate: undefined, purposes: undefined })])).toBe(
      'arrived',
    );
    expect(judge(one, [read({ customPayload: { row: '8' } })])).toBe('not_taken');
    // Its payload is not shown, so it may be the one.
    expect(judge(one, [read({ customPayload: undefined })])).toBe('ambiguous');
  });

  it('was not taken when nothing is there, or only what is surely another', () => {
    expect(judge(doubt(), [])).toBe('not_taken');
    expect(judge(doubt(), [read({ interactionDate: CHOSE + 1000 })])).toBe('not_taken');
    expect(judge(doubt(), [read({ collectionPoint: 'q' })])).toBe('not_taken');
    expect(judge(doubt(), [], { complete: false })).toBe('not_all_read');
  });

  it('stays in doubt when what is there may be it', () => {
    const purposes = [{ id: 'news', version: 1, transactionType: 'PENDING' }];
    expect(judge(doubt(), [read({ purposes })])).toBe('ambiguous');
    expect(judge(doubt(), [read({ interactionDate: undefined })])).toBe('ambiguous');
    expect(judge(doubt(), [read({ identifier: 'A' })])).toBe('ambiguous');
    expect(judge(doubt(), [read({ created: SENT - CLOCKS_APART_MS - 1 })])).toBe('ambiguous');
    expect(judge(doubt(sent({ date: undefined })), [read()])).toBe('ambiguous');
  });

  it('is not mistaken for an equal one that was delivered, nor for another in doubt', () => {
    const equal = { receipt: sent(), sentAt: SENT + 60_000 };
    expect(judge(doubt(), [read()], { delivered: [equal] })).toBe('not_taken');
    expect(judge(doubt(), [read(), read({ id: 's' })], { delivered: [equal] })).toBe('arrived');
    expect(judge(doubt(), [read()], { others: [equal] })).toBe('ambiguous');
    expect(judge(doubt(), [read(), read({ id: 's' })], { others: [equal] })).toBe('arrived');
    // Whether it was made in the time that was read, nobody knows.
    const early = { receipt: sent(), sentAt: windowAround(SENT).from + HOUR };
    expect(judge(doubt(), [read()], { delivered: [early] })).toBe('ambiguous');
  });

  it('is never judged wrongly, whatever one person gave and when, with clocks an hour apart', () => {
    const record = fc.record({
      date: fc.constantFrom(CHOSE, CHOSE + 500, CHOSE + 60_000),
      purpose: fc.constantFrom('news', 'offers'),
      atMinutes: fc.integer({ min: -36 * 60, max: 36 * 60 }),
      answerMs: fc.integer({ min: 0, max: HOUR - 60_000 }),
      fate: fc.constantFrom('delivered', 'lost, taken', 'lost, not taken'),
    });
    const verdicts = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: -CLOCKS_APART_MS + 60_000, max: CLOCKS_APART_MS - 60_000 }),
        fc.boolean(),
        (records, apart, withIds) => {
          const all = records.map(({ date, purpose, atMinutes, answerMs, fate }, i) => {
            const madeAt = SENT + atMinutes * 60_000;
            const payloadId = withIds ? `${i}` : undefined;
            const receipt = sent({ date, purposes: [[purpose, 'CONFIRMED']], payloadId });
            const made = read({
              ...{ id: `${i}`, interactionDate: date, created: madeAt + apart, customPayload: { row: `${i}` } },
              purposes: [{ id: purpose, version: 1, transactionType: 'CONFIRMED' }],
            });
            return { fate, made, dated: { receipt, sentAt: fate === 'delivered' ? madeAt + answerMs : madeAt } };
          });
          const taken = all.filter(({ fate }) => fate !== 'lost, not taken').map(({ made }) => made);
          const delivered = all.filter(({ fate }) => fate === 'delivered').map(({ dated }) => dated);
          const doubts = all.filter(({ fate }) => fate !== 'delivered');
          for (const { fate, dated } of doubts) {
            const { from, to } = windowAround(dated.sentAt);
            const receipts = taken.filter(({ created = 0 }) => created >= from && created <= to);
            const around = { receipts, complete: true, from, to };
            const verdict = judgeDoubt(
              dated,
              doubts.map((one) => one.dated),
              delivered,
              around,
              'row',
            );
            verdicts.set(verdict, (verdicts.get(verdict) ?? 0) + 1);
            if (verdict === 'arrived') expect(fate).toBe('lost, taken');
            if (verdict === 'not_taken') expect(fate).toBe('lost, not taken');
            if (withIds) expect(verdict).not.toBe('ambiguous');
          }
        },
      ),
      { numRuns: 3000 },
    );
    for (const verdict of ['arrived', 'not_taken', 'ambiguous']) expect(verdicts.get(verdict)).toBeGreaterThan(100);
  });
});
