import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DayQuota } from '../../src/core/ledger.js';
import { TransportError, type TransportFailure } from '../../src/core/ports.js';
import type { Reading } from '../../src/core/target.js';
import { QuotaGate } from '../../src/pipeline/day-quota.js';
import type { Attempt } from '../../src/pipeline/send.js';
import type { Call, Fate } from '../fakes/fake-didomi.js';
import { MemoryFile } from '../fakes/memory-file.js';
import { RememberingWorld } from '../fakes/remembering-world.js';
import { VirtualClock } from '../fakes/virtual-clock.js';
import { eventLines } from '../fakes/world.js';

const DAY_MS = 86_400_000;

function dayOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Counts in memory, exactly. */
class CountedDays implements DayQuota {
  readonly used = new Map<string, number>();
  reservations = 0;

  async reserve(day: string, events: number, limit: number): Promise<number> {
    this.reservations += 1;
    const used = this.used.get(day) ?? 0;
    const granted = Math.max(0, Math.min(events, limit - used));
    this.used.set(day, used + granted);
    return granted;
  }

  giveBack(day: string, events: number): void {
    this.used.set(day, (this.used.get(day) ?? 0) - events);
  }

  async usedToday(day: string): Promise<number> {
    return this.used.get(day) ?? 0;
  }
}

function answer(reading: Reading, date?: number): Attempt {
  const headers: Record<string, string> = date === undefined ? {} : { date: new Date(date).toUTCString() };
  const response = { status: 200, headers, body: new Uint8Array(), framed: true };
  return { kind: 'answered', classified: { reading }, response, rttMs: 1 };
}

function failure(kind: TransportFailure): Attempt {
  return { kind: 'failed', error: new TransportError(kind, kind), rttMs: 1 };
}

const DELIVERED: Reading = { kind: 'verdicts', verdicts: Array(100).fill({ kind: 'delivered' }) };
const THROTTLED: Reading = { kind: 'again', strain: 'throttled' };

describe('the gate of a day', () => {
  it.each<[string, Attempt, number]>([
    ['were delivered', answer(DELIVERED), 100],
    ['met a 429', answer(THROTTLED), 0],
    ['met a 5xx', answer({ kind: 'again', strain: 'failing' }), 100],
    ['met a 401', answer({ kind: 'token' }), 0],
    ['were refused as a batch', answer({ kind: 'refused', suspects: [], errors: [] }), 0],
    ['met the end of the run', answer({ kind: 'end', reason: 'auth', status: 403 }), 0],
    ['were answered with what is no answer', answer({ kind: 'unintelligible' }), 100],
    ['never left', failure('unreachable'), 0],
    ['were lost on the way', failure('lost'), 100],
    ['were never answered', failure('timeout'), 100],
    ['were answered in part', failure('incomplete'), 100],
    ['were cancelled', failure('cancelled'), 100],
    [
      'were judged one by one',
      answer({
        kind: 'verdicts',
        verdicts: [
          ...Array(60).fill({ kind: 'delivered' }),
          ...Array(10).fill({ kind: 'unknown' }),
          ...Array(5).fill({ kind: 'duplicate' }),
          ...Array(20).fill({ kind: 'rejected', errors: [] }),
          ...Array(5).fill({ kind: 'retry' }),
        ],
      }),
      75,
    ],
  ])('counts of 100 events that %s those that the target may have counted', async (_, sent, counted) => {
    const clock = new VirtualClock();
    const days = new CountedDays();
    const gate = new QuotaGate(days, 5_000, clock);
    await gate.refill();
    const day = gate.take(100);
    gate.answered(sent, 100, day);
    gate.close();
    expect(days.used.get(dayOf(clock.now()))).toBe(counted);
  });

  it('is that of the target, by the Date header of any answer', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 31, 23, 50));
    const days = new CountedDays();
    const gate = new QuotaGate(days, 5_000, clock);
    const transport = gate.watching({
      send: async () => ({
        status: 200,
        headers: { date: 'Sun, 01 Feb 2026 00:10:00 GMT' },
        body: new Uint8Array(),
        framed: true,
      }),
    });
    await transport.send({ method: 'POST', path: '/sessions', headers: {} });
    await gate.refill();

    expect(gate.take(100)).toBe('2026-02-01');
    expect(gate.nextDayAt).toBe(Date.UTC(2026, 1, 1, 23, 40));
    expect([...days.used.keys()]).toEqual(['2026-02-01']);
  });

  it('gives back to the day that was charged, not to the one that began meanwhile', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 31, 23, 59, 59));
    const days = new CountedDays();
    const gate = new QuotaGate(days, 150, clock);
    await gate.refill();
    const before = gate.take(100);
    await clock.run(clock.sleep(2_000));
    expect(gate.available).toBe(0);
    await gate.refill();
    // What is in flight may be counted on the new day.
    expect(gate.available).toBe(50);
    gate.answered(answer(THROTTLED, clock.now()), 100, before);
    expect(gate.available).toBe(150);
    gate.close();
    expect(Object.fromEntries(days.used)).toEqual({ '2026-01-31': 0, '2026-02-01': 0 });
  });

  it.each([
    ['before midnight: it counts on that day only', -1_000, 100, 0],
    ['after midnight: it counts on both', 1_000, 100, 100],
  ])('looks at how the answer is dated to what left before midnight: %s', async (_, dated, old, young) => {
    const midnight = Date.UTC(2026, 1, 1);
    const clock = new VirtualClock(midnight - 1_000);
    const days = new CountedDays();
    const gate = new QuotaGate(days, 150, clock);
    await gate.refill();
    const day = gate.take(100);
    await clock.run(clock.sleep(2_000));
    await gate.refill();
    gate.answered(answer(DELIVERED, midnight + dated), 100, day);
    gate.close();
    expect(Object.fromEntries(days.used)).toEqual({ '2026-01-31': old, '2026-02-01': young });
  });

  it('counts on both days what left before midnight and was answered after it', async () => {
    const clock = new VirtualClock(Date.UTC(2026, 0, 31, 23, 59, 59));
    const days = new CountedDays();
    const gate = new QuotaGate(days, 150, clock);
    await gate.refill();
    const day = gate.take(100);
    gate.answered(answer(DELIVERED, Date.UTC(2026, 1, 1)), 100, day);
    gate.close();
    expect(Object.fromEntries(days.used)).toEqual({ '2026-01-31': 100, '2026-02-01': 100 });
  });
});

