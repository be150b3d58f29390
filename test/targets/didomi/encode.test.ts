import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sendable } from '../../../src/core/target.js';
import { idOf } from '../../../src/targets/didomi/event-ids.js';
import { createDidomiTarget } from '../../../src/targets/didomi/target.js';

const target = createDidomiTarget({
  organizationId: 'a/b c',
  disableIntegrations: false,
  credentials: { key: 'k', secret: 's' },
});

function sendable(text: string, splice?: string): Sendable {
  const bytes = Buffer.from(`\n${text}\n`);
  return { bytes, start: 1, end: bytes.length - 1, splice: splice === undefined ? undefined : Buffer.from(splice) };
}

describe("createDidomiTarget's requests", () => {
  it('hold the bytes of the records, joined to an array, each splice directly after its {', () => {
    const request = target.encode(
      [sendable('{"n":1234567890123456789}'), sendable('{ "b" : "\\u00e9é"}', '"id":"x",'), sendable('{"c":3}')],
      'token',
    );
    expect(request).toEqual({
      method: 'POST',
      path: '/consents/events?organization_id=a%2Fb%20c',
      headers: { 'content-type': 'application/json', accept: 'application/json', authorization: 'Bearer token' },
      body: new Uint8Array(Buffer.from('[{"n":1234567890123456789},{"id":"x", "b" : "\\u00e9é"},{"c":3}]')),
    });
  });

  it('tell Didomi not to forward the events, if asked', () => {
    const silent = createDidomiTarget({
      organizationId: 'org',
      disableIntegrations: true,
      credentials: { key: 'k', secret: 's' },
    });
    expect(silent.encode([sendable('{}')], 't').path).toBe(
      '/consents/events?organization_id=org&%24disable_integrations=true',
    );
  });

  it('are as long as the overhead says', () => {
    fc.assert(
      fc.property(fc.array(fc.dictionary(fc.string(), fc.string()), { minLength: 1, maxLength: 100 }), (records) => {
        const events = records.map((record, i) =>
          sendable(JSON.stringify(record), i % 2 === 0 ? undefined : '"id":"i",'),
        );
        const { body } = target.encode(events, 't');
        const size = events.reduce((sum, { start, end, splice }) => sum + end - start + (splice?.length ?? 0), 0);
        const { perRequest, perEvent } = target.overhead;
        expect(body?.length).toBe(perRequest + size + perEvent * (events.length - 1));
      }),
    );
  });
});

describe('idOf', () => {
  it('reads the id wherever it stands, escaped or not', () => {
    expect(idOf(sendable('{"id":"abc","user":{"id":"no"}}'))).toBe('abc');
    expect(idOf(sendable('{"user":{"id":"no"}, "id" : "abc"}'))).toBe('abc');
    expect(idOf(sendable('{"id":"a\\"b\\u00e9","x":1}'))).toBe('a"bé');
    expect(idOf(sendable('{"id":"é","x":1}'))).toBe('é');
  });

  it('takes the id of the splice where there is one', () => {
    expect(idOf(sendable('{"user":{"id":"no"}}', '"id":"abc",'))).toBe('abc');
  });
});
