import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConfigTextError, parseConfigText } from '../../../src/cli/settings/config-text.js';

function failure(text: string): string {
  try {
    parseConfigText(text);
  } catch (error) {
    if (error instanceof ConfigTextError) {
      return `${error.line}: ${error.message}`;
    }
    throw error;
  }
  return 'no error';
}

describe('the text of a config file', () => {
  it('gives what JSON.parse gives, whatever the object and its layout', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, 4), (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const parsed = Object.fromEntries(parseConfigText(text).map(({ key, value }) => [key, value]));
        expect(JSON.stringify(parsed)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it('gives the line of every key, also behind values of several lines', () => {
    const text = '\uFEFF{\n  "a": [1,\n 2, "]"],\r\n\n  "b": {"x": {}}, "c": "\\n"\n}\n';
    expect(parseConfigText(text).map(({ key, line }) => `${key} ${line}`)).toEqual(['a 2', 'b 5', 'c 5']);
  });

  it.each([
    ['', "1: expected '{' at the beginning"],
    ['[1]', "1: expected '{' at the beginning"],
    ['{"a":1,}', '1: expected a key in double quotes'],
    ['{\n"a" 1}', "2: expected ':' after the key"],
    ['{"a":}', '1: expected a value'],
    ['{"a":\n\n01}', '3: expected a value'],
    ['{"a":[1,}', '1: expected a value'],
    ['{"a":"\t"}', '1: expected a value'],
    ['{"a":1', "1: expected ',' or '}'"],
    ['{"a":1}\n{}', '2: text after the closing brace'],
    ['{"a":1 // why\n}', "1: expected ',' or '}'"],
  ])('says what is wrong in %j, and where', (text, expected) => {
    expect(failure(text)).toBe(expected);
  });
});
