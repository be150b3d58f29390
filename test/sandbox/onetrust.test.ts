import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Examination, Sendable } from '../../src/core/target.js';
import { HttpTransport } from '../../src/io/http-transport.js';
import { demoToken, type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/sandbox.js';
import { createOneTrustRules } from '../../src/targets/onetrust/rules.js';
import { createOneTrustTarget } from '../../src/targets/onetrust/target.js';
import { jsonOf, responseOf, statusOf, textOf, visit } from './visitor.js';

const BULK = '/request/v1/consentreceipts/bulk';
const SINGLE = '/request/v1/consentreceipts';
const DAY = 86_400_000;

const receipt = (person: string, more: object = {}) => ({
  ...{ requestInformation: demoToken(), identifier: person, interactionDate: '2024-05-14T01:34:33Z' },
  ...{ purposes: [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }], ...more },
});

function oneTrust(options: SandboxOptions = {}, faults: object = {}) {
  const visitor = visit(options, faults);
  const post = (body: unknown, nowMs = 0, path = BULK, signed = '') =>
    visitor.ask(path, typeof body === 'string' ? body : JSON.stringify(body), signed, nowMs);
  const receipts = () => visitor.core.stats().receipts;
  return { ...visitor, post, receipts };
}

describe('the receipts route', () => {
  it('takes an array, or one receipt, and answers an array with a receipt for each', () => {
    const { post, receipts, store } = oneTrust();
    const answer = jsonOf(post([receipt('a'), receipt('b')])) as { receipt: string }[];
    expect(answer.map((item) => Object.keys(item))).toEqual([['receipt'], ['receipt']]);
    const claims = JSON.parse(Buffer.from(answer[0]!.receipt.split('.')[1]!, 'base64url').toString());
    expect(claims).toEqual({ jti: expect.stringMatching(/^[0-9a-f-]{36}$/), identifier: 'a' });
    expect(jsonOf(post(receipt('c', { shortLinkToken: true })))).toEqual([
      { receipt: expect.any(String), linkToken: expect.any(String) },
    ]);
    expect(receipts()).toEqual({ taken: 3, doubles: 0, today: 3, overQuota: 0 });
    const kept = [...store.arrivals(() => true)].map(({ bytes }) => Buffer.from(bytes).toString());
    expect(kept[0]).toBe(JSON.stringify(receipt('a')));
  });

  it('answers in other shapes where it is told to', () => {
    const object = oneTrust({ onetrust: { oneAnswer: 'object', receipts: 'uuid' } });
    expect(jsonOf(object.post(receipt('a')))).toEqual({ receipt: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(jsonOf(object.post(receipt('a'), 0, SINGLE))).toEqual({ receipt: expect.any(String) });
    expect(jsonOf(oneTrust({}, { answers: { shape: 'single' } }).post([receipt('a'), receipt('b')]))).toHaveLength(1);
    expect(textOf(oneTrust({}, { answers: { shape: 'empty' } }).post([receipt('a')]))).toBe('');
    expect(jsonOf(oneTrust({}, { answers: { shape: 'data' } }).post([receipt('a')]))).toEqual({
      data: [expect.anything()],
    });
  });

  it('takes what breaks every rule, as long as token and identifier are there', () => {
    const { post, receipts } = oneTrust();
    expect(statusOf(post([{ requestInformation: demoToken(), identifier: 'a', purposes: 'all', test: 'x' }]))).toBe(
      200,
    );
    expect(receipts().taken).toBe(1);
  });

  it('counts a receipt that is taken twice, whatever version its token has, as a double', () => {
    const { post, receipts, core } = oneTrust();
    post([receipt('a'), receipt('b')]);
    post([receipt('a')]);
    post([receipt('a', { requestInformation: demoToken({ processVersion: 4 }) })]);
    post([receipt('a', { requestInformation: demoToken({ processId: 'other' }) })]);
    expect(receipts()).toMatchObject({ taken: 5, doubles: 2 });
    core.reset();
    expect(receipts()).toEqual({ taken: 0, doubles: 0, today: 0, overQuota: 0 });
  });

  it('refuses as a whole, with a JSON text, what it can not read', () => {
    const other = receipt('b', { requestInformation: demoToken({ processId: 'other' }) });
    const { post, receipts } = oneTrust({ onetrust: { maxReceipts: 2, maxBodyBytes: 5000 } });
    for (const body of ['{', [], 1, [receipt('a'), {}], [{ identifier: 'a' }], [receipt('')], [receipt('a'), other]]) {
      const ending = post(body);
      expect([statusOf(ending), textOf(ending)], JSON.stringify(body)).toEqual([400, '"Bad Request"']);
    }
    expect(statusOf(post([receipt('a'), receipt('b')], 0, SINGLE))).toBe(400);
    expect(statusOf(post([1, 2, 3]))).toBe(400);
    expect(statusOf(post('x'.repeat(5001)))).toBe(413);
    expect(statusOf(post({}, 0, '/request/v1/other'))).toBe(404);
    expect(receipts().taken).toBe(0);
    const object = oneTrust({ onetrust: { bodies: 'object' } });
    expect([statusOf(object.post([receipt('a')])), statusOf(object.post(receipt('a')))]).toEqual([400, 200]);
  });

  it('knows tokens: 401 for one that is none, 403 without the signed token that a collection point asks for', () => {
    const { post } = oneTrust();
    const bad = post([receipt('a', { requestInformation: 'opaque' })]);
    expect([statusOf(bad), textOf(bad)]).toEqual([401, '"Unauthorized"']);
    const guarded = [receipt('a', { requestInformation: demoToken({ authenticationRequired: true }) })];
    const signed = (sub: string) => `x.${Buffer.from(JSON.stringify({ sub })).toString('base64url')}.x`;
    expect(statusOf(post(guarded))).toBe(403);
    expect(statusOf(post(guarded, 0, BULK, signed('b')))).toBe(403);
    expect(textOf(post(guarded, 0, BULK, signed('b')))).toBe('"Forbidden"');
    expect(statusOf(post(guarded, 0, BULK, signed('a')))).toBe(200);
  });

  it('keeps the calls of a minute', () => {
    const { post, receipts } = oneTrust({ onetrust: { callsPerMinute: { bulk: 2, single: 1 } } });
    expect([0, 1, 2].map((i) => statusOf(post([receipt(`${i}`)], i * 1000)))).toEqual([200, 200, 429]);
    expect(responseOf(post([receipt('x')], 3000)).headers).toMatchObject({
      ...{ 'retry-after': '57', 'ot-requests-allowed': '2', 'ot-period': 'MINUTE', 'ot-request-made': '3' },
      'ot-ratelimit-event-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(statusOf(post([receipt('y')], 60_000))).toBe(200);
    expect(receipts().taken).toBe(3);
  });

  it('keeps the receipts of a UTC day', () => {
    const { post, receipts } = oneTrust({ onetrust: { receiptsPerDay: 3 } });
    const noon = DAY / 2;
    expect(statusOf(post([receipt('a'), receipt('b')], noon))).toBe(200);
    const over = post([receipt('c'), receipt('d')], noon + 1000);
    expect([statusOf(over), responseOf(over).headers['retry-after']]).toEqual([429, String(noon / 1000 - 1)]);
    expect(statusOf(post([receipt('c')], noon + DAY / 2 - 1))).toBe(200);
    expect(statusOf(post([receipt('d'), receipt('e')], DAY))).toBe(200);
    expect(receipts()).toEqual({ taken: 5, doubles: 0, today: 2, overQuota: 1 });
  });

  it('plays the faults: taken and never answered, and refusals that keep some', () => {
    const lost = oneTrust({}, { rules: [{ when: { route: 'events', requests: 1 }, do: { dropAfter: true } }] });
    expect(statusOf(lost.post([receipt('a')]))).toBe('reset');
    expect(statusOf(lost.post([receipt('a')]))).toBe(200);
    expect(lost.receipts()).toMatchObject({ taken: 2, doubles: 1 });

    const refusing = (keeps: string) => {
      const rule = { when: { events: { everyNth: 2 } }, do: { refuse: { status: 422, keeps } } };
      const { post, receipts } = oneTrust({}, { rules: [rule] });
      return [statusOf(post([receipt('a'), receipt('b'), receipt('c')])), receipts().taken];
    };
    expect([refusing('nothing'), refusing('before'), refusing('others')]).toEqual([
      [422, 0],
      [422, 1],
      [422, 2],
    ]);
  });
});

describe('reading back', () => {
  const at = (nowMs: number) => new Date(nowMs).toISOString();
  const grant = 'grant_type=client_credentials&client_id=me&client_secret=s';

  function reader(options: SandboxOptions = {}) {
    const platform = oneTrust(options);
    const token = (nowMs = 0) =>
      (jsonOf(platform.ask('/api/access/v1/oauth/token', grant, '', nowMs)) as { access_token: string }).access_token;
    const read = (query: Record<string, string>, nowMs: number, signed = token(nowMs)) =>
      platform.ask(`/api/consent/v2/receipts?${new URLSearchParams(query)}`, '', signed, nowMs);
    return { ...platform, token, read };
  }

  it('finds what was taken, by the date of its creation, in pages', () => {
    const { ask, post, read, token } = reader();
    for (let i = 0; i < 3; i++) post([receipt(`p${i}`, { customPayload: { row: `${i}` } })], 1000 * i);
    const page = (number: number) =>
      jsonOf(read({ fromDate: at(1000), toDate: at(DAY), size: '1', page: String(number) }, DAY)) as Record<
        string,
        unknown
      >;
    expect(page(0)).toEqual({
      ...{ number: 0, size: 1, first: true, last: false, numberOfElements: 1, empty: false },
      pageable: { pageNumber: 0, pageSize: 1, requestContinuation: 'page:1' },
      content: [
        {
          ...{
            id: expect.any(String),
            dataSubjectIdentifier: 'p1',
            interactionDate: '2024-05-14T01:34:33Z',
            test: false,
          },
          ...{ consentCreationDate: at(1000), customPayload: { row: '1' }, origin: 'API' },
          collectionPointUUID: 'c0113c70-0000-4000-8000-000000000001',
          purposes: [
            {
              ...{ id: 'a0000000-0000-4000-8000-000000000001', version: undefined, transactionType: 'CONFIRMED' },
              transactionId: expect.any(String),
            },
          ].map(({ version: _, ...rest }) => rest),
        },
      ],
    });
    expect(page(1)).toMatchObject({ last: true, content: [{ dataSubjectIdentifier: 'p2' }] });
    const path = `/api/consent/v2/receipts?${new URLSearchParams({ fromDate: at(0), toDate: at(DAY), size: '1' })}`;
    const continued = ask(path, JSON.stringify({ requestContinuation: 'page:2' }), token(DAY), DAY);
    expect(jsonOf(continued)).toMatchObject({ number: 2, last: true, content: [{ dataSubjectIdentifier: 'p2' }] });
  });

  it('takes dates without a zone for UTC, and tells the receipts of collection points apart', () => {
    const { post, read } = reader();
    post([receipt('a')], 1000);
    post([receipt('b', { requestInformation: demoToken({ processId: 'other' }) })], 1000);
    const found = (query: Record<string, string>) => {
      const page = jsonOf(read(query, DAY)) as { content: { dataSubjectIdentifier: string }[] };
      return page.content.map(({ dataSubjectIdentifier }) => dataSubjectIdentifier);
    };
    const dates = { fromDate: '1970-01-01T00:00:01', toDate: '1970-01-02T00:00:00' };
    expect(found(dates)).toEqual(['a', 'b']);
    expect(found({ ...dates, collectionPointGuid: 'other' })).toEqual(['b']);
    expect(found({ ...dates, fromDate: '1970-01-01T00:00:02' })).toEqual([]);
  });

  it('keeps the calls of a minute', () => {
    const { read, token } = reader({ onetrust: { readCallsPerMinute: 2 } });
    const dates = { fromDate: at(0), toDate: at(DAY) };
    const one = token(0);
    expect([0, 1, 2].map((ms) => statusOf(read(dates, ms, one)))).toEqual([200, 200, 429]);
    expect(responseOf(read(dates, 3, one)).headers).toMatchObject({ 'retry-after': '60', 'ot-requests-allowed': '2' });
    expect(statusOf(read(dates, 60_000, one))).toBe(200);
  });

  it('finds the receipts of one person', async () => {
    const sandbox = await startSandbox();
    try {
      const post = (path: string, body: string, headers: Record<string, string>) =>
        fetch(`${sandbox.platformUrl}${path}`, { method: 'POST', body, headers });
      await post(BULK, JSON.stringify([receipt('a'), receipt('b'), receipt('a', { language: 'en' })]), {});
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const { access_token: token } = (await (await post('/api/access/v1/oauth/token', grant, form)).json()) as {
        access_token: string;
      };
      const found = await post('/api/consent/v2/receipts', '', { authorization: `Bearer ${token}`, identifier: 'a' });
      expect(await found.json()).toMatchObject({
        numberOfElements: 2,
        content: [{ dataSubjectIdentifier: 'a' }, { dataSubjectIdentifier: 'a' }],
      });
    } finally {
      await sandbox.close();
    }
  });

  it('spans 24 hours and 50 receipts at most', () => {
    const { read } = reader();
    const status = (query: Record<string, string>) => statusOf(read(query, 5 * DAY));
    expect(status({ fromDate: at(DAY), toDate: at(2 * DAY), size: '50' })).toBe(200);
    expect(status({ fromDate: at(DAY), toDate: at(2 * DAY + 1) })).toBe(400);
    expect(status({ fromDate: at(DAY), toDate: at(DAY - 1) })).toBe(400);
    expect(status({ fromDate: at(DAY), toDate: at(2 * DAY), size: '51' })).toBe(400);
    expect(status({})).toBe(400);
  });

  it('lags, and forgets after 90 days', () => {
    const { post, read } = reader({ onetrust: { readLagMs: 4000 } });
    post([receipt('a')], 0);
    const found = (nowMs: number) =>
      (jsonOf(read({ fromDate: at(0), toDate: at(DAY) }, nowMs)) as { numberOfElements: number }).numberOfElements;
    expect([found(3999), found(4000), found(90 * DAY), found(90 * DAY + 1)]).toEqual([0, 1, 1, 0]);
  });

  it('needs a token, which lasts an hour, of a client that is known', () => {
    const { ask, token, read } = reader();
    const dates = { fromDate: at(0), toDate: at(DAY) };
    const old = token(0);
    expect(statusOf(read(dates, 3_599_999, old))).toBe(200);
    expect(statusOf(read(dates, 3_600_000, old))).toBe(401);
    expect(statusOf(read(dates, 0, 'none'))).toBe(401);
    const refused = ask('/api/access/v1/oauth/token', grant.replace('=me', '=bad'), '', 0);
    expect([statusOf(refused), jsonOf(refused)]).toEqual([401, { error: 'invalid_client' }]);
    expect(statusOf(ask('/api/access/v1/oauth/token', 'grant_type=password', '', 0))).toBe(400);
    expect(statusOf(ask('/api/other', '', old, 0))).toBe(404);
  });
});

describe('the target and its sandbox', () => {
  let sandbox: Sandbox;
  afterEach(() => sandbox.close());

  it.each(['array', 'object'] as const)('understand each other over HTTP, with %s bodies', async (body) => {
    sandbox = await startSandbox();
    const token = demoToken();
    const rules = createOneTrustRules({ token, stamp: 'importId' });
    const target = createOneTrustTarget({ body, token });
    const transport = new HttpTransport({
      ...{ apiUrl: sandbox.oneTrustUrl, connections: 2, timeoutMs: 10_000, keepAliveMs: 500, userAgent: 'test' },
    });
    const bytes = gunzipSync(readFileSync(new URL('../../fixtures/onetrust-thousand.jsonl.gz', import.meta.url)));
    const lines = bytes.toString().trimEnd().split('\n').slice(0, 150);
    const events = lines.map((line): Sendable => {
      const record = Buffer.from(line);
      const found: Examination = {
        ...{ rejection: undefined, warnings: [], id: '', subjectA: '', subjectB: '', splice: undefined },
      };
      rules.examine(JSON.parse(line), record, 0, record.length, found);
      expect(found.rejection).toBeUndefined();
      return { bytes: record, start: 0, end: record.length, splice: found.splice, stamp: found.stamp };
    });
    const size = body === 'array' ? 100 : 1;
    for (let at = 0; at < events.length; at += size) {
      const part = events.slice(at, at + size);
      const { reading } = target.classify(part, await transport.send(target.encode(part, '')), 0);
      expect(reading).toMatchObject({ kind: 'verdicts' });
      const verdicts = reading.kind === 'verdicts' ? reading.verdicts : [];
      expect(new Set(verdicts.map(({ kind }) => kind))).toEqual(new Set(['delivered']));
    }
    await transport.close();
    expect(sandbox.stats().receipts).toMatchObject({ taken: 150, doubles: 0 });
    const kept = JSON.parse(Buffer.from(sandbox.events()[7]!.bytes).toString()) as Record<string, unknown>;
    expect(kept).toMatchObject({
      requestInformation: token,
      customPayload: { importId: expect.stringMatching(/^[0-9a-f]{32}$/) },
    });
  });
});
