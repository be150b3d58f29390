import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../../src/core/ports.js';
import type { Reading, Sendable, Verdict } from '../../../src/core/target.js';
import { classifyAnswer } from '../../../src/targets/didomi/classify.js';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const id = (i: number) => `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;

/** Events 0 to n-1; every third has its id from a splice, every other third not at the front. */
function batch(count: number): Sendable[] {
  return Array.from({ length: count }, (_, i) => {
    const rest = '"user":{"id":"u"},"consents":{}';
    const text = [`{"id":"${id(i)}",${rest}}`, `{${rest}}`, `{${rest},"id":"${id(i)}"}`][i % 3]!;
    const bytes = Buffer.from(text);
    return { bytes, start: 0, end: bytes.length, splice: i % 3 === 1 ? Buffer.from(`"id":"${id(i)}",`) : undefined };
  });
}

function answer(status: number, body: unknown = '', parts: Partial<HttpResponse> = {}): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: {}, body: Buffer.from(text), framed: true, ...parts };
}

const reading = (count: number, response: HttpResponse): Reading => classifyAnswer(batch(count), response, NOW).reading;

/** A reading's verdicts, one letter each: d(elivered), D(uplicate), x (rejected), r(etry). */
function letters(read: Reading): string {
  expect(read.kind).toBe('verdicts');
  const verdicts: readonly Verdict[] = read.kind === 'verdicts' ? read.verdicts : [];
  return verdicts
    .map(({ kind }) => ({ delivered: 'd', duplicate: 'D', rejected: 'x', retry: 'r', unknown: '?' })[kind])
    .join('');
}

const refused = (read: Reading) => (read.kind === 'refused' ? read.suspects : read);
const error = (code: number, message: string, errors: unknown = {}) => ({ code, name: 'SomeName', message, errors });

describe('an accepted batch', () => {
  it('is delivered by an empty answer, if its end was announced', () => {
    expect(letters(reading(3, answer(200)))).toBe('ddd');
    expect(letters(reading(3, answer(201, ' \n')))).toBe('ddd');
    expect(letters(reading(3, answer(204, '', { framed: false })))).toBe('ddd');
    expect(reading(3, answer(200, '', { framed: false }))).toEqual({ kind: 'unintelligible' });
  });

  it('is delivered by JSON of any shape that names no failed event', () => {
    const echo = { id: id(0), status: 'confirmed', user: {}, errors: [], error: null };
    for (const body of [
      [],
      {},
      [echo],
      { data: [echo], total: 3 },
      echo,
      null,
      { id: id(99) },
      { code: 200, name: 'OK' },
    ]) {
      expect(letters(reading(3, answer(200, body)))).toBe('ddd');
    }
  });

  it('is not delivered by what is no whole JSON', () => {
    for (const text of ['<!doctype html><title>Log in</title>', 'OK', '[{"id":"', '{"data":[]}}']) {
      expect(reading(3, answer(200, text))).toEqual({ kind: 'unintelligible' });
    }
    expect(reading(3, answer(200, '12', { framed: false }))).toEqual({ kind: 'unintelligible' });
    expect(letters(reading(3, answer(200, '[{}]', { framed: false })))).toBe('ddd');
  });

  it('keeps what the answer returned for an event, found by its id', () => {
    const entries = [2, 0, 1].map((i) => ({ id: id(i), updated: i }));
    for (const body of [entries, { data: entries }]) {
      const read = reading(3, answer(200, body));
      expect(read).toEqual({
        kind: 'verdicts',
        verdicts: [0, 1, 2].map((i) => ({ kind: 'delivered', returned: { id: id(i), updated: i } })),
      });
    }
    expect(reading(1, answer(200, { stored: true }))).toEqual({
      kind: 'verdicts',
      verdicts: [{ kind: 'delivered', returned: { stored: true } }],
    });
    expect(reading(2, answer(200, [{ updated: 1 }, { updated: 2 }]))).toEqual({
      kind: 'verdicts',
      verdicts: [{ kind: 'delivered' }, { kind: 'delivered' }],
    });
  });

  it('is read per event where entries failed, by id before index before place', () => {
    const bad = { error: 'invalid purpose' };
    expect(letters(reading(3, answer(200, [{}, { ...bad }, {}])))).toBe('dxd');
    expect(letters(reading(3, answer(200, { data: [{}, {}, { errors: ['x'] }] })))).toBe('ddx');
    expect(letters(reading(3, answer(207, [{ status: 201 }, { status: 422 }, { status: 200 }])))).toBe('dxd');
    expect(letters(reading(3, answer(200, [{ id: id(2), ...bad }])))).toBe('ddx');
    expect(letters(reading(3, answer(200, [{ id: id(2), ...bad }, {}, {}])))).toBe('ddx');
    expect(letters(reading(3, answer(200, [{ index: 1, ...bad }])))).toBe('dxd');
    expect(letters(reading(3, answer(200, { errors: [{ index: 0, message: 'x' }, { path: '[2].created_at' }] })))).toBe(
      'xdx',
    );
    expect(letters(reading(3, answer(200, { data: [], errors: { [id(1)]: 'x' } })))).toBe('dxd');
    expect(letters(reading(1, answer(200, { error: 'x' })))).toBe('x');
  });

  it('reads each failed entry for itself', () => {
    const entries = [
      { id: id(0), code: 409 },
      { id: id(1), error: 'This event already exists' },
      { id: id(2), status: 503, error: 'busy' },
      { id: id(3), error: { message: 'bad date' }, code: 422 },
      { id: id(4) },
    ];
    expect(letters(reading(5, answer(200, entries)))).toBe('DDrxd');
  });

  it('is refused, to be split, when a failure can be tied to no event for sure', () => {
    expect(refused(reading(3, answer(200, [{ error: 'x' }])))).toEqual([]);
    expect(refused(reading(3, answer(200, { error: 'one event failed' })))).toEqual([]);
    expect(refused(reading(3, answer(200, { errors: ['x'] })))).toEqual([]);
    expect(refused(reading(3, answer(200, { errors: [{ id: id(1) }, { message: 'x' }] })))).toEqual([1]);
    // Indexes that count from 1, or that contradict the place.
    expect(refused(reading(3, answer(200, { errors: [{ index: 1 }, { index: 3 }] })))).toEqual([]);
    expect(refused(reading(3, answer(200, [{ index: 1, error: 'x' }, {}, {}])))).toEqual([]);
  });

  it('is read by the code of an error body inside a 200, but that can not end the run', () => {
    expect(reading(2, answer(200, error(429, 'slow')))).toEqual({ kind: 'again', strain: 'throttled' });
    expect(reading(2, answer(200, error(503, 'down')))).toEqual({ kind: 'again', strain: 'failing' });
    expect(refused(reading(2, answer(200, error(400, 'bad'))))).toEqual([]);
    expect(letters(reading(1, answer(200, error(400, 'bad'))))).toBe('x');
    for (const code of [401, 403, 404, 418]) {
      expect(reading(2, answer(200, error(code, 'no')))).toEqual({ kind: 'unintelligible' });
    }
  });
});

describe('a transient failure', () => {
  it('is tried again', () => {
    for (const status of [408, 425, 500, 502, 503, 504, 599]) {
      expect(reading(2, answer(status, '<html>'))).toEqual({ kind: 'again', strain: 'failing' });
    }
    expect(reading(2, answer(429))).toEqual({ kind: 'again', strain: 'throttled' });
  });

  it('is tried again no sooner than the target asks for', () => {
    expect(classifyAnswer(batch(1), answer(429, '', { headers: { 'retry-after': '7' } }), NOW)).toEqual({
      reading: { kind: 'again', strain: 'throttled', waitMs: 7000 },
      limits: { retryAfterMs: 7000 },
    });
    const date = { 'retry-after': 'Sun, 01 Mar 2026 12:01:00 GMT' };
    expect(classifyAnswer(batch(1), answer(503, '', { headers: date }), NOW).reading).toEqual({
      kind: 'again',
      strain: 'failing',
      waitMs: 60_000,
    });
    const used = { ratelimit: 'limit=100, remaining=0, reset=9', 'ratelimit-policy': '100;w=15' };
    expect(classifyAnswer(batch(1), answer(429, '', { headers: used }), NOW)).toEqual({
      reading: { kind: 'again', strain: 'throttled', waitMs: 9000 },
      limits: { policy: { requests: 100, windowMs: 15_000 }, remaining: 0, resetMs: 9000 },
    });
  });

  it('may be told as a 400 that says slow down, in its own words', () => {
    for (const body of [error(400, 'Slow down'), { name: 'TooManyRequests' }, { message: 'rate limit reached' }]) {
      expect(reading(2, answer(400, body))).toEqual({ kind: 'again', strain: 'throttled' });
    }
    expect(refused(reading(2, answer(400, error(400, 'unknown purpose "rate_limit slow down"'))))).toEqual([]);
  });

  it('tells its limits with every answer', () => {
    const headers = { ratelimit: 'limit=100, remaining=60, reset=7' };
    expect(classifyAnswer(batch(1), answer(200, '', { headers }), NOW).limits).toEqual({
      remaining: 60,
      resetMs: 7000,
    });
    expect(classifyAnswer(batch(1), answer(200), NOW)).not.toHaveProperty('limits');
  });
});

describe('a refused batch', () => {
  it('says why in words without content, and quotes the target for the rejects file', () => {
    expect(reading(2, answer(400, error(400, 'jane is no user', [{ field: 'x' }])))).toEqual({
      kind: 'refused',
      suspects: [],
      errors: [
        { path: '', message: 'the target refused it: 400 BadRequest', verbatim: 'jane is no user [{"field":"x"}]' },
      ],
    });
    expect(reading(2, answer(413, '<html>Too large</html>'))).toMatchObject({
      errors: [{ message: 'the target refused it: 413 PayloadTooLarge', verbatim: '<html>Too large</html>' }],
    });
    expect(reading(2, answer(422))).toEqual({
      kind: 'refused',
      suspects: [],
      errors: [{ path: '', message: 'the target refused it: 422 UnprocessableEntity' }],
    });
    const long = reading(1, answer(400, error(400, 'x'.repeat(5000))));
    expect(long).toMatchObject({ verdicts: [{ errors: [{ verbatim: `${'x'.repeat(2000)}…` }] }] });
  });

  it('suspects the events that the answer names', () => {
    const named = (body: unknown) => refused(reading(9, answer(400, body)));
    expect(named(error(400, 'x', [{ index: 4 }, { index: 2 }]))).toEqual([2, 4]);
    expect(named(error(400, 'x', [{ id: id(5) }, { event_id: id(1) }, { event: { id: id(3) } }]))).toEqual([1, 3, 5]);
    expect(
      named(error(400, 'x', [{ path: '[3].created_at' }, { field: '/4/user' }, { property: 'events[5].id' }])),
    ).toEqual([3, 4, 5]);
    expect(named(error(400, 'x', { '6': 'bad', '[7].user': { message: 'bad' } }))).toEqual([6, 7]);
    expect(named(error(400, `event ${id(8)} is bad`))).toEqual([8]);
    expect(named(error(400, `event ${id(8)}0 is bad`))).toEqual([]);
    expect(named(error(400, '"[6].created_at" must be a date'))).toEqual([6]);
    expect(named(error(400, 'item 2 is bad', ['body[1] is bad']))).toEqual([1, 2]);
    expect(named([{ id: id(1) }, { id: id(2), error: 'x' }])).toEqual([1, 2]);
  });

  it('suspects nobody when the answer names no event, one that is not there, or most of them', () => {
    const named = (body: unknown) => refused(reading(4, answer(400, body)));
    expect(named(error(400, 'consents.purposes[0].id is unknown', [{ path: 'consents.purposes[0].id' }]))).toEqual([]);
    expect(named(error(400, 'x', [{ index: 4 }, { id: id(77) }, { path: '[9].id' }]))).toEqual([]);
    expect(named([0, 1, 2].map((i) => ({ id: id(i) })))).toEqual([]);
    expect(named('not JSON')).toEqual([]);
  });

  it('is refused as a whole by a 409, for which event it means is unknown', () => {
    expect(refused(reading(3, answer(409, error(409, 'already exists'))))).toEqual([]);
    expect(refused(reading(3, answer(409, error(409, `${id(2)} already exists`))))).toEqual([2]);
  });
});

describe('a refused event, alone in its batch', () => {
  const alone = (status: number, body: unknown) => letters(reading(1, answer(status, body)));

  it('is rejected with what the target said', () => {
    expect(reading(1, answer(422, error(422, 'bad date')))).toEqual({
      kind: 'verdicts',
      verdicts: [
        {
          kind: 'rejected',
          errors: [{ path: '', message: 'the target refused it: 422 UnprocessableEntity', verbatim: 'bad date' }],
        },
      ],
    });
    expect(alone(413, '')).toBe('x');
    expect(alone(400, '<html>')).toBe('x');
  });

  it('is a duplicate when the target says that it has this event', () => {
    expect(alone(409, '')).toBe('D');
    expect(alone(409, error(409, 'Conflict'))).toBe('D');
    expect(alone(400, error(400, 'Event already exists'))).toBe('D');
    expect(alone(422, error(422, 'x', [{ message: 'duplicate key: id' }]))).toBe('D');
    expect(alone(400, error(400, 'This id was already imported'))).toBe('D');
  });

  it('is no duplicate when something inside it is there twice', () => {
    expect(alone(400, error(400, 'Duplicate purpose'))).toBe('x');
    expect(alone(422, error(422, 'vendor already exists in enabled'))).toBe('x');
    expect(alone(400, error(400, 'unknown "already exists"'))).toBe('x');
    expect(alone(413, error(413, 'duplicate event'))).toBe('x');
  });

  it('is tried again when two writers met', () => {
    expect(alone(409, error(409, 'The document has another version'))).toBe('r');
    expect(alone(409, error(409, 'Concurrent update, try again'))).toBe('r');
  });

  it('is recognised by words around its own id, not by words in it', () => {
    const bytes = Buffer.from('{"id":"user-already-exists","user":{"id":"u"},"consents":{}}');
    const event: Sendable = { bytes, start: 0, end: bytes.length, splice: undefined };
    const said = (message: string) => letters(classifyAnswer([event], answer(400, error(400, message)), NOW).reading);
    expect(said('event user-already-exists already exists')).toBe('D');
    expect(said('event user-already-exists is bad')).toBe('x');
  });
});

describe('an answer that ends the run or the token', () => {
  it('is read by its status', () => {
    expect(reading(2, answer(401, error(401, 'x')))).toEqual({ kind: 'token' });
    expect(reading(2, answer(403))).toEqual({ kind: 'end', reason: 'auth', status: 403 });
    for (const status of [301, 302, 307, 402, 404, 405, 410, 451]) {
      expect(reading(2, answer(status, '<html>'))).toEqual({ kind: 'end', reason: 'unavailable', status });
    }
  });
});

describe('classifyAnswer', () => {
  it('gives every answer one reading, with one verdict per event, whatever the body', () => {
    const bodies = fc.oneof(
      fc.string(),
      fc.json(),
      fc.jsonValue().map((value) => JSON.stringify({ data: value, errors: value, code: 400, message: 'x' })),
      fc
        .array(
          fc.record(
            { id: fc.nat(9).map(id), index: fc.integer(), error: fc.jsonValue(), status: fc.integer() },
            { requiredKeys: [] },
          ),
        )
        .map((entries) => JSON.stringify(entries)),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 200, max: 599 }),
        bodies,
        fc.boolean(),
        (count, status, body, framed) => {
          const read = reading(count, answer(status, body, { framed }));
          if (read.kind === 'verdicts')
            expect(read.verdicts.filter((verdict) => verdict !== undefined)).toHaveLength(count);
          if (read.kind === 'refused') for (const at of read.suspects) expect(at).toBeLessThan(count);
          const delivers = read.kind === 'verdicts' && read.verdicts.some(({ kind }) => kind === 'delivered');
          if (delivers) expect(status).toBeLessThan(300);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('reads answers that are nested 100,000 deep', () => {
    const deep = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(letters(reading(1, answer(400, `{"message":"x","errors":${deep}}`)))).toBe('x');
    expect(letters(reading(2, answer(200, deep)))).toBe('dd');
  });
});
