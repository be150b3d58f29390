import type { WarningName } from './block.js';
import type { InputDamage, LeftOutEntry } from './input.js';
import type { Origin } from './origin.js';
import type { Counts, DuplicateOf } from './outcome.js';
import type { Finding, RejectReason } from './rejection.js';

/** Why a run ended, as the summary's `reason` names it. */
export const END_REASONS = [
  'completed',
  'rejects',
  'usage',
  'input',
  'auth',
  'unavailable',
  'ledger_in_use',
  'in_doubt',
  'limit',
  'too_many_rejects',
  'storage',
  'interrupted',
  'bug',
] as const;

export type EndReason = (typeof END_REASONS)[number];

/** What made a run stop before it had read and delivered everything. */
export interface Stop {
  readonly reason: Exclude<EndReason, 'completed' | 'rejects' | 'usage' | 'ledger_in_use' | 'in_doubt' | 'input'>;
  /** What happened, where, and what to do: shown to the user. Never holds content. */
  readonly message: string;
  /** For `interrupted`: which signal; undefined where the answer to a question did it. */
  readonly signal?: 'SIGINT' | 'SIGTERM';
}

export type FileState = 'complete' | 'partial' | 'unreadable' | 'unread' | 'skipped';

/** One input's row in the summary. Mutable: `settle` counts into it. */
export interface FileAccount extends Counts {
  readonly path: string;
  state: FileState;
  /** SHA-256 of the stored bytes in hex, once known. */
  sha256: string | undefined;
  /** Stored bytes, when known. */
  bytes: number | undefined;
  bytesRead: number;
  damage: InputDamage | undefined;
  /** Records that stand in the ledger as delivered, on disk. */
  recorded: number;
  /** How many must, for the file to be complete: infinite until it was read to its end. */
  toRecord: number;
  /** It was passed over, although records of it were rejected: an operator accepted that. */
  accepted: boolean;
  /** Records that came in lines of a rejects file. */
  unwrappedRejects: number;
  /** It is a rejects file whose last line is torn: that one was left out. */
  endsTorn: boolean;
  /** What is inside it and was not imported. */
  leftOut: readonly LeftOutEntry[];
  /** What its first record seems to be, where the target's rules reject it. */
  kind: KindOfRecord | undefined;
}

/** Members in which lists of events are met. */
export const WRAPPERS = ['data', 'items', 'results', 'records', 'receipts'] as const;

/** What a record seems to be that is none of the target's: told by its keys, never by its content. */
export type KindOfRecord =
  | 'didomi_event'
  | 'onetrust_receipt'
  /** A message of a webhook with an event in it: `--unwrap`. */
  | 'webhook'
  /** An object with an array of events in its member `events`: `--unwrap --events-pointer /events`. */
  | 'export'
  /** The same, in a member with one of these names. (Any other name might be a person's.) */
  | `events_in_${(typeof WRAPPERS)[number]}`
  /** Settings of this program. */
  | 'config'
  /** An array where an object is expected. */
  | 'table_row'
  /** Lines with separators, and none of them JSON. */
  | 'csv'
  /** Each line is JSON but for the comma behind it. */
  | 'array_without_brackets';

/** Rejected records that share reason, path and message: so 1,204 equal findings are one line. */
export interface RejectGroup {
  readonly reason: RejectReason;
  readonly path: string;
  readonly message: string;
  count: number;
  readonly first: Origin;
  /** The next ones, as far as they are kept. */
  next?: Origin[];
}

/** Everything a run counts. Mutable while it runs; what it holds at the end goes into the summary. */
export interface Tally {
  readonly events: Counts;
  readonly duplicates: Record<DuplicateOf, number>;
  readonly rejectedByReason: Partial<Record<RejectReason, number>>;
  readonly warnings: Partial<Record<WarningName, number>>;
  /** Where the first few events with a warning stand, for the warnings that a person has to look at one by one. */
  readonly warnedFirst: Partial<Record<WarningName, Origin[]>>;
  readonly requests: { sent: number; succeeded: number; retried: number; rateLimited: number; split: number };
  readonly bytes: { read: number; decoded: number; sent: number };
  readonly files: FileAccount[];
  readonly rejectGroups: RejectGroup[];
}

/** What the run waits for, to be named in the progress display. */
export type Waiting =
  | { readonly for: 'rate_limit' | 'retry' | 'outage' | 'target' | 'answer'; readonly untilMonotonic?: number }
  | undefined;

/** Where a run stands; read by the progress display whenever it likes. */
export interface Progress {
  /** `checking`: reading compressed inputs before the first event leaves. */
  readonly phase: 'checking' | 'importing' | 'draining' | 'done';
  readonly tally: Readonly<Tally>;
  /** Stored bytes of all inputs, when all sizes are known. */
  readonly bytesTotal: number | undefined;
  readonly bytesChecked: number;
  readonly inFlight: number;
  readonly concurrency: number;
  readonly waiting: Waiting;
}

/** How a run went. */
export interface RunResult {
  readonly stop: Stop | undefined;
  /** Every input was read to its end. */
  readonly complete: boolean;
  readonly tally: Tally;
}

/** One line of the rejects file. */
export interface RejectedRecord {
  readonly origin: Origin;
  readonly reason: RejectReason;
  readonly errors: readonly Finding[];
  readonly content:
    | { readonly kind: 'record'; readonly bytes: Uint8Array; readonly start: number; readonly end: number }
    /** A whole line of a rejects file, to be kept as it is. */
    | { readonly kind: 'rejectLine'; readonly bytes: Uint8Array; readonly start: number; readonly end: number }
    /** An over-long record: only its length, hash and first KiB are known. */
    | { readonly kind: 'overlong'; readonly length: number; readonly sha256: string; readonly head: Uint8Array };
}

/** Where rejected records go. */
export interface Rejects {
  /**
   * Queues one record, to be written whole; its bytes are read before this returns. The promise, if there is one,
   * resolves when there is room for more, and rejects with a {@link RejectsError}.
   */
  write(record: RejectedRecord): Promise<void> | undefined;
  /** Resolves when everything queued is on its way to the disk. @throws {RejectsError} */
  flush(): Promise<void>;
}

/** One event that the target acknowledged in this run. */
export interface DeliveredRecord {
  readonly origin: Origin;
  /** The event id. */
  readonly id: string;
  /** Epoch milliseconds of the acknowledgement. */
  readonly time: number;
  /** What the target returned for it, without anything that is secret; undefined for nothing. */
  readonly returned: unknown;
}

/** Where delivered events are written down. That they can't be never stops a run. */
export interface Deliveries {
  /** Queues one event, to be written whole. The promise, if there is one, resolves when there is room for more. */
  write(record: DeliveredRecord): Promise<void> | undefined;
  /** Resolves when everything queued is on its way to the disk, or can't be written. */
  flush(): Promise<void>;
}

export class RejectsError extends Error {
  override readonly name = 'RejectsError';
}
