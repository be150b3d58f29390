import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberRange, memberWithComma } from '../../src/core/json-members.js';

const without = (text: string, name: string): string => {
  const bytes = Buffer.from(`,${text},`);
  const range = memberWithComma(bytes, 1, bytes.length - 1, name);
  if (range === undefined) return text;
  return Buffer.concat([bytes.subarray(1, range.start), bytes.subarray(range.end, bytes.length - 1)]).toString();
};

describe('memberRange', () => {
  it('tells where key and value stand', () => {
    const bytes = Buffer.from('{ "a" : [1, "]"] , "b":2}');
    expect(memberRange(bytes, 0, bytes.length, 'a')).toEqual({ keyStart: 2, start: 8, end: 16 });
    expect(memberRange(bytes, 0, bytes.length, 'c')).toBeUndefined();
  });
});

describe('memberWithComma', () => {
  it('takes the comma after the member, or the one before the last', () => {
    expect(without('{"t":"x","a":1}', 't')).toBe('{"a":1}');
    expect(without('{"a":1,"t":"x"}', 't')).toBe('{"a":1}');
    expect(without('{ "a" : 1 , "t" : "x" , "b" : 2 }', 't')).toBe('{ "a" : 1 , "b" : 2 }');
    expect(without('{"a":1 , "t":"x" }', 't')).toBe('{"a":1 }');
    expect(without('{ "t":"x" }', 't')).toBe('{  }');
    expect(without('{"a":{"t":1}}', 't')).toBe('{"a":{"t":1}}');
  });

  it('leaves what JSON would be without the member', () => {
    const record = fc.dictionary(fc.constantFrom('t', 'a', 'b', 'é', 'longer'), fc.jsonValue());
    fc.assert(
      fc.property(record, fc.constantFrom(undefined, 1, '\t'), (object, indent) => {
        const { t: _, ...rest } = object;
        expect(JSON.parse(without(JSON.stringify(object, null, indent), 't'))).toEqual(
          JSON.parse(JSON.stringify(rest)),
        );
      }),
    );
  });
});
