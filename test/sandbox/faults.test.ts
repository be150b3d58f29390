import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FaultPlayer } from '../../src/sandbox/fault-player.js';
import { parseFaultScript } from '../../src/sandbox/fault-script.js';
import { EVENTS, event, jsonOf, responseOf, statusOf, textOf, visit } from './visitor.js';

const play = (todo: object, when: object = { route: 'events' }) => {
  const visitor = visit({}, { rules: [{ name: 'the fault', when, do: todo }] });
  const token = visitor.token();
  const send = (ids: readonly string[], nowMs = 0) =>
    visitor.events(
      ids.map((id) => event(id)),
      token,
      nowMs,
    );
  return { ...visitor, good: token, send };
};

describe('What a fault does', () => {
  it('answers with a status and keeps nothing', () => {
    const { send, store } = play({ status: 503 });
    expect(jsonOf(send(['a']))).toEqual({
      code: 503,
      name: 'Unavailable',
      message: 'A fault of the sandbox',
      errors: {},
    });
    expect(store.has('acme', 'a')).toBe(false);
  });

  it('tells Retry-After in seconds or as a date, rate headers and a location', () => {
    const headers = (todo: object) => responseOf(play(todo).send(['a'], 1_500)).headers;
    expect(headers({ status: 429, retryAfter: 3 })['retry-after']).toBe('3');
    expect(headers({ status: 429, retryAfter: 3, retryAfterAs: 'date' })['retry-after']).toBe(
      'Thu, 01 Jan 1970 00:00:05 GMT',
    );
    expect(headers({ status: 301, location: '/x' })['location']).toBe('/x');
    expect(headers({ status: 429, rateLimit: { limit: 9, resetSeconds: 4 } })).toMatchObject({
      ratelimit: 'limit=9, remaining=0, reset=4',
      'ratelimit-policy': '9;w=4',
    });
  });

  it('answers with a page, with nothing, or with a 400 that says "slow down"', () => {
    const page = play({ status: 502, body: 'html' }).send(['a']);
    expect(responseOf(page).headers['content-type']).toBe('text/html; charset=utf-8');
    expect(textOf(page)).toContain('<html>');
    expect(textOf(play({ status: 408, body: 'empty' }).send(['a']))).toBe('');
    expect(jsonOf(play({ status: 400, body: 'slowDown' }).send(['a']))).toMatchObject({
      message: 'Too many requests, please slow down',
    });
  });

  it.each([
    ['dropBefore', { dropBefore: true }, 'reset', false],
    ['dropAfter', { dropAfter: true }, 'reset', true],
    ['hang', { hang: true }, 'silence', false],
    ['hang with process', { hang: { process: true } }, 'silence', true],
    ['html', { html: true }, 200, false],
    ['stall', { stall: 70 }, 200, true],
    ['truncate', { truncate: 'length' }, 200, true],
  ] as const)('%s', (_, todo, status, kept) => {
    const { send, store } = play(todo);
    expect(statusOf(send(['a']))).toBe(status);
    expect(store.has('acme', 'a')).toBe(kept);
  });

  it('stalls before or after the events are kept', () => {
    for (const process of ['before', 'after']) {
      const { handle, good, store } = play({ stall: { ms: 70, process } });
      const pending = handle(EVENTS, JSON.stringify([event('a')]), good, 0);
      expect(pending.delayMs).toBe(70);
      expect(store.has('acme', 'a')).toBe(process === 'before');
      pending.end(70);
      expect(store.has('acme', 'a')).toBe(true);
    }
  });

  it('cuts the JSON of an answer, or says that its length is to be broken', () => {
    const cut = play({ truncate: 'json' }).send(['a']);
    expect(() => jsonOf(cut)).toThrow();
    expect(cut).toMatchObject({ cutOff: false });
    expect(play({ truncate: 'length' }).send(['a'])).toMatchObject({ cutOff: true });
    expect(play({ closeIdle: 5 }).send(['a'])).toMatchObject({ closeIdleMs: 5 });
  });

  it('ends all tokens', () => {
    const { send, token, events } = play({ expireToken: true }, { route: 'events', requests: 2 });
    expect(statusOf(send(['a']))).toBe(200);
    expect(statusOf(send(['b']))).toBe(401);
    expect(statusOf(send(['b']))).toBe(401);
    expect(statusOf(events([event('b')], token()))).toBe(200);
  });

  it('refuses sessions only', () => {
    const { session, send } = play({ refuseSessions: true }, { every: 2 });
    expect(statusOf(session())).toBe(400);
    expect(statusOf(session())).toBe(200);
    expect(statusOf(send(['a']))).toBe(200);
  });

  it('refuses the same events again after a split, named as told', () => {
    const { send, store } = play({ refuse: { names: 'id', status: 422 } }, { events: { everyNth: 3 } });
    expect(jsonOf(send(['a', 'b', 'c', 'd']))).toMatchObject({
      code: 422,
      errors: [{ id: 'c', message: 'is refused by the fault script' }],
    });
    expect(statusOf(send(['a', 'b']))).toBe(200);
    expect(statusOf(send(['c', 'd']))).toBe(422);
    expect(statusOf(send(['d']))).toBe(200);
    expect(statusOf(send(['c']))).toBe(422);
    expect(store.counts()).toEqual({ accepted: 3, resent: 0, resentAltered: 0, refused: 3 });
  });

  it('acknowledges events that it does not keep, again and again', () => {
    const { send, store } = play({ drop: true }, { events: { ids: ['b'] } });
    for (const ids of [['a', 'b'], ['b']]) {
      expect(jsonOf(send(ids))).toEqual(ids.map((id) => event(id)));
    }
    expect([...store.kept('acme')].map(({ id }) => id)).toEqual(['a']);
  });

  it('keeps events with another value, or none, in one place, for whoever reads them back', () => {
    const read = (alter: object, id: string): unknown => {
      const { send, ask, token } = play({ alter }, { events: { ids: ['b'] } });
      expect(jsonOf(send(['a', 'b']))).toEqual([event('a'), event('b')]);
      const path = `/v1/consents/events/${id}?organization_id=acme&organization_user_id=${id}%40example.com`;
      return jsonOf(ask(path, '', token(), 0, 'GET'));
    };
    const altered = { path: '/consents/purposes/0/enabled', to: false };
    expect(read(altered, 'a')).toMatchObject(event('a'));
    expect(read(altered, 'b')).toMatchObject({ consents: { purposes: [{ id: 'newsletter', enabled: false }] } });
    expect(read({ path: '/consents/purposes' }, 'b')).toMatchObject({ consents: {} });
    expect(read({ path: '/consents/purposes/0' }, 'b')).toMatchObject({ consents: { purposes: [] } });
    expect(read({ path: '/nowhere/at/all', to: 1 }, 'b')).toMatchObject(event('b'));
  });

  it('lets through n requests in any window, and tells it or not', () => {
    const limited = (told: string) => play({ limit: { requests: 2, windowMs: 1000, told } });
    const { send } = limited('headers');
    expect(responseOf(send(['a'], 0)).headers['ratelimit']).toBe('limit=2, remaining=1, reset=1');
    expect(statusOf(send(['b'], 900))).toBe(200);
    const over = responseOf(send(['c'], 950));
    expect([over.status, over.headers['retry-after'], over.headers['ratelimit-policy']]).toEqual([429, '1', '2;w=1']);
    expect(statusOf(send(['c'], 1000))).toBe(200);
    expect(statusOf(send(['d'], 1001))).toBe(429);
    for (const [told, expected] of [
      ['retryAfter', '1'],
      ['no', undefined],
    ] as const) {
      const { send: again } = limited(told);
      for (const id of ['a', 'b']) again([id]);
      const { status, headers } = responseOf(again(['c']));
      expect([status, headers['retry-after'], headers['ratelimit']]).toEqual([429, expected, undefined]);
    }
  });

  it('never lets more through a sliding limit than it says, whatever the arrivals', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 60 }),
        fc.integer({ min: 1, max: 5 }),
        (gaps, requests) => {
          const { send } = play({ limit: { requests, windowMs: 1000 } });
          let now = 0;
          const passed: number[] = [];
          for (const gap of gaps) {
            now += gap;
            if (statusOf(send(['a'], now)) === 200) passed.push(now);
            else expect(passed.filter((at) => at > now - 1000).length).toBe(requests);
          }
          for (const at of passed)
            expect(passed.filter((other) => other > at - 1000 && other <= at).length).toBeLessThanOrEqual(requests);
        },
      ),
    );
  });

  it('slows down by steps, drift and crowd, up to a bound', () => {
    const steps = [
      { atMs: 1000, ms: 100 },
      { atMs: 2000, ms: 50 },
    ];
    const latency = { ms: 10, steps, driftMsPerSecond: 5, maxMs: 90, crowd: { above: 1, msEach: 20 } };
    const { handle, core, good } = play({ latency });
    const delay = (nowMs: number) => handle(EVENTS, JSON.stringify([event(`${nowMs}`)]), good, nowMs);
    const first = delay(0);
    expect(first.delayMs).toBe(10);
    expect(delay(200).delayMs).toBe(10 + 1 + 20);
    expect(delay(1000).delayMs).toBe(90);
    for (const number of [first.number, first.number + 1, first.number + 2]) core.finished(number);
    expect(delay(2000).delayMs).toBe(10 + 10 + 50);
  });
});

