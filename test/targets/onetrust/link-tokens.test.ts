import { expect, it } from 'vitest';
import type { Classified, Sendable } from '../../../src/core/target.js';
import { createOneTrustTarget } from '../../../src/targets/onetrust/target.js';

const TARGET = createOneTrustTarget({ body: 'array', token: 'collection.point.token' });

function sendable(record: object): Sendable {
  const bytes = Buffer.from(JSON.stringify(record));
  return { bytes, start: 0, end: bytes.length, splice: undefined };
}

function returned(records: readonly object[], answers: readonly object[]): readonly unknown[] {
  const body = Buffer.from(JSON.stringify(answers));
  const response = { status: 200, headers: { 'content-type': 'application/json' }, body, framed: true };
  const { reading }: Classified = TARGET.classify(records.map(sendable), response, 0);
  if (reading.kind !== 'verdicts') throw new Error(reading.kind);
  return reading.verdicts.map((verdict) => (verdict.kind === 'delivered' ? verdict.returned : verdict));
}

it('link tokens are kept where the record asked for one, and only there', () => {
  const answer = { receipt: 'r', instantLinkToken: 'long', linkToken: 'short' };
  expect(
    returned(
      [
        { identifier: 'a', generateInstantLinkToken: true },
        { shortLinkToken: true, identifier: 'b' },
        { identifier: 'c' },
        { identifier: 'd', generateInstantLinkToken: false },
        { identifier: 'e', customPayload: { shortLinkToken: 'true' } },
      ],
      [answer, answer, answer, answer, answer],
    ),
  ).toEqual([answer, answer, { receipt: 'r' }, { receipt: 'r' }, { receipt: 'r' }]);
});

it('a token that comes back in the place of a receipt is not kept', () => {
  const claims = Buffer.from(JSON.stringify({ tenantId: 't', processId: 'p' })).toString('base64url');
  expect(returned([{ identifier: 'a' }], [{ receipt: `h.${claims}.s` }])).toEqual([{}]);
  expect(returned([{ identifier: 'a' }], [{ receipt: 'x'.repeat(201) }])).toEqual([{}]);
});
