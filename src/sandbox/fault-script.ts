import { parseAction } from './fault-actions.js';
import { parseAnswers } from './fault-answers.js';
import type { EventCondition, FaultAction, FaultCondition, FaultRule, FaultScript } from './faults.js';
import { type At, elements, fail, members, numberAt, oneOf, or, textAt, wholeAt } from './json-reader.js';
import { ROUTES } from './routes.js';

/**
 * Reads a fault script from parsed JSON.
 * @throws {FaultScriptError} naming the wrong key by its path and saying what it should be
 */
export function parseFaultScript(json: unknown): FaultScript {
  const root = members({ value: json, path: '' }, ['seed', 'answers', 'rules']);
  return {
    seed: or(root.seed, (at) => wholeAt(at, 0), 1),
    answers: or(root.answers, parseAnswers, {}),
    rules: or(root.rules, elements, []).map(parseRule),
  };
}

/** Actions on events that a rule has to pick. */
const ABOUT_EVENTS: Readonly<Partial<Record<FaultAction['kind'], string>>> = {
  refuse: 'refuses',
  drop: 'drops',
  alter: 'alters',
};

function parseRule(at: At): FaultRule {
  const { name, when, do: todo } = members(at, ['name', 'when', 'do']);
  if (todo === undefined) fail(at, 'must say what to `do`');
  const action = parseAction(todo);
  const condition = parseCondition(when ?? { value: {}, path: `${at.path}.when` });
  const needs = ABOUT_EVENTS[action.kind];
  if (needs !== undefined && condition.events === undefined)
    fail(at, `${needs} events, so \`when.events\` must pick them`);
  if (action.kind === 'outage' && condition.between === undefined)
    fail(at, 'is an outage, so `when.between` must say when');
  if (action.kind === 'outage' && action.how === 'refuse' && hasMoreThanBetween(condition)) {
    fail(at, 'closes the port, so `when` can hold nothing but `between`');
  }
  return { name: or(name, textAt, action.kind), when: condition, action };
}

function parseCondition(at: At): FaultCondition {
  const when = members(at, ['route', 'requests', 'every', 'probability', 'between', 'events', 'times']);
  return {
    route: or(when.route, (a) => oneOf(a, ROUTES), undefined),
    requests: or(when.requests, parseRequests, undefined),
    every: or(when.every, (a) => wholeAt(a, 1), undefined),
    probability: or(when.probability, (a) => numberAt(a, { min: 0, max: 1 }), undefined),
    between: or(when.between, (a) => parsePair(a, 0), undefined),
    events: or(when.events, parseEvents, undefined),
    times: or(when.times, (a) => wholeAt(a, 1), undefined),
  };
}

/** `3`, or a list of numbers and `[from, to]` pairs. */
function parseRequests(at: At): readonly (readonly [number, number])[] {
  const one = (a: At): readonly [number, number] => {
    if (Array.isArray(a.value)) return parsePair(a, 1);
    const n = wholeAt(a, 1);
    return [n, n];
  };
  return Array.isArray(at.value) ? elements(at).map(one) : [one(at)];
}

function parsePair(at: At, min: number): readonly [number, number] {
  const [from, to, ...more] = elements(at);
  if (from === undefined || to === undefined || more.length > 0) return fail(at, 'must be [from, to]');
  const first = wholeAt(from, min);
  return [first, wholeAt(to, first)];
}

function parseEvents(at: At): EventCondition {
  const events = members(at, ['everyNth', 'ids', 'share']);
  if (Object.values(events).every((value) => value === undefined)) fail(at, 'must hold everyNth, ids or share');
  return {
    everyNth: or(events.everyNth, (a) => wholeAt(a, 1), undefined),
    ids: or(events.ids, (a) => new Set(elements(a).map(textAt)), undefined),
    share: or(events.share, (a) => numberAt(a, { min: 0, max: 1 }), undefined),
  };
}

function hasMoreThanBetween(when: FaultCondition): boolean {
  return Object.entries(when).some(([key, value]) => key !== 'between' && value !== undefined);
}
