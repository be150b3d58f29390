import { expect, it } from 'vitest';
import { pointerToken, pointerTokens, valueAt } from '../../src/targets/json-pointer.js';

it('reads and writes the tokens of a pointer', () => {
  expect(pointerTokens('')).toEqual([]);
  expect(pointerTokens('/')).toEqual(['']);
  expect(pointerTokens('/a~1b/m~0n/0')).toEqual(['a/b', 'm~n', '0']);
  for (const none of ['a', 'a/b', '/~', '/~2']) expect(pointerTokens(none), none).toBeUndefined();
  expect(pointerToken('a/b~c')).toBe('a~1b~0c');
});

it('finds the value at a pointer, own members only', () => {
  const value = { a: [{ b: 1 }], 'x/y': null };
  expect(valueAt(value, ['a', '0', 'b'])).toBe(1);
  expect(valueAt(value, ['x/y'])).toBeNull();
  for (const tokens of [['a', '1'], ['a', '00'], ['a', 'length'], ['toString'], ['x/y', 'z'], ['a', '0', 'b', 'c']]) {
    expect(valueAt(value, tokens), tokens.join()).toBeUndefined();
  }
});
