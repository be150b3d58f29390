import { expect, test } from 'vitest';
import * as stops from '../../src/core/stops.js';

test.each([
  [stops.deliveryLimit(1), 'stopped at --limit: 1 event was delivered; run the same command again to go on'],
  [stops.deliveryLimit(1_000), 'stopped at --limit: 1,000 events were delivered; run the same command again to go on'],
  [stops.durationLimit(5_400_000), 'stopped at --max-duration 1h30m; run the same command again to go on'],
])('a limit is a reason to run again: %o', (stop, message) => {
  expect(stop).toEqual({ reason: 'limit', message });
});

test.each([
  [stops.noSuchApi(404, 'the target'), 'the target answered with status 404, as no such API does: check --api-url'],
  [
    stops.gaveUp(600_000, undefined),
    'gave up: the target has taken nothing for 10m; check --api-url and the network, and run the same command again',
  ],
  [
    stops.gaveUp(600_000, 'status 503'),
    'gave up: the target has taken nothing for 10m (last: status 503); check --api-url and the network, and run the same command again',
  ],
  [
    stops.waitTooLong(7_199_999.5, 30_000),
    'the target asked for a wait of 2h, and --max-wait allows 30s; run the same command again after that',
  ],
])('an unavailable target is named with what to check: %o', (stop, message) => {
  expect(stop).toEqual({ reason: 'unavailable', message });
});

test('a signal is told with its name', () => {
  expect(stops.interrupted('SIGTERM')).toEqual({
    reason: 'interrupted',
    signal: 'SIGTERM',
    message: 'interrupted by SIGTERM; run the same command again to go on',
  });
});

test('a bug is told with its stack, whatever was thrown', () => {
  const error = new Error('oh');
  expect(stops.bug(error)).toEqual({
    reason: 'bug',
    message: `an unexpected error, which is a bug: please report it\n${error.stack}`,
  });
  expect(stops.bug('text').message).toBe('an unexpected error, which is a bug: please report it\ntext');
});
