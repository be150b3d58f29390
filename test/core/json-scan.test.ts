import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArrayScanner, scanArray } from '../../src/core/json-scan.js';

function elements(text: string): { texts: string[]; problem: string | undefined } {
  const bytes = Buffer.from(text);
  const { elements, problem } = scanArray(bytes);
  return { texts: elements.map(([start, end]) => bytes.toString('utf8', start, end)), problem };
}

describe('scanArray', () => {
  it('cuts an array into its elements, without the white space around them', () => {
    expect(elements('[]')).toEqual({ texts: [], problem: undefined });
    expect(elements(' [ \n ] ')).toEqual({ texts: [], problem: undefined });
    expect(elements('[1]')).toEqual({ texts: ['1'], problem: undefined });
    expect(elements('\t[ {"a": [1, 2]} ,\r\n"x" , [ ] ]\n')).toEqual({
      texts: ['{"a": [1, 2]}', '"x"', '[ ]'],
      problem: undefined,
    });
  });

  it('is not fooled by brackets, commas, quotes and escapes in strings', () => {
    expect(elements('["],[","\\"]","\\\\",{"}":"{"}]').texts).toEqual(['"],["', '"\\"]"', '"\\\\"', '{"}":"{"}']);
  });

  it('cuts out an element that is no JSON, and goes on behind it', () => {
    expect(elements('[1,tru e,}x,{"a"},2]')).toEqual({ texts: ['1', 'tru e', '}x', '{"a"}', '2'], problem: undefined });
  });

  it('lets a bracket too few or too many spoil its own element only', () => {
    expect(elements('[1,{"a":[1,2},2]').texts).toEqual(['1', '{"a":[1,2}', '2']);
    expect(elements('[1,[{"a":1],2]').texts).toEqual(['1', '[{"a":1]', '2']);
    expect(elements('[1,{"a":{"b":1]},2]').texts).toEqual(['1', '{"a":{"b":1]}', '2']);
    expect(elements('[1,[[1}],2]').texts).toEqual(['1', '[[1}]', '2']);
    expect(elements('[1,{"a":1}},2]').texts).toEqual(['1', '{"a":1}}', '2']);
    expect(elements(`[${'{"a":['.repeat(1_000)}${']}'.repeat(1_000)},2]`).texts).toHaveLength(2);
  });

  it('reports a missing element as an empty one', () => {
    expect(elements('[1,,2]')).toEqual({ texts: ['1', '', '2'], problem: 'empty_element' });
    expect(elements('[1,]')).toEqual({ texts: ['1', ''], problem: 'empty_element' });
    expect(elements('[,]')).toEqual({ texts: ['', ''], problem: 'empty_element' });
  });

  it('says what makes the text no array', () => {
    expect(elements('')).toEqual({ texts: [], problem: 'no_array' });
    expect(elements('{"a":[1]}')).toEqual({ texts: [], problem: 'no_array' });
    expect(elements('[1,{"a":2')).toEqual({ texts: ['1'], problem: 'cut_off' });
    expect(elements('[1,"a]')).toEqual({ texts: ['1'], problem: 'cut_off' });
    expect(elements('[1] x')).toEqual({ texts: ['1'], problem: 'trailing_bytes' });
    expect(elements('[1][2]')).toEqual({ texts: ['1'], problem: 'trailing_bytes' });
  });

  it('reads brackets 100,000 deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(elements(`[${deep},1]`)).toEqual({ texts: [deep, '1'], problem: undefined });
  });

  it('finds in any array what JSON.parse finds', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.nat(2), (array, indent) => {
        const { texts, problem } = elements(JSON.stringify(array, null, indent));
        expect(problem).toBeUndefined();
        expect(texts.map((text) => JSON.parse(text))).toEqual(JSON.parse(JSON.stringify(array)));
      }),
    );
  });
});

describe('ArrayScanner', () => {
  it('finds the same in chunks cut anywhere, whatever the text', () => {
    const texts = fc.oneof(
      fc.array(fc.jsonValue()).map((array) => JSON.stringify(array)),
      fc.stringMatching(/^\[[[\]{}",\\ a1]*$/),
      fc.stringMatching(/^[[\]{}",\\ a1]*$/),
    );
    fc.assert(
      fc.property(texts, fc.array(fc.integer({ min: 1, max: 5 })), (text, sizes) => {
        const bytes = Buffer.from(text);
        const scanner = new ArrayScanner();
        const found: [number, number][] = [];
        let at = 0;
        for (const size of [...sizes, bytes.length]) {
          const before = scanner.openElement;
          scanner.feed(bytes.subarray(at, at + size), (start, end) => {
            if (before !== undefined && found.every(([s]) => s !== before)) expect(start).toBe(before);
            found.push([start, end]);
          });
          at += size;
        }
        scanner.finish();
        const whole = scanArray(bytes);
        expect({ elements: found, problem: scanner.problem }).toEqual(whole);
      }),
      { numRuns: 500 },
    );
  });

  it('says from where on the bytes of the open element must be kept', () => {
    const scanner = new ArrayScanner();
    const found: [number, number][] = [];
    const feed = (text: string) => scanner.feed(Buffer.from(text), (start, end) => found.push([start, end]));
    feed('[ ');
    expect(scanner.openElement).toBeUndefined();
    feed('{"a"');
    expect(scanner.openElement).toBe(2);
    feed(':"\\');
    feed('"}"} ');
    expect(scanner.openElement).toBe(2);
    expect(scanner.arrayEnd).toBeUndefined();
    feed(']');
    expect(scanner.openElement).toBeUndefined();
    expect(scanner.arrayEnd).toBe(15);
    expect(found).toEqual([[2, 13]]);
  });
});
