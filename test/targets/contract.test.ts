import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpResponse } from '../../src/core/ports.js';
import type { Classified, Examination, RecordRules, Sendable, Target } from '../../src/core/target.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { createDidomiTarget } from '../../src/targets/didomi/target.js';
import { createOneTrustRules } from '../../src/targets/onetrust/rules.js';
import { createOneTrustTarget } from '../../src/targets/onetrust/target.js';
import { receipt, token } from './onetrust/receipts.js';

/** A target as an import uses it: what every one of them has to keep. */
interface Subject {
  readonly target: Target;
  readonly rules: RecordRules;
  /** A valid record about this person. */
  readonly record: (person: string, more: object) => object;
  /** The answer that clearly acknowledges so many events. */
  readonly acknowledged: (count: number) => unknown;
}

const didomiRules = createDidomiRules({ organizationId: 'org' });
const configured = createOneTrustRules({ token: token() });
const stamping = createOneTrustRules({ token: token(), stamp: 'row' });
const ownTokens = createOneTrustRules({ token: undefined });

const SUBJECTS: Readonly<Record<string, Subject>> = {
  didomi: {
    target: createDidomiTarget({
      ...{ organizationId: 'org', disableIntegrations: false, credentials: { key: 'k', secret: 's' } },
    }),
    rules: didomiRules,
    record: (person, more) => ({
      created_at: '2020-06-03T21:28:55Z',
      ...{ user: { organization_user_id: person }, consents: { purposes: [] }, metadata: more },
    }),
    acknowledged: () => [],
  },
  'onetrust, an array per call': {
    target: createOneTrustTarget({ body: 'array', token: token() }),
    rules: configured,
    record: (person, more) => receipt({ identifier: person, customPayload: more }),
    acknowledged: (count) => Array.from({ length: count }, (_, i) => ({ receipt: `r${i}` })),
  },
  'onetrust, a receipt per call': {
    target: createOneTrustTarget({ body: 'object', token: token() }),
    rules: stamping,
    record: (person, more) => receipt({ identifier: person, customPayload: more }),
    acknowledged: () => ({ receipt: 'r' }),
  },
  'onetrust, records with tokens of their own': {
    target: createOneTrustTarget({ body: 'array', token: undefined }),
    rules: ownTokens,
    record: (person, more) => receipt({ requestInformation: token(), identifier: person, customPayload: more }),
    acknowledged: (count) => Array.from({ length: count }, (_, i) => ({ receipt: `r${i}` })),
  },
};

const NOW = Date.parse('2026-03-01T12:00:00Z');
const NO_EXAMINATION: Examination = {
  ...{ rejection: undefined, warnings: [], id: '', subjectA: '', subjectB: '', splice: undefined },
};

function examine(rules: RecordRules, text: string): { found: Examination; bytes: Uint8Array } {
  const bytes = Buffer.from(`\n${text}\n`);
  const found = { ...NO_EXAMINATION, warnings: [] };
  rules.examine(JSON.parse(text), bytes, 1, bytes.length - 1, found);
  return { found, bytes };
}

function prepare({ rules, record }: Subject, person: string, more: object): Sendable {
  const { found, bytes } = examine(rules, JSON.stringify(record(person, more)));
  expect(found.rejection).toBeUndefined();
  const { splice, stamp } = found;
  return { bytes, start: 1, end: bytes.length - 1, splice, stamp };
}

const most = ({ target }: Subject, count: number): number => Math.min(count, target.maxEvents ?? count);
const batchOf = (subject: Subject, count: number): Sendable[] =>
  Array.from({ length: most(subject, count) }, (_, i) => prepare(subject, `person${i}`, { n: `${i}` }));

