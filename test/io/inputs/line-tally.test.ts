import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineTally } from '../../../src/io/inputs/line-tally.js';

describe('LineTally', () => {
  it('counts lines and the bytes of whole lines, however long lines are and wherever chunks end', () => {
    const text = fc
      .array(fc.oneof(fc.nat({ max: 4 }), fc.nat({ max: 300 })).map((length) => 'x'.repeat(length)))
      .map((lines) => lines.join('\n'));
    fc.assert(
      fc.property(fc.array(text), (chunks) => {
        const tally = new LineTally();
        for (const chunk of chunks) tally.add(Buffer.from(chunk));
        const whole = chunks.join('');
        expect(tally.position()).toEqual({
          bytes: whole.length,
          lines: whole.split('\n').length - 1,
          wholeLineBytes: whole.lastIndexOf('\n') + 1,
        });
      }),
    );
  });
});