describe('When a fault is played', () => {
  const hits = (when: object, visits: readonly (readonly [number, string])[]): number[] => {
    const { send } = play({ status: 503 }, { route: 'events', ...when });
    return visits.flatMap(([nowMs, id], i) => (statusOf(send([id], nowMs)) === 503 ? [i + 1] : []));
  };
  const ten = Array.from({ length: 10 }, (_, i) => [i * 100, `e${i + 1}`] as const);

  it('is at the requests that the rule names', () => {
    expect(hits({ requests: [2, [5, 7]] }, ten)).toEqual([2, 5, 6, 7]);
    expect(hits({ every: 4 }, ten)).toEqual([4, 8]);
    expect(hits({ between: [200, 500] }, ten)).toEqual([3, 4, 5]);
    expect(hits({ every: 2, times: 2 }, ten)).toEqual([2, 4]);
    expect(hits({ events: { ids: ['e3', 'e9'] } }, ten)).toEqual([3, 9]);
    expect(hits({ probability: 1 }, ten)).toHaveLength(10);
    expect(hits({ probability: 0 }, ten)).toEqual([]);
  });

  it('is decided by the first rule that ends the request; latency adds up beside it', () => {
    const rules = [
      { do: { latency: 5 } },
      { when: { route: 'events' }, do: { status: 500 } },
      { when: { route: 'events' }, do: { dropBefore: true } },
      { do: { latency: 7 } },
    ];
    const { handle } = visit({ latencyMs: 1 }, { rules });
    const pending = handle(EVENTS, '[]', '', 0);
    expect(pending.delayMs).toBe(13);
    expect(statusOf(pending.end(13))).toBe(500);
  });

  it('stands in the log and in the stats under the name of its rule', () => {
    const { send, core } = play({ status: 429, retryAfter: 2 }, { route: 'events', requests: 2 });
    send(['a'], 10);
    send(['b'], 40);
    expect(core.log()).toEqual([
      { request: 3, route: 'events', atMs: 40, rule: 'the fault', did: 'answered 429, retry after 2 s' },
    ]);
    expect(core.stats().faults).toEqual({ 'the fault': 1 });
  });

  it('is the same for the same seed and the same requests, after a reset too, and another for another seed', () => {
    const rules = [
      { when: { route: 'events', probability: 0.5 }, do: { status: 503 } },
      { when: { events: { share: 0.3 } }, do: { refuse: true } },
      { do: { latency: { jitterMs: 100 } } },
    ];
    const run = ({ token, handle, core }: ReturnType<typeof visit>): unknown[] => {
      const good = token();
      return Array.from({ length: 40 }, (_, i) => {
        const pending = handle(EVENTS, JSON.stringify([event(`${i}`), event(`x${i}`)]), good, i);
        const ending = pending.end(i);
        core.finished(pending.number);
        return [pending.delayMs, statusOf(ending)];
      });
    };
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const visitor = visit({}, { seed, rules });
        const first = run(visitor);
        expect(run(visit({}, { seed, rules }))).toEqual(first);
        visitor.core.reset();
        expect(run(visitor)).toEqual(first);
        expect(run(visit({}, { seed: seed + 1, rules }))).not.toEqual(first);
      }),
      { numRuns: 25 },
    );
  });

  it('draws about the share of events and requests that it says', () => {
    const { events, token, store } = visit(
      {},
      { rules: [{ when: { events: { share: 0.1 } }, do: { refuse: { keeps: 'others' } } }] },
    );
    const good = token();
    for (let i = 0; i < 20; i++)
      events(
        Array.from({ length: 100 }, (_, k) => event(`${i}-${k}`)),
        good,
      );
    expect(store.counts().refused).toBeGreaterThan(140);
    expect(store.counts().refused).toBeLessThan(260);
  });

  const NOWHERE = { start: 0, end: 0, value: undefined, subjects: [], createdAt: undefined };

  it('draws for each rule anew: what is dropped is altered no more often than anything else', () => {
    const rules = [
      { when: { events: { share: 0.5 } }, do: { drop: true } },
      { when: { events: { share: 0.5 } }, do: { alter: { path: '/x', to: 1 } } },
    ];
    const elements = Array.from({ length: 2_000 }, (_, i) => ({ ...NOWHERE, id: `id-${i}` }));
    for (let seed = 0; seed < 20; seed += 1) {
      const player = new FaultPlayer(parseFaultScript({ seed, rules }));
      const scene = { number: 1, route: 'events', elements, firstSent: () => 1, inFlight: 1 } as const;
      const { drop, alter } = player.play(scene, 0);
      const both = [...drop].filter((index) => alter.has(index)).length;
      expect(drop.size).toBeGreaterThan(850);
      expect(alter.size).toBeGreaterThan(850);
      expect(Math.abs(both - 500)).toBeLessThan(100);
      expect(player.play(scene, 1)).toMatchObject({ drop, alter });
    }
  });
});
