import { parseFaultScript } from './fault-script.js';
import type { FaultScript } from './faults.js';

/** Ready scripts for `--faults <name>`. Short, so that a run under them still ends within a minute or two. */
const READY = {
  flaky: {
    about: 'now and then a 503, a broken connection, a slow answer',
    rules: [
      { name: 'a 503', when: { route: 'events', probability: 0.05 }, do: { status: 503 } },
      { name: 'lost before', when: { route: 'events', probability: 0.02 }, do: { dropBefore: true } },
      { name: 'lost after', when: { route: 'events', probability: 0.02 }, do: { dropAfter: true } },
      { name: 'cut answer', when: { route: 'events', probability: 0.01 }, do: { truncate: 'length' } },
      { name: 'slow', do: { latency: { ms: 10, jitterMs: 40 } } },
    ],
  },
  throttled: {
    about: 'a hard limit of 20 requests in 2 s, told in headers',
    rules: [
      { name: 'limit', when: { route: 'events' }, do: { limit: { requests: 20, windowMs: 2000 } } },
      { name: 'latency', do: { latency: 20 } },
    ],
  },
  untold: {
    about: 'the same limit, never told: bare 429s',
    rules: [
      { name: 'limit', when: { route: 'events' }, do: { limit: { requests: 20, windowMs: 2000, told: 'no' } } },
      { name: 'latency', do: { latency: 20 } },
    ],
  },
  outage: {
    about: 'after one second, nothing gets through for eight',
    rules: [
      { name: 'outage', when: { between: [1000, 9000] }, do: { outage: 'reset' } },
      { name: 'latency', do: { latency: 50 } },
    ],
  },
  down: {
    about: 'after one second, the port is closed for eight',
    rules: [
      { name: 'closed port', when: { between: [1000, 9000] }, do: { outage: 'refuse' } },
      { name: 'latency', do: { latency: 50 } },
    ],
  },
  overloaded: {
    about: 'slower with every request in flight above four, and slower with time',
    rules: [
      {
        name: 'latency',
        when: { route: 'events' },
        do: { latency: { ms: 15, driftMsPerSecond: 2, maxMs: 2000, crowd: { above: 4, msEach: 25 } } },
      },
    ],
  },
  'bad-events': {
    about: 'one event in 500 is refused, and with it the whole batch, unnamed',
    rules: [{ name: 'refused', when: { events: { everyNth: 500 } }, do: { refuse: true } }],
  },
  'named-bad-events': {
    about: 'the same, with the index named',
    rules: [{ name: 'refused', when: { events: { everyNth: 500 } }, do: { refuse: { names: 'index' } } }],
  },
  unfaithful: {
    about: 'one event in 1,000 is acknowledged and not kept, one in 1,000 is kept altered: for `verify` to find',
    rules: [
      { name: 'altered', when: { events: { share: 0.001 } }, do: { alter: { path: '/created_at', to: '2001-01-01' } } },
      { name: 'dropped', when: { events: { share: 0.001 } }, do: { drop: true } },
    ],
  },
  tokens: {
    about: 'tokens live for two seconds, and all end at every 25th request',
    answers: { tokenLifeMs: 2000 },
    rules: [
      { name: 'token ends', when: { route: 'events', every: 25 }, do: { expireToken: true } },
      { name: 'latency', do: { latency: 20 } },
    ],
  },
  portal: {
    about: 'a captive portal answers every request with 200 and a page',
    rules: [{ name: 'portal', when: { route: 'events' }, do: { html: true } }],
  },
  hostile: {
    about: 'nearly everything at once',
    answers: { status: 201, shape: 'data', order: 'reversed', duplicates: { status: 409, where: 'batch' } },
    rules: [
      { name: 'refused', when: { events: { share: 0.002 } }, do: { refuse: true } },
      { name: 'token ends', when: { route: 'events', every: 40 }, do: { expireToken: true } },
      { name: 'throttled', when: { route: 'events', every: 33 }, do: { status: 429, retryAfter: 1 } },
      {
        name: 'a date',
        when: { route: 'events', every: 47 },
        do: { status: 503, retryAfter: 1, retryAfterAs: 'date' },
      },
      { name: 'slow down', when: { route: 'events', every: 53 }, do: { status: 400, body: 'slowDown' } },
      { name: 'gateway', when: { route: 'events', probability: 0.02 }, do: { status: 502, body: 'html' } },
      { name: 'time-out', when: { route: 'events', probability: 0.01 }, do: { status: 408, body: 'empty' } },
      { name: 'lost before', when: { route: 'events', probability: 0.02 }, do: { dropBefore: true } },
      { name: 'lost after', when: { route: 'events', probability: 0.03 }, do: { dropAfter: true } },
      { name: 'cut answer', when: { route: 'events', probability: 0.01 }, do: { truncate: 'length' } },
      { name: 'cut JSON', when: { route: 'events', probability: 0.01 }, do: { truncate: 'json' } },
      { name: 'a page', when: { route: 'events', every: 61 }, do: { html: true } },
      { name: 'closed', when: { probability: 0.1 }, do: { closeIdle: 5 } },
      { name: 'slow', do: { latency: { ms: 5, jitterMs: 60 } } },
    ],
  },
};

/** Name and one line about each ready script. */
export const FAULT_SCRIPTS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(READY).map(([name, { about }]) => [name, about]),
);

/** A ready script, or undefined when there is none of that name. */
export function readyFaultScript(name: string): FaultScript | undefined {
  const ready = Object.entries(READY).find(([each]) => each === name)?.[1];
  if (ready === undefined) return undefined;
  const { about: _about, ...script } = ready;
  return parseFaultScript(script);
}
