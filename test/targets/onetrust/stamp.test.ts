import { describe, expect, it } from 'vitest';
import { jsonObject } from '../../../src/targets/sent-bytes.js';
import { DATE, examineText, PADDING, token, violations } from './receipts.js';

const options = { stamp: 'row', idPointer: '/id' };

/** The record as it is sent. */
function sent(text: string, given: object = options): string {
  const bytes = Buffer.from(`${PADDING}${text}${PADDING}`);
  const { rejection, splice, stamp } = examineText(text, given);
  expect(rejection).toBeUndefined();
  const at = { start: PADDING.length, end: bytes.length - PADDING.length };
  return Buffer.from(jsonObject({ bytes, ...at, splice, stamp })).toString();
}

const T = `"requestInformation":"${token()}"`;
const REST = `"identifier":"a","interactionDate":"${DATE}","id":"7"`;

describe('--stamp', () => {
  it('writes the event id into the custom payload, in front of what is there', () => {
    expect(sent(`{${REST}, "customPayload" : { "a" : "b" } }`)).toBe(
      `{${T},${REST}, "customPayload" : {"row":"7", "a" : "b" } }`,
    );
    expect(sent(`{${T},"customPayload":{},${REST}}`)).toBe(`{${T},"customPayload":{"row":"7"},${REST}}`);
  });

  it('makes a custom payload where there is none, behind the token', () => {
    expect(sent(`{${REST}}`)).toBe(`{${T},"customPayload":{"row":"7"},${REST}}`);
    expect(sent(`{${T},${REST}}`)).toBe(`{"customPayload":{"row":"7"},${T},${REST}}`);
  });

  it('does not change the id that is a hash of the record', () => {
    const record = `{"identifier":"a","interactionDate":"${DATE}"}`;
    const { id } = examineText(record);
    expect(examineText(record, { stamp: 'x' }).id).toBe(id);
    expect(sent(record, { stamp: '"x' })).toBe(
      `{${T},"customPayload":{"\\"x":"${id}"},"identifier":"a","interactionDate":"${DATE}"}`,
    );
  });

  it('leaves a record as it is where the id stands already, and takes no other value', () => {
    const own = `{${T},${REST},"customPayload":{"row":"7"}}`;
    expect(sent(own)).toBe(own);
    expect(violations(`{${REST},"customPayload":{"row":"8"}}`, options)).toEqual([
      '/customPayload/row: must be free for the event id: --stamp writes it there',
    ]);
    expect(violations(`{${REST},"customPayload":{"row":"8","row":"7"}}`, options)).toEqual([
      '/customPayload/row: duplicate key',
    ]);
  });

  it('needs room', () => {
    const payload = (length: number) => `{${REST},"customPayload":{"a":"${'x'.repeat(length - '{"a":""}'.length)}"}}`;
    const stamp = ',"row":"7"'.length;
    expect(sent(payload(4000 - stamp))).toContain('"row":"7"');
    expect(violations(payload(4001 - stamp), options)).toEqual([
      '/customPayload: must leave room for the event id of --stamp: 4,000 characters in total',
    ]);
  });

  it('can not read a name that is written with escapes', () => {
    expect(violations(`{${REST},"custom\\u0050ayload":{"a":"b"}}`, options)).toEqual([
      '/customPayload: must have its name written without escapes',
    ]);
  });
});