const statuses = fc.oneof(
  fc.integer({ min: 200, max: 599 }),
  fc.constantFrom(200, 201, 204, 207, 400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503),
);
const names = fc.constantFrom('receipt', 'error', 'errors', 'id', 'index', 'code', 'status', 'message', 'data', 'path');
const values = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<unknown>(null, true, 0, 1, 400, 409, 503, '', 'r', 'already exists', 'jti'),
    fc.array(tie('any'), { maxLength: 4 }),
    fc.dictionary(names, tie('any'), { maxKeys: 4 }),
  ),
})).any;
const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  values.map((value) => Buffer.from(JSON.stringify(value))),
  fc.string().map((text) => Buffer.from(text)),
);
const headers = fc.dictionary(
  fc.constantFrom('retry-after', 'ot-requests-allowed', 'ot-period', 'ot-request-made', 'ratelimit', 'date', 'x'),
  fc.oneof(
    fc.constantFrom('5', 'MINUTE', '-1', 'NaN', 'Sun, 06 Nov 1994 08:49:37 GMT', 'limit=1, remaining=0, reset=9'),
    fc.string(),
  ),
);
const responses: fc.Arbitrary<HttpResponse> = fc.record({
  status: statuses,
  headers,
  body: bodies,
  framed: fc.boolean(),
});

const kinds = ({ reading }: Classified): string[] =>
  reading.kind === 'verdicts' ? reading.verdicts.map(({ kind }) => kind) : [];

