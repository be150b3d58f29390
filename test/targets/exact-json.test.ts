import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExactly } from '../../src/targets/exact-json.js';

const isSame = (a: string, b: string): boolean => JSON.stringify(parseExactly(a)) === JSON.stringify(parseExactly(b));

describe('JSON with exact numbers', () => {
  it.each([
    ['1', '1.0'],
    ['100', '1e2'],
    ['-0.5', '-5E-1'],
    ['12345678901234567890', '1234567890123456789.0e1'],
    ['1000000000000000000000', '1e21'],
    ['0.1', '0.10'],
  ])('takes %s and %s for equal', (a, b) => {
    expect(isSame(a, b)).toBe(true);
  });

  it.each([
    ['9223372036854775807', '9223372036854775808'],
    ['12345678901234567890', '12345678901234567000'],
    ['0.1', '0.10000000000000000001'],
    ['-12345678901234567890', '12345678901234567890'],
    ['1e400', '1e401'],
    ['1e-400', '0'],
    ['12345678901234567890', '"12345678901234567890"'],
  ])('tells %s from %s', (a, b) => {
    expect(isSame(a, b)).toBe(false);
  });

  it('leaves digits in texts alone', () => {
    const text = '{"12345678901234567890":"99999999999999999999 \\" 88888888888888888888","a\\\\":[-1]}';
    expect(parseExactly(text)).toEqual(JSON.parse(text));
  });

  it('parses whatever JSON.parse parses, to the same where doubles are exact', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const rounded = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
        const exact = JSON.stringify(parseExactly(text));
        if (!exact.includes('"\\u0000')) expect(JSON.parse(exact)).toEqual(rounded(JSON.parse(text)));
      }),
    );
  });

  it('tells any two numbers apart that differ in a digit', () => {
    const digits = fc.bigInt({ min: 1n, max: 10n ** 40n });
    fc.assert(
      fc.property(digits, digits, (a, b) => {
        expect(isSame(`${a}`, `${b}`)).toBe(a === b);
      }),
    );
  });

  it.each(['', '{', '[1,]', '01', '-', '1.', '{"a":1e}', '"\\"'])('throws at what is no JSON: %s', (text) => {
    expect(() => parseExactly(text)).toThrow(SyntaxError);
  });
});
