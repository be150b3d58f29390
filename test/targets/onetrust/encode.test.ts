import { describe, expect, it } from 'vitest';
import type { Sendable } from '../../../src/core/target.js';
import { readAuthorizations } from '../../../src/targets/onetrust/authorizations.js';
import { createOneTrustTarget } from '../../../src/targets/onetrust/target.js';
import { token } from './receipts.js';

function sendable(text: string, splice?: string): Sendable {
  const bytes = Buffer.from(`\n${text}\n`);
  return { bytes, start: 1, end: bytes.length - 1, splice: splice === undefined ? undefined : Buffer.from(splice) };
}

const NOW = Date.parse('2026-03-01T12:00:00Z');
const jwt = (claims: object) => `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
const text = (body: Uint8Array | undefined) => Buffer.from(body ?? []).toString();

describe("createOneTrustTarget's requests", () => {
  const array = createOneTrustTarget({ body: 'array', token: token() });
  const one = createOneTrustTarget({ body: 'object', token: token() });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };

  it('hold an array of the records, or one record, as told', () => {
    const events = [
      sendable('{"identifier":"a", "n":1234567890123456789}', '"requestInformation":"t",'),
      sendable('{"identifier":"b"}'),
    ];
    expect(array.encode(events, '')).toEqual({
      ...{ method: 'POST', path: '/consentreceipts/bulk', headers },
      body: new Uint8Array(
        Buffer.from('[{"requestInformation":"t","identifier":"a", "n":1234567890123456789},{"identifier":"b"}]'),
      ),
    });
    expect(text(one.encode(events.slice(1), '').body)).toBe('{"identifier":"b"}');
    expect(() => one.encode(events, '')).toThrow('one receipt per call, and not 2');
    expect([array.maxEvents, one.maxEvents]).toEqual([undefined, 1]);
  });

  it('keep to the published limits, and need no session', async () => {
    expect(array.limits).toEqual({ requestsPerMinute: 3000, eventsPerDay: 3_000_000 });
    expect([array.resendIsHarmless, array.authorizer.fixed]).toEqual([false, '']);
  });

  it('carry the signed token of the person', () => {
    const authorizations = new Map([['jane@example.com', 'signed']]);
    const target = createOneTrustTarget({ body: 'array', token: token(), authorizations });
    for (const record of ['{"identifier":"jane@example.com"}', '{"\\u0069dentifier":"jane\\u0040example.com"}']) {
      expect(target.encode([sendable(record)], '').headers).toEqual({ ...headers, authorization: 'Bearer signed' });
    }
    expect(target.encode([sendable('{"identifier":"tom@example.com"}')], '').headers).toEqual(headers);
  });

  it('never quote a signed token that the target quotes', () => {
    const authorizations = new Map([['a', 'signed-token-of-a']]);
    const target = createOneTrustTarget({ body: 'array', token: undefined, authorizations });
    const response = { status: 400, headers: {}, body: Buffer.from('bad signed-token-of-a'), framed: true };
    expect(target.classify([sendable('{"identifier":"a"}')], response, NOW).reading).toMatchObject({
      verdicts: [{ errors: [{ verbatim: 'bad …' }] }],
    });
  });
});

describe('groups', () => {
  const record = (identifier: string, requestInformation?: string) =>
    sendable(JSON.stringify({ identifier, requestInformation }));
  const groups = (target: ReturnType<typeof createOneTrustTarget>, events: Sendable[]) =>
    events.map((event) => target.groupOf?.(event));

  it('keep collection points apart where records bring their own tokens', () => {
    const target = createOneTrustTarget({ body: 'array', token: undefined });
    const [a, b, c] = groups(target, [record('x', 'one'), record('y', 'one'), record('x', 'two')]);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it('keep people apart with signed tokens', () => {
    const target = createOneTrustTarget({ body: 'array', token: 't', authorizations: new Map() });
    const [a, b, c] = groups(target, [record('x', 't'), record('x'), record('y')]);
    expect(a).toBe(b);
    expect(a).not.toBe(c);
  });

  it('are not needed otherwise', () => {
    expect(createOneTrustTarget({ body: 'array', token: 't' }).groupOf).toBeUndefined();
  });
});

describe('readAuthorizations', () => {
  it('reads a token for each identifier, with or without Bearer', () => {
    const [jane, tom] = [jwt({ sub: 'jane@example.com', exp: NOW / 1000 + 60 }), jwt({})];
    expect(readAuthorizations({ 'jane@example.com': `Bearer ${jane}`, tom }, NOW)).toEqual({
      authorizations: new Map([
        ['jane@example.com', jane],
        ['tom', tom],
      ]),
      problems: [],
    });
  });

  it('says what is wrong, without naming people', () => {
    const given = {
      ...{
        a: 1,
        b: 'opaque',
        c: jwt({ sub: 'other' }),
        d: jwt({ sub: 'd', exp: NOW / 1000 }),
        e: 'x\ny',
        f: jwt({ sub: 'f' }),
      },
    };
    const { authorizations, problems } = readAuthorizations(given, NOW);
    expect([...authorizations.keys()]).toEqual(['f']);
    expect(problems).toEqual([
      'the token of identifier 1 must be a text of visible ASCII characters',
      'the token of identifier 2 must be a signed JWT',
      'the token of identifier 3 has another "sub" than that identifier',
      'the token of identifier 4 has expired',
      'the token of identifier 5 must be a text of visible ASCII characters',
    ]);
    expect(readAuthorizations([], NOW).problems).toEqual(['it must be a JSON object of identifiers and their tokens']);
  });
});
