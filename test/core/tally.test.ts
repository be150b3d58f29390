import { expect, test } from 'vitest';
import { Accountant, findImbalance, newFileAccount, newTally } from '../../src/core/tally.js';

function setUp() {
  const tally = newTally();
  const file = newFileAccount('a.jsonl', 100);
  const other = newFileAccount('b.jsonl', undefined);
  tally.files.push(file, other);
  return { tally, file, other, accountant: new Accountant(tally, (path) => path.replace(/\d+/g, '*')) };
}

const ORIGIN = { file: 'a.jsonl', line: 3 };

test('records are counted in the run and in their file, each with its outcome', () => {
  const { tally, file, other, accountant } = setUp();
  accountant.read(file, 4);
  accountant.read(other, 1);
  accountant.settled(file, 'delivered');
  accountant.settled(file, 'undelivered');
  accountant.settled(other, 'inDoubt');
  accountant.duplicate(file, 'ledger');
  accountant.rejected(file, 'invalid_json', [{ path: '', message: 'not valid JSON' }], ORIGIN);
  expect(tally.events).toEqual({ read: 5, delivered: 1, duplicate: 1, rejected: 1, inDoubt: 1, undelivered: 1 });
  expect(file).toMatchObject({ read: 4, delivered: 1, duplicate: 1, rejected: 1, inDoubt: 0, undelivered: 1 });
  expect(tally.duplicates).toEqual({ ledger: 1, input: 0, target: 0 });
  expect(findImbalance(tally)).toBeUndefined();
});

test('equal findings in different places of a record are one group, which tells where the first of them stand', () => {
  const { tally, file, accountant } = setUp();
  accountant.read(file, 3);
  for (const [line, at] of [
    [3, 0],
    [9, 7],
  ]) {
    const errors = [{ path: `/consents/purposes/${at}/enabled`, message: 'must be boolean' }];
    accountant.rejected(file, 'schema_violation', errors, { file: 'a.jsonl', line: line! });
  }
  accountant.rejected(file, 'schema_violation', [{ path: '/user', message: 'must be object' }], ORIGIN);
  expect(tally.rejectGroups).toEqual([
    {
      reason: 'schema_violation',
      path: '/consents/purposes/*/enabled',
      message: 'must be boolean',
      count: 2,
      first: { file: 'a.jsonl', line: 3 },
      next: [{ file: 'a.jsonl', line: 9 }],
    },
    { reason: 'schema_violation', path: '/user', message: 'must be object', count: 1, first: ORIGIN },
  ]);
});

test('of a group only the first twenty places are kept, and every reject is counted all the same', () => {
  const { tally, file, accountant } = setUp();
  accountant.read(file, 500);
  for (let line = 1; line <= 500; line += 1) {
    accountant.rejected(file, 'invalid_json', [{ path: '', message: 'not valid JSON' }], { file: 'a.jsonl', line });
  }
  const [group] = tally.rejectGroups;
  expect(group?.count).toBe(500);
  expect([group?.first, ...(group?.next ?? [])].map((origin) => origin?.line)).toEqual(
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

test('no more than a thousand groups are kept, and every reject is counted all the same', () => {
  const { tally, file, accountant } = setUp();
  accountant.read(file, 1_500);
  for (let i = 0; i < 1_500; i += 1) {
    accountant.rejected(file, 'refused', [{ path: '', message: `finding ${i}` }], ORIGIN);
  }
  expect(tally.rejectGroups).toHaveLength(1_000);
  expect(tally.rejectedByReason).toEqual({ refused: 1_500 });
  expect(findImbalance(tally)).toBeUndefined();
});

test('a record without an outcome, a wrong sum and a reject without a reason are found', () => {
  const lost = setUp();
  lost.accountant.read(lost.file, 2);
  lost.accountant.settled(lost.file, 'delivered');
  expect(findImbalance(lost.tally)).toBe(
    'the run\'s accounts do not balance: {"read":2,"delivered":1,"duplicate":0,"rejected":0,"inDoubt":0,"undelivered":0}',
  );

  const moved = setUp();
  moved.accountant.read(moved.file, 1);
  moved.accountant.settled(moved.other, 'delivered');
  expect(findImbalance(moved.tally)).toBe('the accounts of a.jsonl do not balance: read 1');

  const foreign = setUp();
  foreign.accountant.read(foreign.file, 1);
  foreign.accountant.settled(foreign.file, 'delivered');
  foreign.tally.files.pop();
  foreign.tally.files.pop();
  expect(findImbalance(foreign.tally)).toBe('read: the files hold 0, the run 1');

  const unexplained = setUp();
  unexplained.accountant.read(unexplained.file, 1);
  unexplained.accountant.settled(unexplained.file, 'rejected');
  expect(findImbalance(unexplained.tally)).toBe('rejected: 0 have a reason, of 1');

  const unkind = setUp();
  unkind.accountant.read(unkind.file, 1);
  unkind.accountant.settled(unkind.file, 'duplicate');
  expect(findImbalance(unkind.tally)).toBe('duplicates: 0 have a kind, of 1');
});