describe('an import with a limit of events per day', () => {
  const AT_NOON = Date.UTC(2026, 0, 15, 12);

  it('sends exactly so many, ends with the time from which it may go on, and goes on from there', async () => {
    const worlds = new RememberingWorld(new VirtualClock(AT_NOON));
    const file = new MemoryFile('a.jsonl', eventLines(600));
    const settings = { maxEventsPerDay: 250 };
    const first = await worlds.import([file], { settings });
    const sameDay = await worlds.import([file], { settings });
    await worlds.clock.run(worlds.clock.sleep(DAY_MS));
    const nextDay = await worlds.import([file], { settings });
    await worlds.clock.run(worlds.clock.sleep(DAY_MS));
    const last = await worlds.import([file], { settings });

    expect(first.result.stop).toEqual({
      reason: 'limit',
      message:
        'stopped at the limit of 250 events per UTC day (--max-events-per-day); run the same command again from 2026-01-16T00:00:00Z on',
    });
    expect([first, sameDay, nextDay, last].map(({ world }) => world.didomi.taken.length)).toEqual([250, 0, 250, 100]);
    expect(sameDay.world.didomi.eventCalls).toEqual([]);
    expect(last.result).toMatchObject({ stop: undefined, complete: true });
  });

  it('ends well when the last event is the last of the day', async () => {
    const worlds = new RememberingWorld(new VirtualClock(AT_NOON));
    const file = new MemoryFile('a.jsonl', eventLines(1_000));
    const run = await worlds.import([file], { settings: { maxEventsPerDay: 1_000 } });
    expect(run.result).toMatchObject({ stop: undefined, complete: true });
  });

  it('sends a retry that is due later, also when nothing is reserved for it yet', async () => {
    const worlds = new RememberingWorld(new VirtualClock(AT_NOON));
    const file = new MemoryFile('a.jsonl', eventLines(1_000));
    const run = await worlds.import([file], {
      settings: { maxEventsPerDay: 5_000 },
      fate: ({ route, number }) => (route === 'events' && number === 10 ? { status: 503 } : undefined),
    });
    expect(run.result).toMatchObject({ stop: undefined, complete: true });
    expect(worlds.clock.monotonic()).toBeLessThan(60_000);
  });

  it('charges retries and the pieces of a split for what the target may have counted', async () => {
    const worlds = new RememberingWorld(new VirtualClock(AT_NOON));
    const file = new MemoryFile('a.jsonl', eventLines(200));
    // The first request is taken, and its answer lost; e150 is refused, and found by halving.
    const run = await worlds.import([file], {
      settings: { maxEventsPerDay: 299, dispatch: { concurrency: 1 } },
      fate: ({ route, number, events }): Fate | undefined => {
        if (route === 'sessions') return undefined;
        if (number === 1) return { failure: 'lost', arrives: true };
        return events.some(({ id }) => id === 'e150') ? { status: 400, body: { code: 400 } } : undefined;
      },
    });
    // 100 lost, 100 again, and 99 of the 99 that are good.
    expect(run.result.tally.events).toMatchObject({ delivered: 199, rejected: 1 });
    const again = await worlds.import([new MemoryFile('b.jsonl', eventLines(1).join().replace('e0', 'x'))], {
      settings: { maxEventsPerDay: 299 },
    });
    expect(again.result.stop?.reason).toBe('limit');
    expect(again.world.didomi.eventCalls).toEqual([]);
  });

  it('never lets the target count more on a day of its own, over kills, failures, midnights and a clock that is off', async () => {
    const moment = fc.record({
      startsIn: fc.integer({ min: 0, max: 20_000 }),
      killAfterMs: fc.option(fc.nat(3_000), { nil: undefined }),
      fates: fc.array(fc.constantFrom('lost', 'taken and lost', 'throttled', 'failing', 'refused', 'token', 'fine'), {
        maxLength: 12,
      }),
      latencyMs: fc.integer({ min: 1, max: 4_000 }),
      batch: fc.integer({ min: 1, max: 40 }),
    });
    let stopped = 0;
    let crossed = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: -7_200_000, max: 7_200_000 }),
        fc.integer({ min: 0, max: 30_000 }),
        fc.array(moment, { minLength: 1, maxLength: 6 }),
        async (limit, aheadMs, beforeMidnight, moments) => {
          const clock = new VirtualClock(Date.UTC(2026, 0, 16) - aheadMs - beforeMidnight);
          const worlds = new RememberingWorld(clock);
          const file = new MemoryFile('a.jsonl', eventLines(500, 50));
          const counted = new Map<string, number>();
          const targetNow = (): number => clock.now() + aheadMs;
          for (const { startsIn, killAfterMs, fates, latencyMs, batch } of moments) {
            await clock.run(clock.sleep(startsIn));
            const startedAt = targetNow();
            const took = (call: Call, fate: Fate): Fate => {
              const headers = { date: new Date(targetNow()).toUTCString() };
              if (call.route === 'events' && ('failure' in fate ? fate.arrives === true : fate.status < 300)) {
                const day = dayOf(targetNow());
                counted.set(day, (counted.get(day) ?? 0) + call.events.length);
              }
              return 'failure' in fate ? fate : { ...fate, headers };
            };
            const { result } = await worlds.import([file], {
              latencyMs: () => latencyMs,
              settings: { maxEventsPerDay: limit, dispatch: { batch: { events: batch, bytes: 1e6 } } },
              ...(killAfterMs === undefined ? {} : { killAfterMs }),
              fate: (call) => {
                if (call.route === 'sessions') return took(call, { status: 200, body: { access_token: 'token' } });
                const fine: Fate = { status: 200, body: call.events };
                switch (fates[call.number - 1]) {
                  case 'lost':
                    return took(call, { failure: 'lost' });
                  case 'taken and lost':
                    return took(call, { failure: 'lost', arrives: true });
                  case 'throttled':
                    return took(call, { status: 429 });
                  case 'failing':
                    return took(call, { status: 503 });
                  case 'refused':
                    return took(call, { status: 400, body: { code: 400 } });
                  case 'token':
                    return took(call, { status: 401 });
                  default:
                    return took(call, fine);
                }
              },
            });
            stopped += result.stop?.reason === 'limit' ? 1 : 0;
            // What was in flight when it was killed, and arrived on the next day, nobody was left to count there.
            if (result.stop?.reason === 'storage' && dayOf(startedAt) !== dayOf(targetNow())) return;
          }
          crossed += counted.size > 1 ? 1 : 0;
          for (const [day, events] of counted)
            expect({ day, most: Math.max(limit, events) }).toEqual({ day, most: limit });
        },
      ),
      { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 200) },
    );
    // Or it would prove little.
    expect(Math.min(stopped, crossed)).toBeGreaterThan(5);
  });
});
