import { expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/core/ports.js';
import type { Sendable } from '../../../src/core/target.js';
import { createOneTrustTarget } from '../../../src/targets/onetrust/target.js';
import { receipt, token } from './receipts.js';

function sendable(value: object): Sendable {
  const bytes = Buffer.from(JSON.stringify(value));
  return { bytes, start: 0, end: bytes.length, splice: undefined };
}

function refusedWith(text: string): HttpResponse {
  return { status: 400, headers: {}, body: Buffer.from(JSON.stringify(text)), framed: true };
}

it('leaves the token out of what a refusal says, also one that the record itself brought', () => {
  const own = token({ processId: 'own' });
  for (const configured of [own, undefined]) {
    const target = createOneTrustTarget({ body: 'array', token: configured });
    const events = [sendable(receipt({ requestInformation: own }))];
    const { reading } = target.classify(events, refusedWith(`Not good: ${own}, ${own.split('.')[1]}`), 0);
    const errors = [{ path: '', message: 'the target refused it: 400 BadRequest', verbatim: 'Not good: …, …' }];
    expect(reading).toEqual({ kind: 'verdicts', verdicts: [{ kind: 'rejected', errors }] });
  }
});
