import fc from 'fast-check';
import { afterAll, expect, test, vi } from 'vitest';
import type { Target } from '../../src/core/target.js';
import { createDecode } from '../../src/pipeline/decode.js';
import type { Decoder } from '../../src/pipeline/decoder.js';
import { Slots } from '../../src/pipeline/slots.js';
import { Window } from '../../src/pipeline/window.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { createDidomiTarget } from '../../src/targets/didomi/target.js';
import { DecoderAhead } from '../fakes/decoder-ahead.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, settingsWith, World } from '../fakes/world.js';

const RULES = createDidomiRules({ organizationId: 'acme' });
const TARGET = createDidomiTarget({
  organizationId: 'acme',
  disableIntegrations: false,
  credentials: { key: 'k', secret: 's' },
});

/** What came about in at least one run: what never did is not proved. */
const seen = new Set<string>();

// The window asks whether the sink is sated where its reader may have to wait.
const { room } = Window.prototype;
vi.spyOn(Window.prototype, 'room').mockImplementation(function (this: Window, bytes) {
  const waits = room.call(this, bytes);
  if (waits !== undefined && this.fits(bytes)) seen.add('the reader rested');
  return waits;
});
const { leave } = Slots.prototype;
vi.spyOn(Slots.prototype, 'leave').mockImplementation(function (this: Slots, act) {
  seen.add(this.haveLeft ? 'several answers were left' : 'an answer was left');
  leave.call(this, act);
});

afterAll(() => vi.restoreAllMocks());

const plans = fc.record({
  count: fc.integer({ min: 1, max: 900 }),
  persons: fc.integer({ min: 1, max: 900 }),
  order: fc.constantFrom('strict' as const, 'batch' as const, 'none' as const),
  batch: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 25 })),
  concurrency: fc.integer({ min: 1, max: 12 }),
  windowEvents: fc.oneof(fc.constant(20_000), fc.integer({ min: 1, max: 600 })),
  windowBytes: fc.oneof(fc.constant(10_000_000), fc.integer({ min: 300, max: 200_000 })),
  chunkBytes: fc.integer({ min: 200, max: 10_000 }),
  waitMs: fc.constantFrom(0, 1, 5),
  batchBytes: fc.constantFrom(1_000_000, 1_000_000, 3_000),
  padding: fc.constantFrom(0, 0, 0, 10_000),
  groups: fc.constantFrom(1, 1, 3, 150, 400),
  ahead: fc.constantFrom(0, 1, 3),
  limit: fc.option(fc.integer({ min: 1, max: 500 }), { freq: 4 }),
  signalAt: fc.option(fc.nat(3_000), { freq: 4 }),
  trouble: fc.constantFrom(0, 0, 0.05, 0.3),
  bad: fc.constantFrom(0, 0, 40),
  noise: fc.nat(1_000_000),
});

// Answers come at the same moments, so that one is there while another is not settled yet.
const STEP_MS = 20;

test('whatever is sent in whatever batches, each record ends once, in its order, and the run ends', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async (plan) => {
      let lot = plan.noise + 1;
      const draw = (): number => {
        lot = (lot * 48_271) % 2_147_483_647;
        return lot / 2_147_483_647;
      };
      const isBad = (id: string): boolean => plan.bad > 0 && Number(id.slice(1)) % plan.bad === 7;
      const ports: { decoder?: Decoder; target?: Target } = {};
      const world = new World({
        ports,
        latencyMs: () => STEP_MS * Math.ceil(3 * draw()),
        fate: ({ route, events }) => {
          if (route === 'sessions') return undefined;
          if (draw() < plan.trouble) return draw() < 0.5 ? { status: 503 } : { failure: 'lost', arrives: draw() < 0.5 };
          return events.some(({ id }) => isBad(id)) ? { status: 400, body: {} } : undefined;
        },
      });
      if (plan.groups > 1) {
        ports.target = { ...TARGET, groupOf: (event) => String((event as { line?: number }).line! % plan.groups) };
      }
      if (plan.ahead > 0) {
        const decode = createDecode({ ...settingsWith(), secret: world.ledger.secret }, RULES);
        ports.decoder = new DecoderAhead(plan.ahead, decode, (act) => void world.clock.after(draw() * 30, act));
      }
      const padding = ' '.repeat(plan.padding);
      // Every third event is larger than a request, and perhaps than the window.
      const lines = Array.from({ length: plan.count }, (_, i) =>
        eventLine(`e${i}`, `p${i % plan.persons}`).replace('{', i % 3 === 0 ? `{${padding}` : '{'),
      );
      const { chunkBytes, waitMs } = plan;
      const input = memoryInput('a.jsonl', lines.join('\n'), world.clock, { chunkBytes, waitMs });
      const { tally, stop } = await world.import(
        [input],
        {
          window: { events: plan.windowEvents, bytes: plan.windowBytes },
          dispatch: {
            ...{ order: plan.order, concurrency: plan.concurrency, limit: plan.limit ?? undefined },
            batch: { events: plan.batch, bytes: plan.batchBytes },
          },
        },
        (running) => {
          if (plan.signalAt !== null) world.clock.after(plan.signalAt, () => running.interrupt('SIGINT'));
        },
      );

      const { delivered, rejected, duplicate, read, undelivered } = tally.events;
      const recorded = world.ledger.recorded.map(({ origin }) => origin.line);
      expect(new Set(recorded).size).toBe(recorded.length);
      expect(recorded).toHaveLength(delivered);
      expect(duplicate).toBe(0);
      if (stop === undefined) expect([read, delivered + rejected]).toEqual([plan.count, plan.count]);
      else expect(['limit', 'interrupted']).toContain(stop.reason);
      if (stop?.reason === 'limit') expect(delivered).toBe(plan.limit);
      if (undelivered > 0) seen.add('events were left at a stop');
      if (rejected > 0) seen.add('requests were split');
      if (tally.requests.retried > 0) seen.add('requests were tried again');
      if (plan.order === 'none') return;
      if (plan.order === 'strict') expect(world.didomi.overtaken.size).toBe(0);
      const last = new Map<number, number>();
      for (const id of world.didomi.taken) {
        const nth = Number(id.slice(1));
        const person = nth % plan.persons;
        expect(nth).toBeGreaterThan(last.get(person) ?? -1);
        last.set(person, nth);
      }
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 120) },
  );
  expect([...seen].sort()).toEqual([
    'an answer was left',
    'events were left at a stop',
    'requests were split',
    'requests were tried again',
    'several answers were left',
    'the reader rested',
  ]);
}, 600_000);

test('the reader rests when enough is ready, and goes on as soon as requests leave, not only when they are answered', async () => {
  // Each block holds one event, and enough is 20 of them; 4 requests leave when there is a token.
  const world = new World({ latencyMs: ({ route }) => (route === 'sessions' ? 500 : 60_000) });
  const lines = Array.from({ length: 100 }, (_, i) => `${eventLine(`e${i}`, `p${i}`)}\n`);
  const input = memoryInput('a.jsonl', lines.join(''), world.clock, { chunkBytes: lines[0]!.length, waitMs: 10 });
  const dispatch = { batch: { events: 1, bytes: 1_000_000 }, concurrency: 20 };
  const running = await world.clock.run(world.start([input], { dispatch }));
  const { events } = running.progress().tally;
  await world.clock.run(world.clock.sleep(450));
  expect(events.read).toBe(20);
  await world.clock.run(world.clock.sleep(500));
  expect([events.read, events.delivered]).toEqual([24, 0]);
  await world.clock.run(running.result);
  expect(events.delivered).toBe(100);
});
