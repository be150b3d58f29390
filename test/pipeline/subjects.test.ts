import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Batcher } from '../../src/pipeline/batcher.js';
import type { Event } from '../../src/pipeline/event.js';
import { type Order, Subjects } from '../../src/pipeline/subjects.js';

interface Person {
  readonly name: number;
  readonly subjectA: number;
  readonly subjectB: number;
}

/** An event that has nothing but what the order depends on. */
function eventOf({ name, subjectA, subjectB }: Person): Event {
  const bare = { line: name, subjectA, subjectB, start: 0, end: 10, splice: undefined, blockers: 0, batch: undefined };
  return bare as unknown as Event;
}

const people = fc
  .array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 60 })
  .map((pairs) =>
    pairs.map(([a, b], name) => ({ name, subjectA: a, subjectB: b === 0 ? 0 : b + (a % 2 === 0 ? 0 : 100) })),
  );

test('whatever is settled first, the events of a subject go in file order, none is left, and none goes twice', () => {
  fc.assert(
    fc.property(
      people,
      fc.constantFrom<Order>('strict', 'batch', 'none'),
      fc.integer({ min: 1, max: 8 }),
      fc.infiniteStream(fc.nat(1_000)),
      (persons, order, batchEvents, lots) => {
        const subjects = new Subjects(order);
        const batcher = new Batcher({ events: batchEvents, bytes: 1_000 }, subjects, {
          overhead: { perRequest: 2, perEvent: 1 },
        });
        const draw = (below: number): number => lots.next().value! % below;
        const waiting = persons.map(eventOf);
        const inFlight: Event[][] = [];
        const gone: Event[] = [];
        while (waiting.length > 0 || inFlight.length > 0 || batcher.ready > 0) {
          const can = [
            ...(waiting.length > 0 ? ['read'] : []),
            ...(batcher.ready > 0 ? ['send'] : []),
            ...(inFlight.length > 0 ? ['settle'] : []),
          ];
          expect(can.length).toBeGreaterThan(0);
          const act = can[draw(can.length)];
          if (act === 'read') {
            const event = waiting.shift()!;
            if (subjects.enter(event)) batcher.add(event);
          } else if (act === 'send') {
            const batch = batcher.take(1_000, () => expect.unreachable());
            const events = batch!.parts[0]!;
            checkInFlight(order, events, inFlight);
            inFlight.push(events);
            gone.push(...events);
          } else {
            const batch = inFlight[draw(inFlight.length)]!;
            const [event] = batch.splice(draw(batch.length), 1);
            if (batch.length === 0) inFlight.splice(inFlight.indexOf(batch), 1);
            for (const freed of subjects.leave(event!)) batcher.add(freed);
          }
        }
        expect(gone.map(({ line }) => line).sort((a, b) => a - b)).toEqual(persons.map(({ name }) => name));
        expect([...subjects.all()]).toEqual([]);
        if (order !== 'none') checkOrder(gone);
      },
    ),
    { numRuns: 500 },
  );
});

function subjectsOf({ subjectA, subjectB }: Event): number[] {
  return [...new Set([subjectA, subjectB])].filter((subject) => subject !== 0);
}

function checkInFlight(order: Order, batch: readonly Event[], inFlight: readonly (readonly Event[])[]): void {
  const others = new Set(inFlight.flat().flatMap(subjectsOf));
  const mine = batch.flatMap(subjectsOf);
  if (order !== 'none') expect(mine.filter((subject) => others.has(subject))).toEqual([]);
  if (order === 'strict') expect(new Set(mine).size).toBe(mine.length);
}

function checkOrder(gone: readonly Event[]): void {
  const last = new Map<number, number>();
  for (const event of gone) {
    for (const subject of subjectsOf(event)) {
      expect(event.line).toBeGreaterThan(last.get(subject) ?? -1);
      last.set(subject, event.line);
    }
  }
}

test('under --order batch events of one subject share a request, in file order', () => {
  const subjects = new Subjects('batch');
  const batcher = new Batcher({ events: 10, bytes: 1_000 }, subjects, { overhead: { perRequest: 2, perEvent: 1 } });
  const events = [1, 2, 3, 4].map((name) => eventOf({ name, subjectA: 7, subjectB: 0 }));
  for (const event of events) if (subjects.enter(event)) batcher.add(event);
  expect(batcher.ready).toBe(1);
  expect(batcher.take(3, () => expect.unreachable())!.parts[0]).toEqual(events.slice(0, 3));
});

test('nothing of a subject that is held back is taken, not even in the company of another', () => {
  const subjects = new Subjects('batch');
  const batcher = new Batcher({ events: 10, bytes: 1_000 }, subjects, { overhead: { perRequest: 2, perEvent: 1 } });
  const first = eventOf({ name: 1, subjectA: 1, subjectB: 0 });
  const both = eventOf({ name: 2, subjectA: 1, subjectB: 2 });
  for (const event of [first, both]) if (subjects.enter(event)) batcher.add(event);
  subjects.holdBack(eventOf({ name: 0, subjectA: 2, subjectB: 0 }));
  expect(batcher.take(10, () => expect.unreachable())!.parts[0]).toEqual([first]);
  for (const freed of subjects.leave(first)) batcher.add(freed);
  const dropped: Event[] = [];
  expect(batcher.take(10, (event) => dropped.push(event))).toBeUndefined();
  expect(dropped).toEqual([both]);
});
