import { describe, expect, it } from 'vitest';
import type { Ask } from '../../../src/core/ask.js';
import type { Holding } from '../../../src/core/holding.js';
import type { Sendable } from '../../../src/core/target.js';
import { createOneTrustReader, judgeDelivered, NOT_SHOWN_YET } from '../../../src/targets/onetrust/read-back.js';
import { type ReadReceipt, readReceiptsPage } from '../../../src/targets/onetrust/read-receipt.js';
import { FIRST_PAGE } from '../../../src/targets/onetrust/receipts-query.js';
import { VirtualClock } from '../../fakes/virtual-clock.js';

const SENT = {
  identifier: 'a@example.org',
  interactionDate: '2024-05-14T01:34:33Z',
  purposes: [{ Id: 'A0000000-0000-4000-8000-000000000001', Version: 2, TransactionType: 'CONFIRMED' }],
  customPayload: { id: 'e1', row: '1' },
};
const READ = {
  id: 'r1',
  dataSubjectIdentifier: 'a@example.org',
  interactionDate: '2024-05-14T01:34:33.000Z',
  consentCreationDate: '2026-01-01T00:00:00Z',
  customPayload: { id: 'e1', row: '1', more: 'x' },
  test: false,
  purposes: [{ id: 'a0000000-0000-4000-8000-000000000001', version: 2, transactionType: 'CONFIRMED' }],
};

function sendable(receipt: object): Sendable {
  const bytes = new TextEncoder().encode(JSON.stringify(receipt));
  return { bytes, start: 0, end: bytes.length, splice: undefined };
}

function page(...content: object[]): readonly ReadReceipt[] {
  const body = new TextEncoder().encode(JSON.stringify({ content, last: true }));
  return readReceiptsPage({ status: 200, headers: {}, body, framed: true }, FIRST_PAGE)!.receipts;
}

function judge(
  receipts: readonly ReadReceipt[],
  {
    sent = SENT as object,
    stamped = true,
    isShown = true,
    complete = true,
    claimed = new Set<string | ReadReceipt>(),
  } = {},
): Holding {
  const options = { token: undefined, payloadName: stamped ? 'id' : undefined };
  return judgeDelivered(sendable(sent), options, { reading: { receipts, complete }, claimed }, isShown);
}

describe('a receipt that carries its id', () => {
  it('matches, whatever else is shown', () => {
    expect(judge(page({ ...READ, customPayload: { id: 'e2' } }, READ))).toEqual({ kind: 'match' });
  });

  it.each([
    ['/interactionDate', { interactionDate: '2024-05-14T01:34:35Z' }],
    ['/interactionDate', { interactionDate: null }],
    ['/customPayload/row', { customPayload: { id: 'e1', row: '2' } }],
    ['/test', { test: true }],
    ['/purposes/0', { purposes: [] }],
    ['/purposes', { purposes: [...READ.purposes, { id: 'other' }] }],
    ['/purposes/0/TransactionType', { purposes: [{ ...READ.purposes[0], transactionType: 'WITHDRAWN' }] }],
    ['/purposes/0/Version', { purposes: [{ ...READ.purposes[0], version: 3 }] }],
    ['/identifier', { dataSubjectIdentifier: 'b@example.org' }],
  ])('differs at %s', (path, change) => {
    expect(judge(page({ ...READ, ...change }))).toEqual({ kind: 'different', paths: [path] });
  });

  it('is missing where none has its id, unless that can not be known yet', () => {
    const other = page({ ...READ, customPayload: { id: 'e2' } });
    expect(judge(other)).toEqual({ kind: 'missing' });
    expect(judge(other, { isShown: false })).toBe(NOT_SHOWN_YET);
    expect(judge(other, { complete: false })).toEqual({
      kind: 'cantBeTold',
      why: 'not all receipts of this person could be read',
    });
  });
});

