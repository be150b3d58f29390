import fc from 'fast-check';
import { expect, test } from 'vitest';
import { split } from '../../src/pipeline/split.js';

/** Sends a batch to a target that refuses what holds a bad event. Returns what it cost, and who stood alone at last. */
function isolate(count: number, bad: ReadonlySet<number>, suspectsOf: (part: readonly number[]) => number[]) {
  const parts = [Array.from({ length: count }, (_, i) => i)];
  const taken: number[] = [];
  const refused: number[] = [];
  let requests = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    requests += 1;
    if (!part.some((event) => bad.has(event))) taken.push(...part);
    else if (part.length === 1) refused.push(part[0]!);
    else parts.unshift(...split(part, suspectsOf(part)));
  }
  return { requests, taken, refused };
}

const batch = fc
  .integer({ min: 1, max: 100 })
  .chain((count) => fc.tuple(fc.constant(count), fc.subarray(Array.from({ length: count }, (_, i) => i))));

test('k bad events of n cost at most 2k·⌈log2(n/k)⌉ + 2k + 1 requests, and the order is kept', () => {
  fc.assert(
    fc.property(batch, ([count, chosen]) => {
      const bad = new Set(chosen);
      const { requests, taken, refused } = isolate(count, bad, () => []);
      const k = bad.size;
      expect(requests).toBeLessThanOrEqual(k === 0 ? 1 : 2 * k * Math.ceil(Math.log2(count / k)) + 2 * k + 1);
      expect(refused).toEqual(chosen);
      expect(taken).toEqual(Array.from({ length: count }, (_, i) => i).filter((event) => !bad.has(event)));
    }),
    { numRuns: 500 },
  );
});

test('one bad event that the answer names costs four requests at most', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 100 }), fc.nat(), (count, at) => {
      const bad = at % count;
      const { requests, refused } = isolate(count, new Set([bad]), (part) => [part.indexOf(bad)]);
      expect(requests).toBeLessThanOrEqual(4);
      expect(refused).toEqual([bad]);
    }),
  );
});

test('whatever an answer names, each piece is shorter, none is empty, and together they are the batch in order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 100 }), fc.array(fc.integer({ min: -5, max: 120 })), (count, suspects) => {
      const part = Array.from({ length: count }, (_, i) => i);
      const pieces = split(part, suspects);
      expect(pieces.flat()).toEqual(part);
      for (const piece of pieces) {
        expect(piece.length).toBeGreaterThan(0);
        expect(piece.length).toBeLessThan(count);
      }
    }),
  );
});
