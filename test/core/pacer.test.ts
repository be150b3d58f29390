import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pacer, type RateLimit } from '../../src/core/pacer.js';

const LIMITS: readonly RateLimit[] = [
  { requests: 1_200, windowMs: 60_000 },
  { requests: 100, windowMs: 15_000 },
  { requests: 1, windowMs: 60_000 },
  { requests: 7, windowMs: 1_000 },
  { requests: 30_000, windowMs: 60_000 },
  { requests: 5_000, windowMs: 3_600_000 },
];

/** Lets requests leave for `spanMs`, each as late as `late` says. Returns when they left. */
function leave(pacer: Pacer, spanMs: number, late: () => number, from = 0): number[] {
  const left: number[] = [];
  for (let now = from; ; ) {
    now = Math.max(now, pacer.earliest) + late();
    if (now >= from + spanMs) return left;
    pacer.charge(now);
    left.push(now);
  }
}

/** The most requests in any span of one window, its end not included. */
function mostInASpan(left: readonly number[], windowMs: number): number {
  let most = 0;
  for (let first = 0, last = 0; last < left.length; last += 1) {
    while (left[last]! - left[first]! >= windowMs) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

function lots(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

test('any span of one window holds at most the requests that are allowed, however late the wake-ups and long the rests', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...LIMITS),
      fc.nat(),
      fc.double({ min: 0, max: 0.3, noNaN: true }),
      (limit, seed, rests) => {
        const lot = lots(seed);
        const late = (): number => (lot() < rests ? lot() * 2 * limit.windowMs : lot() * 20);
        const left = leave(new Pacer(limit, undefined, 0), 4 * limit.windowMs, late);
        expect(mostInASpan(left, limit.windowMs)).toBeLessThanOrEqual(limit.requests);
      },
    ),
    { numRuns: 100 },
  );
});

test('at least 98 % of what is allowed is used, although each wake-up is late by a few milliseconds', () => {
  for (const limit of LIMITS) {
    const spanMs = Math.max(20 * limit.windowMs, (200 * limit.windowMs) / limit.requests);
    const lot = lots(limit.requests);
    const left = leave(new Pacer(limit, undefined, 0), spanMs, () => lot() * 4);
    expect(left.length).toBeGreaterThanOrEqual(Math.floor((0.98 * spanMs * limit.requests) / limit.windowMs));
  }
});

test('without a limit nothing waits', () => {
  const pacer = new Pacer(undefined, undefined, 50);
  for (let i = 0; i < 100; i += 1) {
    expect(pacer.earliest).toBeLessThanOrEqual(50);
    pacer.charge(50);
  }
});

