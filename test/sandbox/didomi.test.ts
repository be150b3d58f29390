import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EVENTS, event, jsonOf, responseOf, statusOf, textOf, visit } from './visitor.js';

const envelope = (code: number, name: string, message: string, errors: unknown = {}) => ({
  code,
  name,
  message,
  errors,
});

describe('Sessions', () => {
  it('hand out a token that looks like a JWT and tells its end', () => {
    const { session } = visit();
    const answer = jsonOf(session(5_000)) as { access_token: string; type: string; key: string };
    expect(answer).toMatchObject({ type: 'api-key', key: 'k' });
    const [head, claims] = answer.access_token.split('.').map((part) => Buffer.from(part, 'base64url').toString());
    expect(JSON.parse(head!)).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(claims!)).toMatchObject({ iat: 5, exp: 3605 });
  });

  it('hide the end when they are told to', () => {
    const { token } = visit({ answers: { tokenTellsExpiry: false } });
    expect(Buffer.from(token().split('.')[1]!, 'base64url').toString()).not.toContain('exp');
  });

  it('answer 400 to the key "bad", to other credentials than those set, and to what is no such request', () => {
    expect(jsonOf(visit().session(0, 'bad'))).toEqual(envelope(400, 'BadRequest', 'Invalid API key or secret'));
    expect(statusOf(visit({ didomi: { acceptsCredentials: (key) => key === 'mine' } }).session())).toBe(400);
    for (const body of ['', '[]', '{"type":"api-key","key":"k"}', '{"type":"email","key":"k","secret":"s"}']) {
      expect(statusOf(visit().ask('/v1/sessions', body, '')), body).toBe(400);
    }
  });

  it('end after their life', () => {
    const { token, events } = visit({ answers: { tokenLifeMs: 1000 } });
    const good = token(0);
    expect(statusOf(events([event('a')], good, 999))).toBe(200);
    expect(statusOf(events([event('a')], good, 1000))).toBe(401);
    expect(statusOf(events([event('a')], token(1000), 1000))).toBe(200);
  });

  it('are limited to 100 in 15 seconds, told in headers', () => {
    const { session } = visit();
    expect(responseOf(session(0)).headers).toMatchObject({
      ratelimit: 'limit=100, remaining=99, reset=15',
      'ratelimit-policy': '100;w=15',
    });
    for (let i = 1; i < 100; i++) expect(statusOf(session(0))).toBe(200);
    expect(statusOf(session(14_000))).toBe(429);
    expect(responseOf(session(14_000)).headers['retry-after']).toBe('1');
    expect(statusOf(session(15_000))).toBe(200);
  });
});