describe('a receipt without one', () => {
  it('is recognised by person, date and purposes; one that is read stands for one that was sent', () => {
    const claimed = new Set<string | ReadReceipt>();
    const two = page(READ, { ...READ, id: 'r2' });
    const plain = { stamped: false, claimed };
    expect(judge(two, plain)).toEqual({ kind: 'match' });
    expect(judge(two, plain)).toEqual({ kind: 'match' });
    expect(judge(two, plain)).toEqual({
      kind: 'cantBeTold',
      why: 'fewer receipts of this person that look the same than were sent',
    });
  });

  it('differs where one of its date does, and is missing where there is none', () => {
    const altered = page({ ...READ, purposes: [{ ...READ.purposes[0], transactionType: 'WITHDRAWN' }] });
    expect(judge(altered, { stamped: false })).toEqual({
      kind: 'different',
      paths: ['/purposes/0/TransactionType'],
    });
    expect(judge(altered, { stamped: false, isShown: false })).toBe(NOT_SHOWN_YET);
    expect(judge(page({ ...READ, interactionDate: '2024-05-15T00:00:00Z' }), { stamped: false })).toEqual({
      kind: 'missing',
    });
  });

  it('can not be told without a date', () => {
    const { interactionDate: _, ...sent } = SENT;
    expect(judge(page(READ), { sent, stamped: false })).toEqual({
      kind: 'cantBeTold',
      why: 'without --stamp and without interactionDate it is not recognised',
    });
  });
});

describe('reading back what was delivered just now', () => {
  const NOW = Date.UTC(2026, 0, 1, 12);
  const alike = (id: string): object => ({ ...READ, id, consentCreationDate: new Date(NOW).toISOString() });

  /** A platform that shows these receipts, each from so many seconds on. */
  function platform(shown: readonly (readonly [receipt: object, fromSecond: number])[]) {
    const clock = new VirtualClock(NOW);
    const asks: number[] = [];
    const ask: Ask = async () => {
      asks.push(clock.monotonic() / 1000);
      const content = shown.flatMap(([receipt, from]) => (clock.monotonic() >= from * 1000 ? [receipt] : []));
      const body = new TextEncoder().encode(JSON.stringify({ content, last: true }));
      return { status: 200, headers: {}, body, framed: true };
    };
    const readBack = createOneTrustReader(ask, clock, { token: undefined, payloadName: undefined });
    return { clock, asks, readBack };
  }

  it('looks again when it must be shown, and then says that it is missing', async () => {
    const { clock, asks, readBack } = platform([]);
    const found = readBack({ event: sendable(SENT), sentAt: NOW - 5_000 });
    expect(await clock.run(found)).toEqual({ kind: 'missing' });
    expect(asks).toEqual([0, 30]);
  });

  it('finds what is shown late, also two that look the same, and the second look serves both', async () => {
    const { clock, asks, readBack } = platform([
      [alike('r1'), 0],
      [alike('r2'), 10],
    ]);
    const found = Promise.all([1, 2, 3].map(() => readBack({ event: sendable(SENT), sentAt: NOW })));
    expect((await clock.run(found)).map(({ kind }) => kind)).toEqual(['match', 'match', 'cantBeTold']);
    expect(asks).toEqual([0, 35]);
  });

  it('does not take what was read too early for all that there is', async () => {
    const other = { ...SENT, interactionDate: '2024-06-01T00:00:00Z' };
    const { clock, asks, readBack } = platform([
      [alike('r1'), 0],
      [{ ...alike('r2'), interactionDate: other.interactionDate }, 10],
    ]);
    const first = readBack({ event: sendable(SENT), sentAt: NOW });
    expect(await clock.run(first)).toEqual({ kind: 'match' });
    const later = clock.sleep(60_000).then(() => readBack({ event: sendable(other), sentAt: NOW }));
    expect(await clock.run(later)).toEqual({ kind: 'match' });
    expect(asks).toEqual([0, 60]);
  });

  it('is given up when it is cancelled', async () => {
    const { clock, readBack } = platform([]);
    const cancel = new AbortController();
    const found = readBack({ event: sendable(SENT), sentAt: NOW }, cancel.signal).catch((error: unknown) => error);
    clock.after(1_000, () => cancel.abort());
    expect(await clock.run(found)).toMatchObject({ name: 'AskError', reason: 'interrupted' });
  });
});
