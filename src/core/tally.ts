import type { WarningName } from './block.js';
import type { Origin } from './origin.js';
import { type DuplicateOf, isBalanced, noCounts, OUTCOMES, type Outcome } from './outcome.js';
import { type Finding, REJECT_REASONS, type RejectReason } from './rejection.js';
import type { FileAccount, RejectGroup, Tally } from './run.js';

/** At most this many groups of equal findings are kept apart; further kinds of finding are counted by reason only. */
const MOST_GROUPS = 1_000;
/** Of each kind, where so many after the first stand. */
const MOST_NEXT = 19;

/** So many places of a warning are told. */
const MOST_FIRST = 3;

export function newTally(): Tally {
  return {
    events: noCounts(),
    duplicates: { ledger: 0, input: 0, target: 0 },
    rejectedByReason: {},
    warnings: {},
    warnedFirst: {},
    requests: { sent: 0, succeeded: 0, retried: 0, rateLimited: 0, split: 0 },
    bytes: { read: 0, decoded: 0, sent: 0 },
    files: [],
    rejectGroups: [],
  };
}

export function newFileAccount(path: string, bytes: number | undefined): FileAccount {
  return {
    path,
    state: 'unread',
    sha256: undefined,
    bytes,
    bytesRead: 0,
    damage: undefined,
    recorded: 0,
    toRecord: Number.POSITIVE_INFINITY,
    accepted: false,
    unwrappedRejects: 0,
    endsTorn: false,
    leftOut: [],
    kind: undefined,
    ...noCounts(),
  };
}

/** Counts records into a tally and into their file's account, always both. */
export class Accountant {
  readonly tally: Tally;
  readonly #generalPath: (path: string) => string;
  readonly #groups = new Map<string, RejectGroup>();

  /** @param generalPath makes of a finding's path one that may be shown, and that equal findings share */
  constructor(tally: Tally, generalPath: (path: string) => string) {
    this.tally = tally;
    this.#generalPath = generalPath;
  }

  read(file: FileAccount, records: number): void {
    this.tally.events.read += records;
    file.read += records;
  }

  /** Records that an earlier run delivered, and that were not decoded again. */
  passedOver(file: FileAccount, records: number): void {
    this.read(file, records);
    file.recorded += records;
    this.tally.events.duplicate += records;
    file.duplicate += records;
    this.tally.duplicates.ledger += records;
  }

  /** Of an input that is cut off, or has garbage behind it, all was read, although not all could be used. */
  countUnusableEnd(file: FileAccount): void {
    const { damage, bytes, bytesRead } = file;
    if (bytes === undefined || (damage?.code !== 'cut_off' && damage?.code !== 'trailing_garbage')) return;
    this.tally.bytes.read += bytes - bytesRead;
    file.bytesRead = bytes;
  }

  settled(file: FileAccount, outcome: Outcome): void {
    this.tally.events[outcome] += 1;
    file[outcome] += 1;
  }

  duplicate(file: FileAccount, of: DuplicateOf): void {
    this.settled(file, 'duplicate');
    this.tally.duplicates[of] += 1;
  }

  rejected(file: FileAccount, reason: RejectReason, errors: readonly Finding[], origin: Origin): void {
    this.settled(file, 'rejected');
    this.tally.rejectedByReason[reason] = (this.tally.rejectedByReason[reason] ?? 0) + 1;
    const path = this.#generalPath(errors[0]?.path ?? '');
    const message = errors[0]?.message ?? '';
    const key = `${reason} ${path} ${message}`;
    const group = this.#groups.get(key);
    if (group !== undefined) {
      group.count += 1;
      group.next ??= [];
      if (group.next.length < MOST_NEXT) group.next.push(origin);
    } else if (this.#groups.size < MOST_GROUPS) {
      const first: RejectGroup = { reason, path, message, count: 1, first: origin };
      this.#groups.set(key, first);
      this.tally.rejectGroups.push(first);
    }
  }

  /** @param origin given where the first few places are to be told */
  warned(name: WarningName, origin?: Origin): void {
    this.tally.warnings[name] = (this.tally.warnings[name] ?? 0) + 1;
    if (origin === undefined) return;
    const first = this.tally.warnedFirst[name] ?? [];
    this.tally.warnedFirst[name] = first;
    if (first.length < MOST_FIRST) first.push(origin);
  }
}

/**
 * Checks the accounts: `read` equals the sum of the outcomes, in total and in each file, the files' sums equal the
 * totals, and every reject and duplicate has its reason. Returns what is wrong, in words; nothing when all balance.
 */
export function findImbalance(tally: Tally): string | undefined {
  if (!isBalanced(tally.events)) return `the run's accounts do not balance: ${JSON.stringify(tally.events)}`;
  for (const file of tally.files) {
    if (!isBalanced(file)) return `the accounts of ${file.path} do not balance: read ${file.read}`;
  }
  for (const name of ['read', ...OUTCOMES] as const) {
    const sum = tally.files.reduce((total, file) => total + file[name], 0);
    if (sum !== tally.events[name]) return `${name}: the files hold ${sum}, the run ${tally.events[name]}`;
  }
  const rejected = REJECT_REASONS.reduce((sum, reason) => sum + (tally.rejectedByReason[reason] ?? 0), 0);
  if (rejected !== tally.events.rejected) return `rejected: ${rejected} have a reason, of ${tally.events.rejected}`;
  const { ledger, input, target } = tally.duplicates;
  if (ledger + input + target !== tally.events.duplicate) {
    return `duplicates: ${ledger + input + target} have a kind, of ${tally.events.duplicate}`;
  }
  return undefined;
}
