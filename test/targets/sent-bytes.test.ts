import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Sendable } from '../../src/core/target.js';
import { jsonArray, jsonObject } from '../../src/targets/sent-bytes.js';

const sendable = (text: string, splice?: string, stamp?: { offset: number; text: string }): Sendable => {
  const bytes = Buffer.from(`..${text}..`);
  return {
    ...{ bytes, start: 2, end: bytes.length - 2 },
    splice: splice === undefined ? undefined : Buffer.from(splice),
    stamp: stamp === undefined ? undefined : { offset: stamp.offset, bytes: Buffer.from(stamp.text) },
  };
};
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

it('puts splice and stamp into the record, each in its place', () => {
  const record = '{"p":{"x":1}}';
  expect(text(jsonObject(sendable(record)))).toBe(record);
  expect(text(jsonObject(sendable(record, '"t":0,')))).toBe('{"t":0,"p":{"x":1}}');
  expect(text(jsonObject(sendable(record, undefined, { offset: 6, text: '"i":2,' })))).toBe('{"p":{"i":2,"x":1}}');
  expect(text(jsonObject(sendable(record, '"t":0,', { offset: 6, text: '"i":2,' })))).toBe('{"t":0,"p":{"i":2,"x":1}}');
  expect(text(jsonObject(sendable(record, '"t":0,', { offset: 1, text: '"i":2,' })))).toBe('{"t":0,"i":2,"p":{"x":1}}');
});

it('joins records to an array', () => {
  const all = [
    sendable('{"a":1}'),
    sendable('{"b":2}', '"t":0,'),
    sendable('{"c":3}', undefined, { offset: 1, text: '"i":2,' }),
  ];
  expect(text(jsonArray(all))).toBe('[{"a":1},{"t":0,"b":2},{"i":2,"c":3}]');
  expect(text(jsonArray(all.slice(0, 1)))).toBe('[{"a":1}]');
});

it('an array holds the bytes of each event and nothing between them but commas, wherever they stand', () => {
  const slab = Buffer.from('{"a":1}\n{"a":2}\n{"a":3}\r\n{"a":4}\n\n{"a":5},{"a":6}');
  const starts = [0, 8, 16, 25, 34, 42];
  const copy = Buffer.from(slab);
  const one = fc.record({
    event: fc.nat(starts.length - 1),
    bytes: fc.constantFrom(slab, copy),
    splice: fc.constantFrom(undefined, undefined, Buffer.from('"id":0,')),
  });
  fc.assert(
    fc.property(fc.array(one), fc.nat(6), (chosen, whole) => {
      const inOrder = starts.slice(0, whole).map((_, event) => ({ event, bytes: slab, splice: undefined }));
      const all = [...inOrder, ...chosen];
      const events = all.map(({ event, bytes, splice }) => {
        const start = starts[event]!;
        return { bytes, start, end: start + 7, splice };
      });
      const expected = all.map(({ event, splice }) => `{${splice === undefined ? '' : '"id":0,'}"a":${event + 1}}`);
      expect(text(jsonArray(events))).toBe(`[${expected.join(',')}]`);
    }),
  );
  expect(slab.equals(copy)).toBe(true);
});
