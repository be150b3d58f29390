import { expect, test } from 'vitest';
import { Patience } from '../../src/core/patience.js';

test('it does not end while nothing was sent in vain', () => {
  const patience = new Patience(600);
  expect(patience.endsAt).toBe(Number.POSITIVE_INFINITY);
  patience.sent(100);
  patience.rewarded(150, 0);
  expect(patience.endsAt).toBe(Number.POSITIVE_INFINITY);
});

test('it counts from the first request that was not accepted or refused, whatever is sent after it', () => {
  const patience = new Patience(600);
  patience.sent(100);
  patience.sent(300);
  patience.sent(500);
  expect(patience.endsAt).toBe(700);
});

test('a reward begins it anew for the others that are in flight', () => {
  const patience = new Patience(600);
  patience.sent(100);
  patience.sent(300);
  patience.rewarded(500, 1);
  expect(patience.endsAt).toBe(1_100);
});

test('waits that the target asked for do not count, those that overlap once', () => {
  const patience = new Patience(600);
  patience.sent(100);
  patience.asked(400, 200);
  patience.asked(300, 250);
  patience.asked(500, 300);
  expect(patience.endsAt).toBe(100 + 300 + 600);
  patience.asked(1_000, 900);
  expect(patience.endsAt).toBe(100 + 400 + 600);
});

test('of a wait that is on when it begins anew only the rest does not count', () => {
  const patience = new Patience(600);
  patience.sent(0);
  patience.asked(1_000, 0);
  patience.rewarded(700, 2);
  expect(patience.endsAt).toBe(700 + 300 + 600);
});

test('while nothing is left to be sent it rests', () => {
  const patience = new Patience(600);
  patience.sent(100);
  patience.rest();
  expect(patience.endsAt).toBe(Number.POSITIVE_INFINITY);
  patience.sent(9_000);
  expect(patience.endsAt).toBe(9_600);
});