describe('limits that an answer tells', () => {
  test('hold from then on', () => {
    const pacer = new Pacer(undefined, undefined, 0);
    pacer.charge(100);
    pacer.learn({ policy: { requests: 100, windowMs: 15_000 } }, 0, 100);
    const left = leave(pacer, 60_000, () => 0, 100);
    expect(mostInASpan(left, 15_000)).toBeLessThanOrEqual(100);
    expect(left.length).toBeGreaterThan(390);
  });

  test('never loosen a limit that was set', () => {
    const pacer = new Pacer({ requests: 60, windowMs: 60_000 }, undefined, 0);
    pacer.learn({ policy: { requests: 1_000, windowMs: 1_000 } }, 0, 0);
    expect(pacer.limit).toEqual({ requests: 60, windowMs: 60_000 });
    pacer.learn({ policy: { requests: 10, windowMs: 60_000 } }, 0, 0);
    expect(pacer.limit).toEqual({ requests: 10, windowMs: 60_000 });
  });

  test('spread what remains until the reset, without what is in flight', () => {
    const pacer = new Pacer(undefined, undefined, 0);
    pacer.learn({ remaining: 12, resetMs: 10_000 }, 2, 1_000);
    const left = leave(pacer, 9_999, () => 0, 1_000);
    expect(left.length).toBeLessThanOrEqual(11);
    expect(left.length).toBeGreaterThanOrEqual(10);
    pacer.charge(11_001);
    expect(pacer.earliest).toBeLessThanOrEqual(11_001);
  });

  test('that leave nothing stop everything until the reset', () => {
    const pacer = new Pacer(undefined, undefined, 0);
    pacer.learn({ remaining: 0, resetMs: 7_000 }, 0, 1_000);
    expect(pacer.earliest).toBe(8_000);
    expect(pacer.pausedUntil).toBe(8_000);
  });

  test('that leave no more than is in flight wait for the next answer, or the reset', () => {
    const pacer = new Pacer(undefined, undefined, 0);
    pacer.charge(900);
    pacer.learn({ remaining: 2, resetMs: 7_000 }, 3, 1_000);
    expect(pacer.earliest).toBeGreaterThan(7_000);
    expect(pacer.pausedUntil).toBe(0);
    pacer.learn({ remaining: 99, resetMs: 15_000 }, 2, 1_100);
    expect(pacer.earliest).toBeLessThan(1_100);
  });

  test('that ask for a wait stop everything for so long, whatever kind of answer it was', () => {
    const pacer = new Pacer(undefined, undefined, 0);
    pacer.learn({ retryAfterMs: 7_000 }, 0, 1_000);
    expect(pacer.earliest).toBe(8_000);
  });

  test('with a reset as far away as no span of seconds goes are not believed', () => {
    const pacer = new Pacer(undefined, undefined, 0);
    pacer.learn({ remaining: 0, resetMs: 1_768_478_400_000 }, 0, 1_000);
    pacer.learn({ remaining: 50, resetMs: 1_768_478_400_000 }, 0, 1_000);
    pacer.charge(1_000);
    expect(pacer.earliest).toBeLessThanOrEqual(1_000);
  });
});

describe('a demanded pause', () => {
  test('is kept in full', () => {
    const pacer = new Pacer({ requests: 100, windowMs: 1_000 }, undefined, 0);
    pacer.pause(5_000);
    expect(leave(pacer, 6_000, () => 0)[0]).toBe(5_000);
  });

  test('is never shortened by a shorter one', () => {
    const pacer = new Pacer(undefined, undefined, 0);
    pacer.pause(5_000);
    pacer.pause(3_000);
    expect(pacer.earliest).toBe(5_000);
  });
});

describe('after a restart', () => {
  test('a pause goes on, and the pace is not begun anew', () => {
    const limit = { requests: 2, windowMs: 60_000 };
    const first = new Pacer(limit, undefined, 0);
    first.charge(0);
    first.pause(10_000);
    const second = new Pacer(limit, first.state, 1_000);
    expect(second.pausedUntil).toBe(10_000);
    expect(second.earliest).toBeGreaterThanOrEqual(first.earliest);
    expect(second.earliest).toBeLessThanOrEqual(first.earliest + 1_000);
  });

  test('no span of one window holds more than is allowed, although the last second may not be in the saved state', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LIMITS), fc.nat(), fc.integer({ min: 1, max: 1_000 }), (limit, seed, unsaved) => {
        const lot = lots(seed);
        const first = new Pacer(limit, undefined, 0);
        const before = leave(first, limit.windowMs / 2, () => lot() * 5);
        const state = first.state;
        const more = leave(first, unsaved, () => lot() * 5, limit.windowMs / 2);
        const at = limit.windowMs / 2 + unsaved;
        const second = new Pacer(limit, state, at);
        const after = leave(second, 2 * limit.windowMs, () => lot() * 5, at);
        expect(mostInASpan([...before, ...more, ...after], limit.windowMs)).toBeLessThanOrEqual(limit.requests);
      }),
      { numRuns: 100 },
    );
  });
});

