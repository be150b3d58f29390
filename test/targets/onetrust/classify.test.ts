import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/core/ports.js';
import type { Reading } from '../../../src/core/target.js';
import { classifyAnswer } from '../../../src/targets/onetrust/classify.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const UUID = '9556b7f5-ae22-4616-97f9-3f61e22f0ec7';

function answer(status: number, body: unknown = '', parts: Partial<HttpResponse> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: {}, body: Buffer.from(text), framed: true, ...parts };
}

const reading = (count: number, response: HttpResponse, secrets: string[] = []): Reading =>
  classifyAnswer(count, response, secrets, NOW).reading;
const unknown = (count: number) => ({ kind: 'verdicts', verdicts: Array(count).fill({ kind: 'unknown' }) });
const delivered = (returned: object) => ({ kind: 'delivered', returned });
const taken = (n: number) => Array.from({ length: n }, (_, i) => ({ receipt: `r${i}` }));
const jwt = (claims: object) => `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;

describe('a success', () => {
  it('delivers each receipt of an array of exactly the length sent', () => {
    expect(reading(2, answer(200, taken(2)))).toEqual({
      kind: 'verdicts',
      verdicts: [delivered({ receipt: 'r0' }), delivered({ receipt: 'r1' })],
    });
    expect(reading(1, answer(201, taken(1), { framed: false }))).toEqual({
      kind: 'verdicts',
      verdicts: [delivered({ receipt: 'r0' })],
    });
  });

  it('delivers a single receipt by an object too', () => {
    expect(reading(1, answer(200, taken(1)[0]))).toEqual({
      kind: 'verdicts',
      verdicts: [delivered({ receipt: 'r0' })],
    });
  });

  it('returns the id of the receipt, and link tokens, but no receipt as a whole', () => {
    const body = [
      { receipt: jwt({ jti: UUID }), instantLinkToken: 'i', linkToken: 's', more: 1 },
      { receipt: UUID },
      { receipt: jwt({ sub: 'x' }), linkToken: null },
    ];
    expect(reading(3, answer(200, body))).toEqual({
      kind: 'verdicts',
      verdicts: [
        delivered({ receipt: UUID, instantLinkToken: 'i', linkToken: 's' }),
        delivered({ receipt: UUID }),
        delivered({}),
      ],
    });
  });

  it('tells nothing when it is of another length or shape, no JSON, cut off, or empty', () => {
    for (const body of [
      ...[
        taken(1),
        taken(3),
        [],
        taken(1)[0],
        { data: taken(2) },
        null,
        'ok',
        '',
        '<!doctype html>',
        '[{"receipt":"a"},',
      ],
      '{"receipt":"a"}{"receipt":"b"}',
    ]) {
      expect(reading(2, answer(200, body)), JSON.stringify(body)).toEqual(unknown(2));
    }
    expect(reading(1, answer(204))).toEqual(unknown(1));
    expect(reading(1, answer(200, { error: 'x' }))).toEqual(unknown(1));
  });

  it('tells nothing of an entry that is no receipt', () => {
    const entries = [{ receipt: 'a' }, { receipt: '' }, { receipt: 1 }, { error: 'bad purpose' }, null, 'r', {}];
    const { verdicts } = reading(7, answer(200, entries)) as Reading & { kind: 'verdicts' };
    expect(verdicts.map(({ kind }) => kind)).toEqual(['delivered', ...Array(6).fill('unknown')]);
  });
});

describe('what is no success', () => {
  it('is unknown after a failure of the server, for the receipts may have been taken', () => {
    for (const status of [408, 500, 502, 503, 504, 599]) expect(reading(2, answer(status, 'x'))).toEqual(unknown(2));
    const wait = { headers: { 'retry-after': '7' } };
    for (const status of [408, 503]) {
      expect(classifyAnswer(2, answer(status, '', wait), [], NOW)).toEqual({
        reading: unknown(2),
        limits: { retryAfterMs: 7000 },
      });
    }
  });

  it('is sent again after 429 only, with what the headers tell', () => {
    const headers = {
      ...{ 'retry-after': '55', 'ot-requests-allowed': '20000', 'ot-period': 'MINUTE', 'ot-request-made': '20009' },
      'ot-ratelimit-event-id': UUID,
    };
    expect(classifyAnswer(2, answer(429, '', { headers }), [], NOW)).toEqual({
      reading: { kind: 'again', strain: 'throttled', waitMs: 55_000 },
      limits: { policy: { requests: 20_000, windowMs: 60_000 }, remaining: 0, retryAfterMs: 55_000 },
    });
    expect(classifyAnswer(2, answer(429), [], NOW)).toEqual({ reading: { kind: 'again', strain: 'throttled' } });
  });

  it('is a refusal at 400, 413 and 422: of one receipt for good, of several to be split', () => {
    const names: Record<number, string> = { 400: 'BadRequest', 413: 'PayloadTooLarge', 422: 'UnprocessableEntity' };
    for (const status of [400, 413, 422]) {
      const errors = [{ path: '', message: `the target refused it: ${status} ${names[status]}`, verbatim: 'No.' }];
      expect(reading(2, answer(status, '"No."'))).toEqual({ kind: 'refused', suspects: [], errors });
      expect(reading(1, answer(status, { message: 'No.' }))).toEqual({
        kind: 'verdicts',
        verdicts: [{ kind: 'rejected', errors }],
      });
      expect(reading(1, answer(status, 'No.'))).toMatchObject({ verdicts: [{ errors }] });
    }
    expect(reading(1, answer(400))).toEqual({
      kind: 'verdicts',
      verdicts: [{ kind: 'rejected', errors: [{ path: '', message: 'the target refused it: 400 BadRequest' }] }],
    });
  });

  it('quotes no token', () => {
    const secret = jwt({ tenantId: 'tenant', processId: 'process' });
    const said = `bad token ${secret}, payload ${secret.split('.')[1]}`;
    expect(reading(1, answer(400, said), [secret])).toMatchObject({
      verdicts: [{ errors: [{ verbatim: 'bad token …, payload …' }] }],
    });
  });

  it('ends the run for all else', () => {
    for (const status of [401, 403]) {
      expect(reading(2, answer(status, '"Unauthorized"'))).toEqual({ kind: 'end', reason: 'auth', status });
    }
    for (const status of [301, 302, 304, 307, 402, 404, 405, 409, 415, 418, 425, 451]) {
      expect(reading(2, answer(status, taken(2)))).toEqual({ kind: 'end', reason: 'unavailable', status });
    }
  });
});
