import { parseRefusal } from './fault-answers.js';
import type { FaultAction, LatencyAction, StatusAction } from './faults.js';
import { type At, elements, fail, members, numberAt, oneOf, or, textAt, truthAt, wholeAt } from './json-reader.js';

const STATUS_KEYS = ['status', 'body', 'retryAfter', 'retryAfterAs', 'rateLimit', 'location'] as const;

/** How each kind of action is read from what stands under its key. `status` stands apart: it has keys beside it. */
const READERS = {
  dropBefore: (at: At): FaultAction => on(at, { kind: 'dropBefore' }),
  dropAfter: (at: At): FaultAction => on(at, { kind: 'dropAfter' }),
  html: (at: At): FaultAction => on(at, { kind: 'html' }),
  expireToken: (at: At): FaultAction => on(at, { kind: 'expireToken' }),
  refuseSessions: (at: At): FaultAction => on(at, { kind: 'refuseSessions' }),
  stall: parseStall,
  hang: (at: At): FaultAction => {
    if (typeof at.value === 'boolean') return on(at, { kind: 'hang', process: false });
    return { kind: 'hang', process: or(members(at, ['process']).process, truthAt, false) };
  },
  truncate: (at: At): FaultAction => ({ kind: 'truncate', what: oneOf(at, ['length', 'json'] as const) }),
  refuse: (at: At): FaultAction => ({
    kind: 'refuse',
    style: parseRefusal(at.value === true ? { value: {}, path: at.path } : at),
  }),
  drop: (at: At): FaultAction => on(at, { kind: 'drop' }),
  alter: parseAlter,
  limit: parseLimit,
  latency: parseLatency,
  outage: (at: At): FaultAction => ({ kind: 'outage', how: oneOf(at, ['reset', 'refuse'] as const) }),
  closeIdle: (at: At): FaultAction => ({ kind: 'closeIdle', ms: wholeAt(at, 0) }),
} satisfies Record<Exclude<FaultAction['kind'], 'status'>, (at: At) => FaultAction>;

type ReaderName = keyof typeof READERS;

const READER_NAMES = Object.keys(READERS) as ReaderName[];

/** Reads `do`: an object with one key that names the action. */
export function parseAction(at: At): FaultAction {
  const given = members(at, [...STATUS_KEYS, ...READER_NAMES]);
  const named = READER_NAMES.filter((name) => given[name] !== undefined);
  const isStatus = STATUS_KEYS.some((key) => given[key] !== undefined);
  const [name] = named;
  if (named.length + (isStatus ? 1 : 0) !== 1) fail(at, `must hold one of status, ${READER_NAMES.join(', ')}`);
  if (name !== undefined) return READERS[name](given[name] as At);
  return parseStatus(at);
}

function parseStatus(at: At): StatusAction {
  const { status, body, retryAfter, retryAfterAs, rateLimit, location } = members(at, STATUS_KEYS);
  if (status === undefined) fail(at, 'must hold status');
  return {
    kind: 'status',
    status: wholeAt(status, 200, 599),
    body: or(body, (a) => oneOf(a, ['error', 'html', 'slowDown', 'empty'] as const), 'error'),
    retryAfter: or(
      retryAfter,
      (a) => ({
        seconds: wholeAt(a, 0),
        as: or(retryAfterAs, (b) => oneOf(b, ['seconds', 'date'] as const), 'seconds'),
      }),
      undefined,
    ),
    rateLimit: or(rateLimit, parseRateLimit, undefined),
    location: or(location, textAt, undefined),
  };
}

function parseRateLimit(at: At): NonNullable<StatusAction['rateLimit']> {
  const { limit, remaining, resetSeconds } = members(at, ['limit', 'remaining', 'resetSeconds']);
  return {
    limit: or(limit, (a) => wholeAt(a, 0), 100),
    remaining: or(remaining, (a) => wholeAt(a, 0), 0),
    resetSeconds: or(resetSeconds, (a) => wholeAt(a, 0), 1),
  };
}

function parseStall(at: At): FaultAction {
  if (typeof at.value === 'number') return { kind: 'stall', ms: wholeAt(at, 0), process: 'before' };
  const { ms, process } = members(at, ['ms', 'process']);
  if (ms === undefined) fail(at, 'must hold ms');
  return {
    kind: 'stall',
    ms: wholeAt(ms, 0),
    process: or(process, (a) => oneOf(a, ['before', 'after'] as const), 'before'),
  };
}

function parseAlter(at: At): FaultAction {
  const { path, to } = members(at, ['path', 'to']);
  if (path === undefined) fail(at, 'must hold path');
  if (!textAt(path).startsWith('/')) fail(path, 'must be a JSON Pointer, such as "/created_at"');
  return { kind: 'alter', alteration: { path: textAt(path), to: to?.value } };
}

function parseLimit(at: At): FaultAction {
  const { requests, windowMs, kind, told } = members(at, ['requests', 'windowMs', 'kind', 'told']);
  if (requests === undefined || windowMs === undefined) fail(at, 'must hold requests and windowMs');
  return {
    kind: 'limit',
    size: {
      requests: wholeAt(requests, 1),
      windowMs: wholeAt(windowMs, 1),
      kind: or(kind, (a) => oneOf(a, ['sliding', 'fixed'] as const), 'sliding'),
    },
    told: or(told, (a) => oneOf(a, ['headers', 'retryAfter', 'no'] as const), 'headers'),
  };
}

function parseLatency(at: At): LatencyAction {
  const plain: LatencyAction = {
    kind: 'latency',
    ms: 0,
    jitterMs: 0,
    driftMsPerSecond: 0,
    maxMs: 60_000,
    steps: [],
    crowd: undefined,
  };
  if (typeof at.value === 'number') return { ...plain, ms: numberAt(at, { min: 0 }) };
  const given = members(at, ['ms', 'jitterMs', 'driftMsPerSecond', 'maxMs', 'steps', 'crowd']);
  return {
    ...plain,
    ms: or(given.ms, (a) => numberAt(a, { min: 0 }), 0),
    jitterMs: or(given.jitterMs, (a) => numberAt(a, { min: 0 }), 0),
    driftMsPerSecond: or(given.driftMsPerSecond, (a) => numberAt(a, { min: -1e6 }), 0),
    maxMs: or(given.maxMs, (a) => numberAt(a, { min: 0 }), plain.maxMs),
    steps: or(given.steps, elements, []).map(parseStep),
    crowd: or(given.crowd, parseCrowd, undefined),
  };
}

function parseStep(at: At): { atMs: number; ms: number } {
  const { atMs, ms } = members(at, ['atMs', 'ms']);
  if (atMs === undefined || ms === undefined) fail(at, 'must hold atMs and ms');
  return { atMs: numberAt(atMs, { min: 0 }), ms: numberAt(ms, { min: 0 }) };
}

function parseCrowd(at: At): { above: number; msEach: number } {
  const { above, msEach } = members(at, ['above', 'msEach']);
  if (above === undefined || msEach === undefined) fail(at, 'must hold above and msEach');
  return { above: wholeAt(above, 0), msEach: numberAt(msEach, { min: 0 }) };
}

/** For actions that have nothing to set. */
function on(at: At, action: FaultAction): FaultAction {
  return at.value === true ? action : fail(at, 'must be true');
}