describe('against a hard limit', () => {
  interface Case {
    readonly limit: RateLimit;
    readonly told: boolean;
    readonly counts: 'fixed windows' | 'any span';
    /** The told reset in whole seconds. */
    readonly rounds: (seconds: number) => number;
    readonly latencyMs: number;
    readonly concurrency: number;
  }

  /** Sends for ten windows. Returns the share of what was allowed that was used, and of requests that were refused. */
  function play({ limit, told, counts, rounds, latencyMs, concurrency }: Case, seed: number) {
    const lot = lots(seed);
    const pacer = new Pacer(told ? undefined : limit, undefined, 0);
    const spanMs = 10 * limit.windowMs;
    const taken: number[] = [];
    const windows = new Map<number, number>();
    const happenings: { at: number; act: (at: number) => void }[] = [];
    const later = (at: number, act: (at: number) => void): void => {
      happenings.push({ at, act });
      happenings.sort((a, b) => a.at - b.at);
    };
    let inFlight = 0;
    let sent = 0;
    let refused = 0;
    let gone = 0;
    let wakeAt = Number.POSITIVE_INFINITY;
    const begin = lot() * limit.windowMs;
    const arrive = (at: number): void => {
      const window = Math.floor((at + begin) / limit.windowMs);
      while (taken.length > gone && taken[gone]! <= at - limit.windowMs) gone += 1;
      const used = counts === 'fixed windows' ? (windows.get(window) ?? 0) : taken.length - gone;
      const isRefused = used >= limit.requests;
      const resetAt =
        counts === 'fixed windows' ? (window + 1) * limit.windowMs - begin : (taken[gone] ?? at) + limit.windowMs;
      if (!isRefused) {
        windows.set(window, used + 1);
        taken.push(at);
      }
      const resetMs = rounds((resetAt - at) / 1_000) * 1_000;
      later(at + latencyMs * (0.4 + 0.2 * lot()), (now) => {
        if (told) {
          const remaining = Math.max(0, limit.requests - used - 1);
          // With no window there is no time at which all is allowed again, so such a target tells no more than its policy.
          const rest = counts === 'fixed windows' ? { remaining, resetMs } : {};
          pacer.learn({ policy: limit, ...rest }, inFlight - 1, now);
        }
        if (isRefused) {
          refused += 1;
          pacer.pause(now + Math.max(resetMs, 500));
        }
        inFlight -= 1;
        pump(now);
      });
    };
    const pump = (now: number): void => {
      while (inFlight < concurrency) {
        if (pacer.earliest > now) {
          if (wakeAt > pacer.earliest) {
            wakeAt = pacer.earliest;
            const mine = wakeAt;
            later(wakeAt + lot() * 3, (at) => {
              if (wakeAt !== mine) return;
              wakeAt = Number.POSITIVE_INFINITY;
              pump(at);
            });
          }
          return;
        }
        pacer.charge(now);
        inFlight += 1;
        sent += 1;
        later(now + latencyMs * (0.4 + 0.2 * lot()), arrive);
      }
    };
    pump(0);
    for (let next = happenings.shift(); next !== undefined && next.at < spanMs; next = happenings.shift())
      next.act(next.at);
    return { used: taken.length / ((spanMs * limit.requests) / limit.windowMs), refused: refused / sent };
  }

  const cases = fc.record({
    limit: fc.constantFrom<RateLimit>({ requests: 1_200, windowMs: 60_000 }, { requests: 100, windowMs: 15_000 }),
    told: fc.boolean(),
    counts: fc.constantFrom('fixed windows' as const, 'any span' as const),
    rounds: fc.constantFrom(Math.ceil, Math.floor),
    latencyMs: fc.constantFrom(20, 100, 300),
    concurrency: fc.constantFrom(4, 8, 16),
  });

  test('at least 98 % of what is allowed is used, and fewer than one request in a thousand is refused', () => {
    fc.assert(
      fc.property(cases, fc.nat(), (how, seed) => {
        const { used, refused } = play(how, seed);
        expect(refused).toBeLessThan(0.001);
        expect(used).toBeGreaterThan(
          Math.min(0.98, (0.98 * how.concurrency * how.limit.windowMs) / (how.latencyMs * how.limit.requests)),
        );
      }),
      { numRuns: 30 },
    );
  });
});
