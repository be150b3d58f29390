import { describeAction } from './fault-help.js';
import type { Alteration, EventCondition, FaultAction, FaultRule, FaultScript, RefusalStyle } from './faults.js';
import { latencyOf } from './latency.js';
import { RequestLimit, rateHeaders } from './request-limit.js';
import type { Route } from './routes.js';
import { lotOf, seededRandom } from './seeded-random.js';
import type { Element } from './stand-in.js';

/** What the player needs to know of a request. */
export interface Scene {
  /** Number over all routes, from 1. */
  readonly number: number;
  readonly route: Route;
  readonly elements: readonly Element[];
  /** In which place an id was first sent, from 1. */
  firstSent(id: string): number | undefined;
  /** Requests in flight, this one included. */
  readonly inFlight: number;
}

/** An action that decides how a request ends. */
export type EndingAction = Exclude<
  FaultAction,
  { kind: 'refuse' | 'drop' | 'alter' | 'expireToken' | 'refuseSessions' | 'limit' | 'latency' | 'closeIdle' }
>;

/** What is played on one request. */
export interface Play {
  readonly ending: EndingAction | undefined;
  readonly delayMs: number;
  readonly closeIdleMs: number | undefined;
  /** Rate headers to add to the answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** Positions of the events to refuse. */
  readonly refuse: ReadonlyMap<number, RefusalStyle>;
  /** Positions of the events to acknowledge and not to keep, and of those to keep altered. */
  readonly drop: ReadonlySet<number>;
  readonly alter: ReadonlyMap<number, Alteration>;
  readonly expireTokens: boolean;
  readonly refuseSession: boolean;
}

/** One fault that was played. */
export interface LogEntry {
  readonly request: number;
  readonly route: Route;
  /** Since the first request. */
  readonly atMs: number;
  readonly rule: string;
  readonly did: string;
}

interface RuleState {
  readonly rule: FaultRule;
  /** Of its own: two rules with the same share pick other events each. */
  readonly seed: number;
  readonly random: () => number;
  readonly limit: RequestLimit | undefined;
  seen: number;
  played: number;
}

const LONGEST_LOG = 100_000;

/** Plays a fault script. The same seed and the same sequence of requests give the same plays. */
export class FaultPlayer {
  readonly #script: FaultScript;
  #states: RuleState[] = [];
  #log: LogEntry[] = [];
  #played: Record<string, number> = {};
  #startMs: number | undefined;

  constructor(script: FaultScript) {
    this.#script = script;
    this.reset();
  }

  /** Time since the first request; the first call starts it. */
  elapsed(nowMs: number): number {
    this.#startMs ??= nowMs;
    return nowMs - this.#startMs;
  }

  play(scene: Scene, nowMs: number): Play {
    const atMs = this.elapsed(nowMs);
    const play = {
      ending: undefined as EndingAction | undefined,
      delayMs: 0,
      closeIdleMs: undefined as number | undefined,
      headers: {},
      refuse: new Map<number, RefusalStyle>(),
      drop: new Set<number>(),
      alter: new Map<number, Alteration>(),
      expireTokens: false,
      refuseSession: false,
    };
    for (const state of this.#states) {
      const events = this.#matches(state, scene, atMs);
      if (events === undefined) continue;
      const { action } = state.rule;
      switch (action.kind) {
        case 'latency':
          play.delayMs += latencyOf(action, atMs, scene.inFlight, state.random);
          continue;
        case 'closeIdle':
          play.closeIdleMs = action.ms;
          continue;
        case 'limit': {
          const limit = state.limit!.take(nowMs);
          if (action.told === 'headers') play.headers = rateHeaders(action.size, limit);
          if (!limit.over || play.ending !== undefined) continue;
          play.ending = tooMany(limit.resetMs, action.told !== 'no');
          break;
        }
        case 'refuse':
          for (const index of events) play.refuse.set(index, action.style);
          break;
        case 'drop':
          for (const index of events) play.drop.add(index);
          break;
        case 'alter':
          for (const index of events) play.alter.set(index, action.alteration);
          break;
        case 'expireToken':
          play.expireTokens = true;
          break;
        case 'refuseSessions':
          play.refuseSession = true;
          break;
        default:
          if (play.ending !== undefined) continue;
          play.ending = action;
      }
      state.played++;
      this.#note({
        request: scene.number,
        route: scene.route,
        atMs,
        rule: state.rule.name,
        did: describeAction(action),
      });
    }
    return play;
  }

  /** When the port is closed: milliseconds since the first request. */
  closedPeriods(): readonly (readonly [number, number])[] {
    return this.#script.rules.flatMap(({ action, when }) =>
      action.kind === 'outage' && action.how === 'refuse' && when.between !== undefined ? [when.between] : [],
    );
  }

  log(): readonly LogEntry[] {
    return this.#log;
  }

  /** How often each rule was played. */
  played(): Readonly<Record<string, number>> {
    return { ...this.#played };
  }

  /** Back to the state before the first request. */
  reset(): void {
    this.#states = this.#script.rules.map((rule, i) => {
      const seed = this.#script.seed + i * 0x9e3779b1;
      const limit = rule.action.kind === 'limit' ? new RequestLimit(rule.action.size) : undefined;
      return { rule, seed, random: seededRandom(seed), limit, seen: 0, played: 0 };
    });
    this.#log = [];
    this.#played = {};
    this.#startMs = undefined;
  }

  /** The events that the rule is about, or undefined when it does not apply. */
  #matches(state: RuleState, scene: Scene, atMs: number): readonly number[] | undefined {
    const { when, action } = state.rule;
    if (action.kind === 'refuseSessions' && scene.route !== 'sessions') return undefined;
    if (when.route !== undefined && when.route !== scene.route) return undefined;
    const number = ++state.seen;
    if (when.requests !== undefined && !when.requests.some(([from, to]) => from <= number && number <= to))
      return undefined;
    if (when.every !== undefined && number % when.every !== 0) return undefined;
    if (when.between !== undefined && (atMs < when.between[0] || atMs >= when.between[1])) return undefined;
    if (when.times !== undefined && state.played >= when.times) return undefined;
    const events = when.events === undefined ? [] : this.#picked(when.events, scene, state.seed);
    if (when.events !== undefined && events.length === 0) return undefined;
    if (when.probability !== undefined && state.random() >= when.probability) return undefined;
    return events;
  }

  #picked(events: EventCondition, scene: Scene, seed: number): readonly number[] {
    const { everyNth, ids, share } = events;
    return scene.elements.flatMap(({ id }, index) => {
      if (id === undefined) return [];
      const picked =
        (everyNth === undefined || (scene.firstSent(id) ?? 0) % everyNth === 0) &&
        (ids === undefined || ids.has(id)) &&
        (share === undefined || lotOf(id, seed) < share);
      return picked ? [index] : [];
    });
  }

  #note(entry: LogEntry): void {
    this.#played[entry.rule] = (this.#played[entry.rule] ?? 0) + 1;
    if (this.#log.length < LONGEST_LOG) this.#log.push(entry);
  }
}

function tooMany(resetMs: number, told: boolean): EndingAction {
  return {
    kind: 'status',
    status: 429,
    body: 'error',
    retryAfter: told ? { seconds: Math.ceil(resetMs / 1000), as: 'seconds' } : undefined,
    rateLimit: undefined,
    location: undefined,
  };
}
