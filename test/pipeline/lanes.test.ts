import fc from 'fast-check';
import { expect, test } from 'vitest';
import { toSubjectHash } from '../../src/core/siphash.js';
import type { Event } from '../../src/pipeline/event.js';
import { type Lane, Lanes } from '../../src/pipeline/lanes.js';

function laneNamed(line: number): Lane {
  return { line } as unknown as Event;
}

// Few of them, so that many want the same place, also the last one, behind which the first follows; the higher words
// differ in bits that no 32-bit number has.
const anySubject = fc
  .tuple(fc.constantFrom(0, 1, 2, 1022, 1023, 1024, 2 ** 31, 2 ** 32 - 1), fc.constantFrom(0, 1, 2 ** 20, 2 ** 32 - 1))
  .map(([low, high]) => toSubjectHash(low, high));

test('lanes are found by their subjects as in a Map, whatever comes and goes', () => {
  const step = fc.record({ does: fc.constantFrom('set', 'delete'), subject: anySubject, line: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const lanes = new Lanes();
      const model = new Map<number, Lane>();
      for (const { does, subject, line } of steps) {
        if (does === 'delete') {
          lanes.delete(subject);
          model.delete(subject);
        } else {
          const lane = laneNamed(line);
          lanes.set(subject, lane);
          model.set(subject, lane);
        }
        expect(lanes.get(subject)).toBe(model.get(subject));
      }
      for (const [subject, lane] of model) expect(lanes.get(subject)).toBe(lane);
      expect(new Set(lanes.all())).toEqual(new Set(model.values()));
    }),
    { numRuns: 300 },
  );
});

test('they grow, and each of many is found', () => {
  const lanes = new Lanes();
  const subjects = Array.from({ length: 5_000 }, (_, i) => ((i + 1) * 0x9e37_79b9_7f4a) % 2 ** 53);
  for (const subject of subjects) lanes.set(subject, laneNamed(subject));
  for (const subject of subjects.slice(0, 2_500)) lanes.delete(subject);
  const found = subjects.map((subject) => (lanes.get(subject) as Event | undefined)?.line);
  expect(found).toEqual(subjects.map((subject, i) => (i < 2_500 ? undefined : subject)));
});
