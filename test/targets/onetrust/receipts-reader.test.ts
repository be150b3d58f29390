import { describe, expect, it } from 'vitest';
import type { Ask, AskError } from '../../../src/core/ask.js';
import type { HttpRequest, HttpResponse } from '../../../src/core/ports.js';
import { demoToken, type SandboxOptions } from '../../../src/sandbox/sandbox.js';
import { createPlatformAuthorizer } from '../../../src/targets/onetrust/platform-authorize.js';
import { encodeReceiptsQuery, FIRST_PAGE } from '../../../src/targets/onetrust/receipts-query.js';
import { readReceipts } from '../../../src/targets/onetrust/receipts-reader.js';
import { responseOf, visit } from '../../sandbox/visitor.js';

const DAY = 86_400_000;
const NOW = 2 * DAY;

/** The reader, talking to the sandbox's platform without a network. */
function platform(options: SandboxOptions = {}) {
  const { core } = visit(options);
  const requests: HttpRequest[] = [];
  const send = async ({ method, path, headers, body = new Uint8Array(0) }: HttpRequest): Promise<HttpResponse> => {
    requests.push({ method, path, headers, body });
    const url = new URL(path, 'http://platform');
    const pending = core.handle({ method, path: url.pathname, query: url.searchParams, headers, body }, NOW);
    return { ...responseOf(pending.end(NOW)), framed: true };
  };
  const authorizer = createPlatformAuthorizer({ id: 'me', secret: 's' });
  const ask: Ask = async (request) => {
    const authorization = await authorizer.obtain({ send }, NOW);
    return send(request(authorization.kind === 'token' ? authorization.token : ''));
  };
  const post = (receipts: readonly object[], nowMs: number) => {
    const body = new TextEncoder().encode(JSON.stringify(receipts));
    const path = '/request/v1/consentreceipts/bulk';
    return core.handle({ method: 'POST', path, query: new URLSearchParams(), headers: {}, body }, nowMs).end(nowMs);
  };
  return { ask, post, requests };
}

const receipt = (identifier: string, more: object = {}) => ({
  ...{ requestInformation: demoToken(), identifier, interactionDate: '2024-05-14T01:34:33Z' },
  ...{ purposes: [{ Id: 'A0000000-0000-4000-8000-000000000001', Version: 2, TransactionType: 'CONFIRMED' }], ...more },
});

/** Answers pages that the test makes. */
function pages(...bodies: readonly unknown[]): Ask {
  let at = 0;
  return async () => {
    const body = bodies[Math.min(at++, bodies.length - 1)];
    const [status, value] = Array.isArray(body) ? (body as [number, unknown]) : [200, body];
    return { status, headers: {}, body: new TextEncoder().encode(JSON.stringify(value)), framed: true };
  };
}

const query = { identifiers: ['a'], collectionPoint: undefined, from: DAY, to: 2 * DAY };

describe('reading receipts back', () => {
  it('finds what one person gave, in the words of the reader', async () => {
    const { ask, post } = platform();
    post([receipt('a', { customPayload: { row: '1' } }), receipt('b')], DAY);
    const { receipts, complete } = await readReceipts(ask, query);
    expect(complete).toBe(true);
    expect(receipts).toEqual([
      {
        ...{ id: expect.any(String), identifier: 'a', created: DAY, customPayload: { row: '1' } },
        collectionPoint: 'c0113c70-0000-4000-8000-000000000001',
        interactionDate: Date.UTC(2024, 4, 14, 1, 34, 33),
        purposes: [{ id: 'a0000000-0000-4000-8000-000000000001', version: 2, transactionType: 'CONFIRMED' }],
        value: expect.objectContaining({ dataSubjectIdentifier: 'a' }),
      },
    ]);
  });

  it.each(['page', 'continuation'] as const)('turns pages of 50, told by %s', async (readPaging) => {
    const { ask, post, requests } = platform({ onetrust: { readPaging, readPayload: 'text' } });
    for (let i = 0; i < 120; i += 1) post([receipt('a', { customPayload: { row: `${i}` } })], DAY + i);
    const { receipts, complete } = await readReceipts(ask, query);
    expect(complete).toBe(true);
    expect(receipts.map(({ customPayload }) => customPayload?.['row'])).toEqual(
      Array.from({ length: 120 }, (_, i) => `${i}`),
    );
    expect(requests.filter(({ path }) => path.startsWith('/api/consent')).length).toBe(3);
  });

  it('reads everybody when the identifier can not stand in a header, and picks its receipts', async () => {
    const { ask, post, requests } = platform();
    post([receipt('müller'), receipt('b')], DAY);
    const requestInformation = demoToken({ processId: 'p' });
    post([receipt('müller', { requestInformation }), receipt('b', { requestInformation })], DAY);
    const found = await readReceipts(ask, { ...query, identifiers: ['müller'], collectionPoint: 'p' });
    expect(found.receipts.map(({ identifier, collectionPoint }) => [identifier, collectionPoint])).toEqual([
      ['müller', 'p'],
    ]);
    expect(requests.at(-1)!.path).toContain('collectionPointGuid=p');
    expect(requests.at(-1)!.headers).not.toHaveProperty('identifier');
  });

  it('leaves out other dates, also where the platform passes over them', async () => {
    const { ask, post } = platform({ onetrust: { identifierAlone: true } });
    post([receipt('a')], DAY - 1);
    post([receipt('a')], DAY);
    post([receipt('a')], NOW + 1);
    expect((await readReceipts(ask, query)).receipts).toHaveLength(1);
  });

  it('sends dates to the second, without a zone', () => {
    const { path, headers } = encodeReceiptsQuery(query, FIRST_PAGE, 'tok');
    expect(path).toBe(
      '/api/consent/v2/receipts?fromDate=1970-01-02T00%3A00%3A00&toDate=1970-01-03T00%3A00%3A00&page=0&size=50&sort=consentCreationDate%2Casc',
    );
    expect(headers).toMatchObject({ authorization: 'Bearer tok', identifier: 'a' });
    expect(() => encodeReceiptsQuery({ ...query, to: 2 * DAY + 1000 }, FIRST_PAGE, '')).toThrow(RangeError);
  });

  it('tells when pages do not turn', async () => {
    const same = { content: [{ id: '1' }], last: false };
    expect(await readReceipts(pages(same), query)).toMatchObject({ complete: false, receipts: [{ id: '1' }] });
    expect(await readReceipts(pages({ content: [], last: false }), query)).toMatchObject({ complete: false });
  });

  it('goes on where nothing says that a page is the last, until one is empty', async () => {
    const ask = pages({ content: [{ id: '1' }] }, { content: [{ id: '2' }] }, { content: [] });
    expect(await readReceipts(ask, query)).toMatchObject({ complete: true, receipts: [{ id: '1' }, { id: '2' }] });
  });

  it('is told apart from an empty answer when it is no such page, or may not be read', async () => {
    const failure = (ask: Ask) => readReceipts(ask, query).catch(({ reason, message }: AskError) => [reason, message]);
    for (const body of [
      [200, 'hello'],
      [200, {}],
      [404, 'x'],
      [200, { content: [1] }],
    ]) {
      expect(await failure(pages(body))).toEqual([
        'unavailable',
        `the platform answers a request for receipts as no such API does (${body[0]})`,
      ]);
    }
    expect(await failure(pages([403, 'Forbidden']))).toEqual([
      'auth',
      'the OAuth client may not read receipts (403): it needs the scope CONSENT or CONSENT_READ',
    ]);
  });
});