describe.each(Object.entries(SUBJECTS))('%s', (_, subject) => {
  const { target, rules, acknowledged } = subject;
  const classify = (count: number, response: HttpResponse) => target.classify(batchOf(subject, count), response, NOW);
  const answer = (status: number, body: unknown): HttpResponse => ({
    ...{ status, headers: {}, framed: true, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)) },
  });

  it("sends the records' own bytes, and nothing in them but what the rules put in", () => {
    const more = fc.dictionary(fc.constantFrom('a', 'é', '1', 'x y'), fc.string({ unit: 'binary', maxLength: 20 }));
    fc.assert(
      fc.property(fc.array(more, { minLength: 1, maxLength: 8 }), (all) => {
        const events = all.slice(0, most(subject, all.length)).map((item, i) => prepare(subject, `p${i}`, item));
        const body = Buffer.from(target.encode(events, 'token').body ?? []).toString();
        const sent: unknown = JSON.parse(body);
        const list = Array.isArray(sent) ? sent : [sent];
        expect(list).toHaveLength(events.length);
        let rest = body;
        for (const [i, { bytes, start, end, splice, stamp }] of events.entries()) {
          const own = Buffer.from(bytes).subarray(start, end).toString();
          for (const part of [splice, stamp?.bytes]) {
            if (part !== undefined) rest = rest.replace(Buffer.from(part).toString(), () => '');
          }
          expect(rest).toContain(own);
          expect(list[i]).toMatchObject(JSON.parse(own) as object);
        }
      }),
    );
  });

  it('is as long as the overhead says', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1, maxLength: 100 }), (all) => {
        const events = all.slice(0, most(subject, all.length)).map((text, i) => prepare(subject, `p${i}`, { text }));
        const size = events.reduce(
          (sum, { start, end, splice, stamp }) =>
            sum + end - start + (splice?.length ?? 0) + (stamp?.bytes.length ?? 0),
          0,
        );
        const { perRequest, perEvent } = target.overhead;
        expect(target.encode(events, 't').body?.length).toBe(perRequest + size + perEvent * (events.length - 1));
      }),
      { numRuns: 30 },
    );
  });

  it('reads any answer without throwing, with one verdict per event', () => {
    fc.assert(
      fc.property(responses, fc.integer({ min: 1, max: 3 }), (response, count) => {
        const { reading } = classify(count, response);
        if (reading.kind === 'verdicts') expect(reading.verdicts).toHaveLength(most(subject, count));
        if (reading.kind === 'refused') for (const at of reading.suspects) expect(at).toBeLessThan(count);
        if (reading.kind === 'again' && reading.waitMs !== undefined) expect(reading.waitMs).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 300 },
    );
  });

  it('delivers by a clear acknowledgement', () => {
    for (const count of [1, 2, 100]) {
      const n = most(subject, count);
      expect(kinds(classify(count, answer(200, acknowledged(n))))).toEqual(Array(n).fill('delivered'));
    }
  });

  it('delivers nothing by an answer that is no success, no whole JSON, or a page', () => {
    fc.assert(
      fc.property(responses, fc.integer({ min: 1, max: 3 }), (response, count) => {
        const isSuccess = response.status >= 200 && response.status < 300;
        const text = Buffer.from(response.body).toString();
        if (isSuccess && (isJson(text) || text.trim() === '')) return;
        expect(kinds(classify(count, response))).not.toContain('delivered');
      }),
      { numRuns: 300 },
    );
    for (const body of ['<!doctype html><title>Sign in</title>', 'OK', '[{"receipt":"a"', '[{"id":"a"}']) {
      expect(kinds(classify(2, answer(200, body)))).not.toContain('delivered');
    }
  });

  it('gives the run up, and no event, where no such API answers, or none for these credentials', () => {
    for (const status of [301, 302, 404, 405]) {
      expect(classify(2, answer(status, acknowledged(2))).reading).toEqual({
        kind: 'end',
        reason: 'unavailable',
        status,
      });
    }
    expect(classify(2, answer(403, '')).reading).toEqual({ kind: 'end', reason: 'auth', status: 403 });
  });

  it('waits as long as it is told to', () => {
    const told = { ...answer(429, ''), headers: { 'retry-after': '7' } };
    expect(classify(2, told)).toMatchObject({
      reading: { kind: 'again', strain: 'throttled', waitMs: 7000 },
      limits: { retryAfterMs: 7000 },
    });
  });

  it('examines any JSON value without throwing, and rejects with a place, a message, and nothing left over', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const { found } = examine(rules, JSON.stringify(value));
        expect(found.rejection?.errors[0]).toMatchObject({ path: expect.any(String), message: expect.any(String) });
        expect(found).toMatchObject({ id: '', subjectA: '', subjectB: '', splice: undefined, warnings: [] });
        expect([found.stamp, found.leftOut]).toEqual([undefined, undefined]);
      }),
    );
  });

  it('names a record the same each time, and others otherwise', () => {
    const id = (person: string) => examine(rules, JSON.stringify(subject.record(person, {}))).found.id;
    expect(id('jane')).toBe(id('jane'));
    expect(id('jane')).not.toBe(id('tom'));
    const { subjectA, subjectB } = examine(rules, JSON.stringify(subject.record('jane', {}))).found;
    expect(`${subjectA}${subjectB}`).toContain('jane');
  });

  it('says what is wrong without showing what a record holds', () => {
    const secret = 'jane.doe@example.com';
    for (const record of [
      { user: secret, identifier: { a: secret }, consents: secret, purposes: secret },
      {
        ...subject.record('x', {}),
        created_at: secret,
        interactionDate: secret,
        organization_id: secret,
        test: secret,
      },
      {
        ...subject.record('x', {}),
        consents: { purposes: [{ id: secret, enabled: secret }] },
        purposes: [{ Id: secret, TransactionType: secret }],
      },
    ]) {
      const { rejection } = examine(rules, JSON.stringify(record)).found;
      for (const { path, message } of rejection?.errors ?? []) {
        expect(message).not.toContain(secret);
        expect(rules.generalPath(path)).not.toContain(secret);
      }
      expect(rejection).toBeDefined();
    }
  });
});

const onceOnly = Object.entries(SUBJECTS).filter(([, { target }]) => !target.resendIsHarmless);

describe.each(onceOnly)('%s, where a resend may double', (_, subject) => {
  const { target } = subject;

  it('sends again only what was surely not taken, and calls nothing a duplicate', () => {
    fc.assert(
      fc.property(responses, fc.integer({ min: 1, max: 3 }), (response, count) => {
        const classified = target.classify(batchOf(subject, count), response, NOW);
        const { reading } = classified;
        expect(['unintelligible', 'token']).not.toContain(reading.kind);
        expect(kinds(classified)).not.toContain('retry');
        expect(kinds(classified)).not.toContain('duplicate');
        if (reading.kind === 'again') expect([response.status, reading.strain]).toEqual([429, 'throttled']);
        if (reading.kind === 'refused') expect([400, 413, 422]).toContain(response.status);
        if (response.status >= 500 || response.status === 408)
          expect(new Set(kinds(classified))).toEqual(new Set(['unknown']));
      }),
      { numRuns: 300 },
    );
  });
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
