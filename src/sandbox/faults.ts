import type { LimitSize } from './request-limit.js';
import type { Route } from './routes.js';

/**
 * What goes wrong, and when. One seed and one sequence of requests always play the same faults. In JSON it is written
 * as FAULT_HELP describes; `parseFaultScript` reads it.
 */
export interface FaultScript {
  readonly seed: number;
  /** How the API answers where its documents do not say; what is left out keeps the sandbox's setting. */
  readonly answers: Partial<AnswerStyle>;
  /**
   * In order. Of the rules that end a request, the first one that applies wins; latency adds up; limits, refusals and
   * the rest work side by side.
   */
  readonly rules: readonly FaultRule[];
}

export interface FaultRule {
  /** How the log calls it. */
  readonly name: string;
  readonly when: FaultCondition;
  readonly action: FaultAction;
}

/** All that are given must hold. */
export interface FaultCondition {
  readonly route: Route | undefined;
  /** Ranges of request numbers, from 1, both ends included; counted on `route`, or over all routes when none is given. */
  readonly requests: readonly (readonly [number, number])[] | undefined;
  /** Every k-th such request. */
  readonly every: number | undefined;
  readonly probability: number | undefined;
  /** Milliseconds since the first request: from (included) to (not included). */
  readonly between: readonly [number, number] | undefined;
  /** The request holds such an event. For `refuse`: these events. */
  readonly events: EventCondition | undefined;
  /** At most so many times. */
  readonly times: number | undefined;
}

/** Picks events by themselves, never by where they stand in a batch: so they are the same after a retry or a split. */
export interface EventCondition {
  /** Every k-th event, in the order in which ids were first sent. */
  readonly everyNth: number | undefined;
  readonly ids: ReadonlySet<string> | undefined;
  /** This share of all events, by a lot drawn from the id, for each rule anew. */
  readonly share: number | undefined;
}

export type FaultAction =
  | StatusAction
  /** The connection is reset; nothing was processed. */
  | { readonly kind: 'dropBefore' }
  /** Processed (events accepted), then the connection is reset: accepted, but never answered. */
  | { readonly kind: 'dropAfter' }
  /** Answers after `ms`. Processed on arrival, or only at the end of the wait. */
  | { readonly kind: 'stall'; readonly ms: number; readonly process: 'before' | 'after' }
  /** Never answers. `process`: the events are accepted all the same. */
  | { readonly kind: 'hang'; readonly process: boolean }
  /** Processed, but the answer is cut: short of its Content-Length, or of its JSON. */
  | { readonly kind: 'truncate'; readonly what: 'length' | 'json' }
  /** A captive portal: 200 with HTML; nothing was processed. */
  | { readonly kind: 'html' }
  /** The events of `when.events` are refused. */
  | { readonly kind: 'refuse'; readonly style: RefusalStyle }
  /** The events of `when.events` are acknowledged like the others, and not kept. */
  | { readonly kind: 'drop' }
  /** The events of `when.events` are acknowledged, and kept with another value in one place. */
  | { readonly kind: 'alter'; readonly alteration: Alteration }
  /** All tokens handed out so far end now. */
  | { readonly kind: 'expireToken' }
  /** A session is refused as with a wrong key. */
  | { readonly kind: 'refuseSessions' }
  /** A hard limit: 429 beyond it. `told`: with RateLimit headers on every answer, with Retry-After only, or not at all. */
  | { readonly kind: 'limit'; readonly size: LimitSize; readonly told: 'headers' | 'retryAfter' | 'no' }
  | LatencyAction
  /** Nothing gets through: connections are reset, or refused (then the port is closed, for `/_sandbox` too). */
  | { readonly kind: 'outage'; readonly how: 'reset' | 'refuse' }
  /** The connection is closed when it was idle for `ms` after this answer, without a word. */
  | { readonly kind: 'closeIdle'; readonly ms: number };

/** What an event has in one place when it is read back, other than as it was sent. */
export interface Alteration {
  /** JSON Pointer into the event; where it leads nowhere, the event stays as it is. */
  readonly path: string;
  /** Undefined: the member is left out. */
  readonly to: unknown;
}

/** Answers with this status; nothing was processed. */
export interface StatusAction {
  readonly kind: 'status';
  readonly status: number;
  readonly body: 'error' | 'html' | 'slowDown' | 'empty';
  /** Seconds, as such or as an HTTP date. */
  readonly retryAfter: { readonly seconds: number; readonly as: 'seconds' | 'date' } | undefined;
  readonly rateLimit: { readonly limit: number; readonly remaining: number; readonly resetSeconds: number } | undefined;
  readonly location: string | undefined;
}

/** Makes answers slower. What it adds, it adds to the sandbox's own latency. */
export interface LatencyAction {
  readonly kind: 'latency';
  readonly ms: number;
  /** Up to so much more, at random. */
  readonly jitterMs: number;
  /** More with every second since the first request (negative: less), up to `maxMs` in all. */
  readonly driftMsPerSecond: number;
  readonly maxMs: number;
  /** From `atMs` on, `ms` more. The last step reached counts. */
  readonly steps: readonly { readonly atMs: number; readonly ms: number }[];
  /** More for every request in flight above `above`: a server that has only so many hands. */
  readonly crowd: { readonly above: number; readonly msEach: number } | undefined;
}

/** How a refusal of events is answered. */
export interface RefusalStyle {
  readonly status: number;
  /** How the answer tells which events it means. */
  readonly names: 'index' | 'id' | 'path' | 'message' | 'nothing';
  /**
   * What becomes of the other events of the batch: `nothing` is kept; those `before` the first bad one are; all
   * `others` are; or all others are and the answer is a success that holds an error per bad event (`items`).
   */
  readonly keeps: 'nothing' | 'before' | 'others' | 'items';
}

/** What the API's documents leave open, so that every variant can be played. */
export interface AnswerStyle {
  readonly status: 200 | 201;
  /** The body for an array of events: the array, `{"data": […]}`, its first event only, or no body. */
  readonly shape: 'array' | 'data' | 'single' | 'empty';
  readonly order: 'same' | 'reversed';
  /** An id that is known. Anything but 200 is said of a request that holds this event `alone`, or of a whole `batch`. */
  readonly duplicates: { readonly status: 200 | 400 | 409; readonly where: 'alone' | 'batch' };
  readonly refusals: RefusalStyle;
  readonly tokenLifeMs: number;
  /** Whether the token tells its end in an `exp` claim. */
  readonly tokenTellsExpiry: boolean;
}

export const PLAIN_ANSWERS: AnswerStyle = {
  status: 200,
  shape: 'array',
  order: 'same',
  duplicates: { status: 200, where: 'alone' },
  refusals: { status: 400, names: 'nothing', keeps: 'nothing' },
  tokenLifeMs: 3_600_000,
  tokenTellsExpiry: true,
};

export const NO_FAULTS: FaultScript = { seed: 1, answers: {}, rules: [] };
