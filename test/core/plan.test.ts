import { describe, expect, it } from 'vitest';
import { PlanCounter } from '../../src/core/plan.js';
import type { Sendable } from '../../src/core/target.js';

const DAY = 24 * 60 * 60 * 1_000;
/** Noon of some UTC day. */
const NOON = Date.UTC(2026, 0, 2, 12);
const ARRAY = { overhead: { perRequest: 2, perEvent: 1 } };
const NO_LIMITS = { requestsPerMinute: undefined, eventsPerDay: undefined, usedToday: 0 };

function event(size: number, group = ''): Sendable & { group: string } {
  return { bytes: new Uint8Array(size), start: 0, end: size, splice: undefined, group };
}

function counter(events: number, most = { events: 100, bytes: 1024 }): PlanCounter {
  const counted = new PlanCounter(ARRAY, most);
  for (let i = 0; i < events; i++) counted.add(event(1), NOON - i * 1000);
  return counted;
}

describe('requests', () => {
  it.each([
    [0, 0],
    [1, 1],
    [100, 1],
    [101, 2],
    [1000, 10],
  ])('%i events fill %i', (events, requests) => {
    expect(counter(events).plan(NO_LIMITS, NOON)).toMatchObject({ events, requests, leastTimeMs: 0 });
  });

  it('are bounded by bytes, with what stands around the events, and a larger event travels alone', () => {
    const counted = new PlanCounter(ARRAY, { events: 100, bytes: 100 });
    // 2 + 49 + 49 is 100; one byte more would not fit.
    for (const size of [48, 48, 1, 500, 1]) counted.add(event(size), Number.NaN);
    expect(counted.plan(NO_LIMITS, NOON)).toMatchObject({ requests: 4, firstDate: undefined, lastDate: undefined });
  });

  it('are bounded by the target, and never hold events of two groups', () => {
    const single = new PlanCounter({ ...ARRAY, maxEvents: 1 }, { events: 100, bytes: 1024 });
    const grouped = new PlanCounter(
      { ...ARRAY, groupOf: (each) => (each as Sendable & { group: string }).group },
      { events: 2, bytes: 1024 },
    );
    for (const group of ['a', 'b', 'a', 'b', 'a']) {
      single.add(event(1), NOON);
      grouped.add(event(1, group), NOON);
    }
    expect(single.plan(NO_LIMITS, NOON).requests).toBe(5);
    expect(grouped.plan(NO_LIMITS, NOON).requests).toBe(3);
  });
});

describe('time', () => {
  it('is that of the pace: the first request leaves at once', () => {
    const plan = counter(1000).plan({ ...NO_LIMITS, requestsPerMinute: 60 }, NOON);
    expect(plan).toMatchObject({ leastTimeMs: 9_000, daysOfQuota: undefined });
  });

  it.each([
    // events, per day, used today: days, time
    [100, 100, 0, 1, 0],
    [100, 200, 100, 1, 0],
    [101, 100, 0, 2, DAY / 2],
    [100, 100, 100, 1, DAY / 2],
    [100, 100, 1, 2, DAY / 2],
    [1000, 100, 0, 10, DAY / 2 + 8 * DAY],
    [1000, 100, 150, 10, DAY / 2 + 9 * DAY],
    [0, 100, 0, 0, 0],
  ])(
    'of %i events, %i a day, %i used: on %i days, at least %i ms from noon',
    (events, eventsPerDay, usedToday, daysOfQuota, leastTimeMs) => {
      const plan = counter(events).plan({ requestsPerMinute: undefined, eventsPerDay, usedToday }, NOON);
      expect(plan).toMatchObject({ daysOfQuota, leastTimeMs });
    },
  );

  it('counts the pace of the last day on top of the days before', () => {
    const plan = counter(2000).plan({ requestsPerMinute: 1, eventsPerDay: 1000, usedToday: 0 }, NOON);
    expect(plan).toMatchObject({ requests: 20, daysOfQuota: 2, leastTimeMs: DAY / 2 + 9 * 60_000 });
  });
});

it('tells the oldest and the newest date, and passes over events without one', () => {
  const counted = new PlanCounter(ARRAY, { events: 100, bytes: 1024 });
  for (const date of [NOON, Number.NaN, NOON - DAY, NOON + DAY]) counted.add(event(1), date);
  expect(counted.plan(NO_LIMITS, NOON)).toMatchObject({ firstDate: NOON - DAY, lastDate: NOON + DAY });
});
