import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Event } from '../../src/pipeline/event.js';
import { OpenEvents } from '../../src/pipeline/open-events.js';

/** As much of an event as counts here. Few first words, so that many ids want the same place. */
function eventWith(idA: number, idD: number): Event {
  const id = { idA, idB: 1, idC: 2, idD };
  return { ...id, hasSameIdAs: (other: Event) => other.idA === idA && other.idD === idD } as unknown as Event;
}

test('open events are found by their ids as in a Map, whatever comes and goes', () => {
  const step = fc.record({ adds: fc.boolean(), a: fc.constantFrom(0, 1, 2, -1, -2, 1022, 1023, 5000), d: fc.nat(40) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600 }), (steps) => {
      const open = new OpenEvents();
      const model = new Map<string, Event>();
      for (const { adds, a, d } of steps) {
        const [name, event] = [`${a} ${d}`, eventWith(a, d)];
        expect(open.get(event)).toBe(model.get(name));
        // Another event of the same id is not the one that is open.
        open.delete(event);
        const known = model.get(name);
        if (adds && known === undefined) {
          open.add(event);
          model.set(name, event);
        } else if (!adds && known !== undefined) {
          open.delete(known);
          model.delete(name);
        }
      }
      for (const event of model.values()) expect(open.get(event)).toBe(event);
    }),
    { numRuns: 100 },
  );
});

test('it grows, and finds each of many', () => {
  const open = new OpenEvents();
  const events = Array.from({ length: 5_000 }, (_, at) => eventWith(Math.imul(at, 0x9e3779b1), at));
  for (const event of events) open.add(event);
  for (const event of events.slice(0, 2_500)) open.delete(event);
  expect(events.map((event) => open.get(event))).toEqual(events.map((event, at) => (at < 2_500 ? undefined : event)));
});
