import { expect, it } from 'vitest';
import type { Block } from '../../src/core/block.js';
import type { RecordRules } from '../../src/core/target.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { Session } from '../../src/pipeline/session.js';
import { demoToken } from '../../src/sandbox/sandbox.js';
import { createOneTrustRules } from '../../src/targets/onetrust/rules.js';
import { VirtualClock } from '../fakes/virtual-clock.js';

/** Rules that leave everything before the first `#` out of the content, and stamp what says so. */
const rules: RecordRules = {
  examine(value, bytes, start, end, into) {
    const mark = bytes.subarray(start, end).indexOf(0x23);
    into.rejection = undefined;
    into.id = 'same';
    into.leftOut = mark < 0 ? undefined : { start, end: start + mark };
    into.stamp = value === 'stamped' ? { offset: 1, bytes: new Uint8Array([7]) } : undefined;
  },
  generalPath: (path) => path,
};

const decode = (lines: string[]): Block =>
  createDecode(
    { maxLineBytes: 1000, secret: new Uint32Array([1, 2, 3, 4]) },
    rules,
  )({
    kind: 'lines',
    bytes: Buffer.from(lines.map((line) => JSON.stringify(line)).join('\n')),
  });

it('compares two records without what does not count', () => {
  const { fingerprint, count } = decode(['a#x', 'bb#x', 'bb#y', 'plain', 'plain', 'plein']);
  const of = (at: number) => fingerprint.slice(at * 2, at * 2 + 2).join();
  expect(count).toBe(6);
  expect(of(0)).toBe(of(1));
  expect(of(1)).not.toBe(of(2));
  expect(of(3)).toBe(of(4));
  expect(of(4)).not.toBe(of(5));
});

it('gives a receipt the same id and fingerprint with its token and without', () => {
  const oneTrust = createDecode(
    { maxLineBytes: 10_000, secret: new Uint32Array([1, 2, 3, 4]) },
    createOneTrustRules({ token: demoToken() }),
  );
  const rest = '"identifier":"a", "interactionDate":"2024-05-14T01:34:33Z"';
  const token = `"requestInformation" : "${demoToken()}"`;
  const lines = [`{${rest}}`, `{${token} , ${rest}}`, `{${rest}, ${token}}`, `{${rest} }`];
  const { idHash, fingerprint, rejections } = oneTrust({ kind: 'lines', bytes: Buffer.from(lines.join('\n')) });
  expect(rejections.size).toBe(0);
  const of = (at: number) => [idHash.slice(at * 4, at * 4 + 4).join(), fingerprint.slice(at * 2, at * 2 + 2).join()];
  expect([of(1), of(2)]).toEqual([of(0), of(0)]);
  expect(of(3)).not.toEqual(of(0));
});

it('keeps the stamps of the records that have one', () => {
  expect([...decode(['a', 'stamped', 'b']).stamps]).toEqual([[1, { offset: 1, bytes: new Uint8Array([7]) }]]);
});

it('sends with a fixed token from the start, and never asks for another', () => {
  const authorizer = { fixed: '', obtain: () => Promise.reject(new Error('not to be asked')) };
  const session = new Session(authorizer, { send: () => Promise.reject(new Error('no')) }, new VirtualClock());
  expect(session.token).toBe('');
});