describe('POST /consents/events', () => {
  it('needs a good token, an organization, and at least one and at most 100 events', () => {
    const { token, events, ask } = visit();
    const good = token();
    const hundred = Array.from({ length: 100 }, (_, i) => event(`${i}`));
    expect(jsonOf(events([event('a')], ''))).toEqual(envelope(401, 'NotAuthenticated', 'Authentication is needed'));
    expect(jsonOf(ask('/v1/consents/events', JSON.stringify([event('a')]), good))).toEqual(
      envelope(400, 'BadRequest', 'organization_id is required'),
    );
    expect(jsonOf(events([], good))).toEqual(envelope(400, 'BadRequest', 'An array of events must not be empty'));
    expect(jsonOf(events([...hundred, event('x')], good))).toEqual(
      envelope(400, 'BadRequest', 'More than 100 events in one request'),
    );
    expect(statusOf(events(hundred, good))).toBe(200);
  });

  it('answers 413 to a body over its limit and 400 to what is no JSON', () => {
    const { token, events } = visit({ didomi: { maxBodyBytes: 200 } });
    const good = token();
    expect(statusOf(events([event('a'), event('b'), event('c')], good))).toBe(413);
    for (const body of ['', '[', '[{]', '{"a":1', new Uint8Array([0x22, 0xff, 0x22])]) {
      expect(jsonOf(events(body, good))).toEqual(envelope(400, 'BadRequest', 'Invalid JSON'));
    }
  });

  it('keeps an id once, whatever comes later under it', () => {
    const { token, events, store } = visit();
    const good = token();
    events([event('a', 'first')], good);
    expect(statusOf(events([event('a', 'second'), event('a', 'first')], good))).toBe(200);
    expect(store.counts()).toEqual({ accepted: 1, resent: 2, resentAltered: 1, refused: 0 });
    expect(JSON.parse(Buffer.from(store.find('acme', 'a')!.bytes).toString())).toEqual(event('a', 'first'));
  });

  it('gives an id to an event without one', () => {
    const { token, events } = visit();
    const [created] = jsonOf(events([event(undefined, 'p')], token())) as [Record<string, unknown>];
    expect(created['id']).toMatch(/^[0-9a-f-]{36}$/);
    expect(created).toMatchObject(event(undefined, 'p'));
  });

  it.each([
    ['array', 200, '[E1,E2]'],
    ['data', 201, '{"data":[E1,E2]}'],
    ['single', 200, 'E1'],
    ['empty', 201, ''],
  ] as const)('answers in the shape "%s" with %d', (shape, status, expected) => {
    const { token, events } = visit({ answers: { shape, status } });
    const ending = events([event('a'), event('b')], token());
    expect(statusOf(ending)).toBe(status);
    const [a, b] = [JSON.stringify(event('a')), JSON.stringify(event('b'))];
    expect(textOf(ending)).toBe(expected.replace('E1', a).replace('E2', b));
  });

  it('answers one event with one event, and an array in reverse when told to', () => {
    const { token, events } = visit({ answers: { order: 'reversed' } });
    const good = token();
    expect(jsonOf(events(event('a'), good))).toEqual(event('a'));
    expect(jsonOf(events([event('b'), event('c')], good))).toEqual([event('c'), event('b')]);
  });

  it.each([409, 400] as const)(
    'answers %d to a duplicate that stands alone, and takes the rest of a batch',
    (status) => {
      const { token, events, store } = visit({ answers: { duplicates: { status, where: 'alone' } } });
      const good = token();
      events([event('a')], good);
      expect(statusOf(events([event('a')], good))).toBe(status);
      expect(statusOf(events([event('a'), event('b')], good))).toBe(200);
      expect(store.counts()).toEqual({ accepted: 2, resent: 2, resentAltered: 0, refused: 0 });
    },
  );

  it('refuses a whole batch for one duplicate when told to, and keeps none of it', () => {
    const refusals = { status: 400, names: 'index', keeps: 'nothing' } as const;
    const { token, events, store } = visit({ answers: { duplicates: { status: 409, where: 'batch' }, refusals } });
    const good = token();
    events([event('a')], good);
    expect(jsonOf(events([event('b'), event('a')], good))).toEqual(
      envelope(409, 'Conflict', 'Event already exists', [{ index: 1, message: 'already exists' }]),
    );
    expect(store.has('acme', 'b')).toBe(false);
  });

  const batch = [event('a'), { id: 'b', user: {}, consents: { vendors: [] } }, event('c')];
  it.each([
    ['index', [{ index: 1, message: 'must be object' }], 'Invalid event'],
    ['id', [{ id: 'b', message: 'must be object' }], 'Invalid event'],
    ['path', [{ path: '/1/consents/vendors', message: 'must be object' }], 'Invalid event'],
    ['message', {}, 'Invalid event at index 1: /consents/vendors must be object'],
    ['nothing', {}, 'Invalid event'],
  ] as const)('names a bad event by %s', (names, errors, message) => {
    const { token, events } = visit({ answers: { refusals: { status: 422, names, keeps: 'nothing' } } });
    expect(jsonOf(events(batch, token()))).toEqual(envelope(422, 'Unprocessable', message, errors));
  });

  it.each([
    ['nothing', 400, []],
    ['before', 400, ['a']],
    ['others', 400, ['a', 'c']],
    ['items', 200, ['a', 'c']],
  ] as const)('keeps %s of a batch with a bad event', (keeps, status, kept) => {
    const { token, events, store } = visit({ answers: { refusals: { status: 400, names: 'nothing', keeps } } });
    const ending = events(batch, token());
    expect(statusOf(ending)).toBe(status);
    expect([...store.arrivals((outcome) => outcome === 'accepted')].map(({ id }) => id)).toEqual(kept);
    expect(store.counts().refused).toBe(1);
    if (keeps === 'items') {
      const bad = { ...envelope(400, 'BadRequest', 'must be object'), index: 1, id: 'b' };
      expect(jsonOf(ending)).toEqual([batch[0], bad, batch[2]]);
    }
  });

  it.each([
    ['null', '', 'must be object'],
    ['{"id":1,"user":{},"consents":{}}', '/id', 'must be string'],
    ['{"id":"","user":{},"consents":{}}', '/id', 'must be string'],
    [
      '{"organization_id":"other","user":{},"consents":{}}',
      '/organization_id',
      'must be the organization of the request',
    ],
    ['{"created_at":"yesterday","user":{},"consents":{}}', '/created_at', 'must be an ISO 8601 date'],
    ['{"created_at":17,"user":{},"consents":{}}', '/created_at', 'must be an ISO 8601 date'],
    ['{"consents":{}}', '/user', 'must be object'],
    ['{"user":{"id":7},"consents":{}}', '/user/id', 'must be string'],
    ['{"user":{}}', '/consents', 'must be object'],
    ['{"user":{},"consents":{"purposes":{}}}', '/consents/purposes', 'must be array'],
    ['{"user":{},"consents":{"purposes":[1]}}', '/consents/purposes/0', 'must be object'],
    ['{"user":{},"consents":{"purposes":[{"enabled":true}]}}', '/consents/purposes/0/id', 'must be string'],
    [
      '{"user":{},"consents":{"purposes":[{"id":"p","enabled":"no"}]}}',
      '/consents/purposes/0/enabled',
      'must be boolean or null',
    ],
    ['{"user":{},"consents":{"purposes":[{"id":"q"}]}}', '/consents/purposes/0/id', 'is not a known purpose'],
  ])('refuses %s', (bad, path, message) => {
    const answers = { refusals: { status: 400, names: 'path', keeps: 'nothing' } } as const;
    const { token, events } = visit({ answers, didomi: { purposes: ['p'] } });
    expect(jsonOf(events(`[${bad}]`, token()))).toMatchObject({ errors: [{ path: `/0${path}`, message }] });
  });

  it('takes what the documents leave open: enabled null, no user id, unknown fields, any id without a list of purposes', () => {
    const { token, events } = visit();
    const open = '{"user":{"id":null},"consents":{"purposes":[{"id":"any","enabled":null}]},"new_field":1}';
    expect(statusOf(events(open, token()))).toBe(200);
  });

  it('keeps the bytes of any array of JSON values, whatever white space stands between them', () => {
    const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
    const anyEvent = fc
      .tuple(fc.uuid(), fc.jsonValue({ maxDepth: 3 }), fc.integer({ min: 0, max: 2 }))
      .map(([id, metadata, indent]) => JSON.stringify({ id, user: {}, consents: {}, metadata }, null, indent));
    fc.assert(
      fc.property(
        fc.uniqueArray(anyEvent, { minLength: 1, maxLength: 8 }),
        fc.array(space, { minLength: 18, maxLength: 18 }),
        (all, spaces) => {
          const { token, events, store } = visit();
          const body = `[${all.map((one, i) => `${spaces[2 * i]}${one}${spaces[2 * i + 1]}`).join(',')}]${spaces[17]}`;
          expect(statusOf(events(body, token()))).toBe(200);
          const kept = [...store.arrivals((outcome) => outcome === 'accepted')].map(({ bytes }) =>
            Buffer.from(bytes).toString(),
          );
          expect(kept).toEqual(all);
        },
      ),
    );
  });
});

