import type { WarningName } from './block.js';
import type { HttpRequest, HttpResponse, Transport } from './ports.js';
import type { Finding, Rejection } from './rejection.js';
import type { Stamp } from './stamp.js';

export type TargetName = 'didomi' | 'onetrust';

/**
 * What a target's rules find out about one parsed record. One mutable object is reused for all records of a block
 * (an object per record costs more than the checks), so read it before the next `examine`.
 */
export interface Examination {
  rejection: Rejection | undefined;
  warnings: WarningName[];
  /** The event id as text: what makes two records the same event. Empty when rejected. */
  id: string;
  /** Up to two subject names, each with its kind in front so that kinds can't collide; '' for none. */
  subjectA: string;
  subjectB: string;
  /** When the person chose: epoch milliseconds; NaN, or undefined, where the record does not say. */
  date?: number | undefined;
  /** Bytes to insert directly after the record's `{` when it is sent. */
  splice: Uint8Array | undefined;
  /** Bytes to insert further inside (`--stamp`). */
  stamp?: Stamp | undefined;
  /**
   * Bytes of the record, as offsets in the slab, that don't count when two records are compared: a token, of which the
   * next file may bring a newer version.
   */
  leftOut?: { readonly start: number; readonly end: number } | undefined;
}

/** The pure half of a target: schema and identity of one record. Runs in `decode`, on any thread. */
export interface RecordRules {
  /**
   * @param value the parsed record: any JSON value
   * @param bytes the slab; the record stands at [start, end)
   */
  examine(value: unknown, bytes: Uint8Array, start: number, end: number, into: Examination): void;
  /** Says yes to the ordinary event from its bytes alone; undefined where there is no such way. */
  readonly quickLook?: QuickLook;
  /** A finding's path as it may be shown: free keys and array positions as `*`. */
  generalPath(path: string): string;
}

/**
 * The quick way to what `examine` finds out, for the ordinary event: no text and no object is made of it. A yes means
 * that parser and `examine` would accept the record without a warning, with this id and these subjects and nothing to
 * splice, stamp or leave out. In doubt it says no, and the record takes the long way.
 */
export interface QuickLook {
  /** What stands in front of the two subjects' ids in their names. */
  readonly subjectKinds: readonly [string, string];
  /**
   * @param bytes valid UTF-8
   * @param end the record ends here or before
   * @returns the index after the record that begins at `start`; -1 in doubt
   */
  look(bytes: Uint8Array, start: number, end: number, into: Sighting): number;
}

/** What a quick look found: where texts of plain ASCII stand. Start and end are 0 for a subject that the event lacks. */
export interface Sighting {
  idStart: number;
  idEnd: number;
  subjectAStart: number;
  subjectAEnd: number;
  subjectBStart: number;
  subjectBEnd: number;
  /** When the person chose: epoch milliseconds. */
  date: number;
  /** A line feed stands between the record's tokens, so it is no record of one line. */
  crossedLine: boolean;
}

/** One event, ready to be sent. */
export interface Sendable {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly splice: Uint8Array | undefined;
  readonly stamp?: Stamp | undefined;
}

/** What one answer means for one event of the batch. */
export type Verdict =
  | { readonly kind: 'delivered'; readonly returned?: unknown }
  /** The target says that it had this event before. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'rejected'; readonly errors: readonly Finding[] }
  /** Not taken; the same event may be sent again. `errors` is what the target said, for when it keeps saying it. */
  | { readonly kind: 'retry'; readonly errors?: readonly Finding[] }
  /** The answer does not tell. */
  | { readonly kind: 'unknown' };

/** What one answer means for the batch. */
export type Reading =
  /** One verdict per event, in the batch's order. */
  | { readonly kind: 'verdicts'; readonly verdicts: readonly Verdict[] }
  /** Transient: the whole batch again. `waitMs` is the least wait that the target asked for. */
  | { readonly kind: 'again'; readonly waitMs?: number; readonly strain: 'throttled' | 'failing' }
  /** Refused for what is in it: `suspects` are the positions that the answer names, if it names any. */
  | { readonly kind: 'refused'; readonly suspects: readonly number[]; readonly errors: readonly Finding[] }
  /** A 2xx that is not what such an API says (a captive portal, say). */
  | { readonly kind: 'unintelligible' }
  /** 401: the token is no longer good. */
  | { readonly kind: 'token' }
  /** Nothing that this run sends can succeed. */
  | { readonly kind: 'end'; readonly reason: 'auth' | 'unavailable'; readonly status: number };

export interface Classified {
  readonly reading: Reading;
  /** Limits that the answer's headers tell. */
  readonly limits?: ToldLimits;
}

/** Rate limits as told by an answer's headers. */
export interface ToldLimits {
  /** `requests` per `windowMs`. */
  readonly policy?: { readonly requests: number; readonly windowMs: number };
  /** How many requests may still be sent before `resetMs` has passed. */
  readonly remaining?: number;
  readonly resetMs?: number;
  /** No request before this many milliseconds have passed. */
  readonly retryAfterMs?: number;
}

/** The sending half of a target. */
export interface Target {
  readonly name: TargetName;
  /** Sending the same event twice is harmless, for the target keys on the event id. */
  readonly resendIsHarmless: boolean;
  readonly limits: { readonly requestsPerMinute?: number; readonly eventsPerDay?: number };
  /** Bytes that a request body has besides its events, and between two events: for `--batch-bytes`. */
  readonly overhead: { readonly perRequest: number; readonly perEvent: number };
  /** Most events of a request, whatever the settings say; undefined for no such limit. */
  readonly maxEvents?: number;
  /**
   * Events of different groups never share a request: they need another token, or another `authorization`. Undefined
   * where all events may share one. @returns a text that only events of the same group have
   */
  groupOf?(event: Sendable): string;
  /** Puts the events' own bytes into one request. The events are of one group, and at most `maxEvents`. */
  encode(events: readonly Sendable[], token: string): HttpRequest;
  /**
   * Reads an answer to `encode(events)`. Pure, and never throws. Where a resend is not harmless, `again` is said only of
   * what was surely not taken; an answer that does not tell is the verdict `unknown` for each event.
   * @param nowMs the epoch time, for Retry-After dates
   */
  classify(events: readonly Sendable[], response: HttpResponse, nowMs: number): Classified;
  readonly authorizer: Authorizer;
}

/** How a target hands out its tokens. */
export interface Authorizer {
  /** Where there are no sessions: what to send with, from the first request on. `obtain` is then not called. */
  readonly fixed?: string;
  /** Asks for a new token. Retries nothing. @throws {TransportError} when no whole answer came */
  obtain(transport: Transport, nowMs: number, signal?: AbortSignal): Promise<Authorization>;
}

export type Authorization =
  | { readonly kind: 'token'; readonly token: string /** epoch ms at which to renew it */; readonly renewAt: number }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'again'; readonly waitMs?: number }
  /** The address answers as no such API does. */
  | { readonly kind: 'wrong'; readonly status: number };
