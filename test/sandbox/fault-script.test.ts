import { describe, expect, it } from 'vitest';
import {
  FAULT_HELP,
  FAULT_SCRIPTS,
  FaultScriptError,
  parseFaultScript,
  readyFaultScript,
} from '../../src/sandbox/sandbox.js';

describe('A fault script', () => {
  it('is read with its defaults', () => {
    expect(parseFaultScript({})).toEqual({ seed: 1, answers: {}, rules: [] });
    expect(parseFaultScript({ rules: [{ do: { status: 429, retryAfter: 2 } }] }).rules).toEqual([
      {
        name: 'status',
        when: {
          route: undefined,
          requests: undefined,
          every: undefined,
          probability: undefined,
          between: undefined,
          events: undefined,
          times: undefined,
        },
        action: {
          kind: 'status',
          status: 429,
          body: 'error',
          retryAfter: { seconds: 2, as: 'seconds' },
          rateLimit: undefined,
          location: undefined,
        },
      },
    ]);
  });

  it('takes request numbers alone, in lists and in ranges', () => {
    const requests = (value: unknown) =>
      parseFaultScript({ rules: [{ when: { requests: value }, do: { html: true } }] }).rules[0]?.when.requests;
    expect(requests(3)).toEqual([[3, 3]]);
    expect(requests([1, [4, 6]])).toEqual([
      [1, 1],
      [4, 6],
    ]);
  });

  const rule = (todo: unknown, when: unknown = {}) => ({ rules: [{ when, do: todo }] });
  const kinds =
    'dropBefore, dropAfter, html, expireToken, refuseSessions, stall, hang, truncate, refuse, drop, alter, limit, latency, outage, closeIdle';
  it.each([
    [null, 'it must be an object'],
    [[], 'it must be an object'],
    [{ rule: [] }, 'rule is not known; known here: seed, answers, rules'],
    [{ seed: -1 }, 'seed must be a whole number of 0 or more'],
    [{ rules: {} }, 'rules must be an array'],
    [{ rules: [{}] }, 'rules[0] must say what to `do`'],
    [rule({}), `rules[0].do must hold one of status, ${kinds}`],
    [rule({ status: 503, html: true }), `rules[0].do must hold one of status, ${kinds}`],
    [rule({ retryAfter: 1 }), 'rules[0].do must hold status'],
    [rule({ status: 99 }), 'rules[0].do.status must be a whole number from 200 to 599'],
    [rule({ status: 503, body: 'xml' }), 'rules[0].do.body must be one of "error", "html", "slowDown", "empty"'],
    [rule({ dropBefore: 1 }), 'rules[0].do.dropBefore must be true'],
    [rule({ stall: {} }), 'rules[0].do.stall must hold ms'],
    [rule({ hang: { process: 1 } }), 'rules[0].do.hang.process must be true or false'],
    [rule({ limit: { requests: 1 } }), 'rules[0].do.limit must hold requests and windowMs'],
    [rule({ latency: { steps: [{ ms: 1 }] } }), 'rules[0].do.latency.steps[0] must hold atMs and ms'],
    [rule({ latency: { crowd: {} } }), 'rules[0].do.latency.crowd must hold above and msEach'],
    [rule({ status: 301, location: '' }), 'rules[0].do.location must be a text that is not empty'],
    [rule({ refuse: true }), 'rules[0] refuses events, so `when.events` must pick them'],
    [rule({ drop: true }), 'rules[0] drops events, so `when.events` must pick them'],
    [rule({ alter: { path: '/id' } }), 'rules[0] alters events, so `when.events` must pick them'],
    [rule({ alter: {} }), 'rules[0].do.alter must hold path'],
    [rule({ alter: { path: 'id' } }), 'rules[0].do.alter.path must be a JSON Pointer, such as "/created_at"'],
    [rule({ outage: 'reset' }), 'rules[0] is an outage, so `when.between` must say when'],
    [
      rule({ outage: 'refuse' }, { between: [0, 1], every: 2 }),
      'rules[0] closes the port, so `when` can hold nothing but `between`',
    ],
    [
      rule({ html: true }, { rout: 'events' }),
      'rules[0].when.rout is not known; known here: route, requests, every, probability, between, events, times',
    ],
    [rule({ html: true }, { route: 'event' }), 'rules[0].when.route must be one of "sessions", "events", "other"'],
    [rule({ html: true }, { probability: 2 }), 'rules[0].when.probability must be a number from 0 to 1'],
    [rule({ html: true }, { between: [5] }), 'rules[0].when.between must be [from, to]'],
    [rule({ html: true }, { between: [5, 4] }), 'rules[0].when.between[1] must be a whole number of 5 or more'],
    [rule({ html: true }, { requests: [[0, 4]] }), 'rules[0].when.requests[0][0] must be a whole number of 1 or more'],
    [rule({ html: true }, { events: {} }), 'rules[0].when.events must hold everyNth, ids or share'],
    [{ answers: { shape: 'list' } }, 'answers.shape must be one of "array", "data", "single", "empty"'],
    [{ answers: { duplicates: { status: 404 } } }, 'answers.duplicates.status must be one of 200, 400, 409'],
  ])('says what is wrong in %j', (json, message) => {
    expect(() => parseFaultScript(json)).toThrow(new FaultScriptError(`fault script: ${message}`));
  });
});

describe('Ready fault scripts', () => {
  it.each(Object.keys(FAULT_SCRIPTS))('%s can be played, and says what it does', (name) => {
    expect(readyFaultScript(name)?.rules.length).toBeGreaterThan(0);
    expect(FAULT_SCRIPTS[name]).toMatch(/./);
  });

  it('are found by their names only', () => {
    expect(readyFaultScript('nothing')).toBeUndefined();
    expect(readyFaultScript('toString')).toBeUndefined();
  });
});

describe('The help', () => {
  it('explains every key that a script may hold', () => {
    const known = (json: object): string[] => {
      try {
        parseFaultScript(json);
      } catch (error) {
        return (error as Error).message.split('known here: ')[1]!.split(', ');
      }
      throw new Error('expected an error');
    };
    const unknown = { '?': 1 };
    const keys = [
      ...known(unknown),
      ...known({ answers: unknown }),
      ...known({ rules: [{ when: unknown, do: { html: true } }] }),
      ...known({ rules: [{ when: { events: unknown }, do: { html: true } }] }),
      ...['latency', 'limit', 'stall', 'refuse', 'alter'].flatMap((kind) =>
        known({ rules: [{ do: { [kind]: unknown } }] }),
      ),
      ...known({ rules: [{ do: unknown }] }),
    ];
    expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(FAULT_HELP))).toEqual([]);
  });

  it('holds an example that can be played', () => {
    const example = /\n( {4}\{ "seed"[\s\S]*?\] \})\n/.exec(FAULT_HELP)?.[1] ?? '';
    expect(parseFaultScript(JSON.parse(example)).rules).toHaveLength(3);
  });
});