describe('Other routes', () => {
  const one = (id: string, query: string): string =>
    `/v1/consents/events/${encodeURIComponent(id)}?organization_id=acme${query}`;

  it('give back one event to who names its user, with what the platform fills in, byte for byte', () => {
    const { token, events, ask } = visit();
    const good = token();
    const sent = `{"id":"a b","n":12345678901234567890,${JSON.stringify(event(undefined, 'p')).slice(1)}`;
    events(`[${sent}]`, good);
    expect(statusOf(ask(one('a b', ''), '', good, 0, 'GET'))).toBe(400);
    expect(textOf(ask(one('a b', '&organization_user_id=p'), '', good, 0, 'GET'))).toBe(
      `{"organization_id":"acme","created_at":"1970-01-01T00:00:00.000Z","status":"confirmed","regulation":"gdpr","updated_at":"1970-01-01T00:00:00.000Z",${sent.slice(1)}`,
    );
    for (const query of ['&organization_user_id=q', '&user_id=p']) {
      expect(statusOf(ask(one('a b', query), '', good, 0, 'GET'))).toBe(404);
    }
    expect(statusOf(ask(one('none', '&user_id=p'), '', good, 0, 'GET'))).toBe(404);
    expect(statusOf(ask(one('a b', '&user_id=p'), '', '', 0, 'GET'))).toBe(401);
  });

  it('find only confirmed events, and only those of gdpr, unless told otherwise', () => {
    const { token, events, ask } = visit();
    const good = token();
    events(
      [event('a', 'p'), event('b', 'p', { status: 'pending_approval' }), event('c', 'p', { regulation: 'cpra' })],
      good,
    );
    const found = (query: string): unknown[] => {
      const list = jsonOf(ask(`${EVENTS}&organization_user_id=p${query}`, '', good, 0, 'GET')) as { data: object[] };
      const alone = ['a', 'b', 'c'].filter(
        (id) => statusOf(ask(one(id, `&organization_user_id=p${query}`), '', good, 0, 'GET')) === 200,
      );
      expect(list.data.map((each) => (each as { id: string }).id)).toEqual(alone);
      return alone;
    };
    const open = '&status[$in]=confirmed&status[$in]=pending_approval&regulation[$in]=gdpr&regulation[$in]=cpra';
    expect(found('')).toEqual(['a']);
    expect(found('&status=pending_approval')).toEqual(['b']);
    expect(found('&regulation[$in]=gdpr&regulation[$in]=cpra')).toEqual(['a', 'c']);
    expect(found(open)).toEqual(['a', 'b', 'c']);
  });

  it('delete one event for who names its user, and then take it anew', () => {
    const { token, events, ask, store } = visit();
    const good = token();
    events([event('a', 'p', { status: 'pending_approval' })], good);
    const remove = (query: string): number | string => statusOf(ask(one('a', query), '', good, 0, 'DELETE'));
    expect(remove('')).toBe(400);
    expect(remove('&organization_user_id=q')).toBe(404);
    expect(remove('&organization_user_id=p')).toBe(204);
    expect(remove('&organization_user_id=p')).toBe(404);
    expect(store.counts()).toEqual({ accepted: 0, resent: 0, resentAltered: 0, refused: 0, deleted: 1 });
    events([event('a', 'p')], good);
    expect([...store.kept('acme')].map(({ id }) => id)).toEqual(['a']);
  });

  it('list the known purposes', () => {
    const { token, ask } = visit({ didomi: { purposes: ['p'] } });
    expect(jsonOf(ask('/v1/metadata/purposes?organization_id=acme', '', token(), 0, 'GET'))).toEqual({
      data: [{ id: 'p', name: { en: 'p' } }],
      total: 1,
      limit: 100,
      skip: 0,
    });
  });

  it.each(['/v1/consent/events', '/consents/events', '/v1', '/v2/sessions'])(
    'answer 404 in the envelope: %s',
    (path) => {
      expect(jsonOf(visit().ask(path, '[]', ''))).toEqual(envelope(404, 'NotFound', 'Page not found'));
    },
  );
});
