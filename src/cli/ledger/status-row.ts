import { LedgerError } from '../../core/ledger.js';
import type { Target } from '../../core/target.js';
import { systemClock } from '../../io/clock.js';
import type { DestinationParts } from '../../io/ledger/destination.js';
import { LedgerDamagedError, LedgerInUseError, LedgerMissingError } from '../../io/ledger/errors.js';
import type { RunIdentity } from '../../io/ledger/holder.js';
import { type ListedLedger, type OpenLedger, openLedgerIn } from '../../io/ledger/open.js';
import { readProgressFile } from '../../io/ledger/progress-file.js';
import type { RunRecord } from '../../io/ledger/run-register.js';
import { DIDOMI_LIMITS } from '../../targets/didomi/limits.js';
import { ONETRUST_LIMITS } from '../../targets/onetrust/limits.js';
import { type KeptProgress, progressOfRun } from './kept-progress.js';

/** One ledger in `ledger status --json`. What can't be known in its state is null. */
export interface StatusRow {
  readonly folder: string;
  readonly destination: ShownDestination | null;
  /** `held`: by a run; then its progress, and its quota, is all that can be known. */
  readonly state: 'free' | 'held' | 'damaged' | 'unreadable';
  /** All times are RFC 3339. */
  readonly createdAt: string | null;
  /** Start of the last run that recorded something. */
  readonly lastUsedAt: string | null;
  readonly ids: { readonly delivered: number; readonly inDoubt: number } | null;
  readonly runs: number | null;
  readonly lastRun: {
    readonly run: string;
    readonly startedAt: string;
    readonly command: string;
    /** Null for a run that was killed. */
    readonly exitCode: number | null;
  } | null;
  readonly completedFiles: number | null;
  /** Of which all but rejects was delivered, and whose rejects nobody accepted yet. */
  readonly rejectedFiles: number | null;
  /** On disk, about. */
  readonly bytes: number | null;
  readonly quota: ShownQuota | null;
  readonly holder: {
    readonly run: string;
    readonly since: string;
    readonly pid: number;
    readonly host: string;
    readonly command: string;
    /** Null for what has none to show. */
    readonly progress: KeptProgress | null;
  } | null;
  /** Why it can't be read, and what to do. */
  readonly error: string | null;
}

export interface ShownDestination {
  readonly target: string;
  /** Host, port and path; null for the embedded sandbox. */
  readonly address: string | null;
  readonly organization: string | null;
  /** OneTrust. */
  readonly collectionPoint: { readonly tenantId: string; readonly processId: string } | null;
}

export interface ShownQuota {
  /** UTC, `2026-01-31`. */
  readonly day: string;
  /** Events that were sent on that day. */
  readonly used: number;
  /** Of the last import, or else the one that the platform publishes; null where there is none. */
  readonly limit: number | null;
  readonly left: number | null;
}

/** Looks at one ledger. @throws {LedgerMissingError} when it is gone */
export async function statusRow({ folder, destination, createdAt }: ListedLedger, by: RunIdentity): Promise<StatusRow> {
  const row: StatusRow = {
    ...{ folder, destination: destination === undefined ? null : shownDestination(destination), state: 'free' },
    createdAt: createdAt === undefined ? null : time(createdAt),
    ...{ lastUsedAt: null, ids: null, runs: null, lastRun: null, completedFiles: null, rejectedFiles: null },
    ...{ bytes: null, quota: null },
    ...{ holder: null, error: null },
  };
  let opened: OpenLedger;
  try {
    opened = await openLedgerIn(folder, { run: by, clock: systemClock });
  } catch (error) {
    if (error instanceof LedgerInUseError) {
      const holder = await shownHolder(folder, error.holder);
      return { ...row, state: 'held', holder, quota: holder?.progress?.quota ?? null };
    }
    if (!(error instanceof LedgerError) || error instanceof LedgerMissingError) throw error;
    return { ...row, state: error instanceof LedgerDamagedError ? 'damaged' : 'unreadable', error: error.message };
  }
  try {
    return { ...row, ...(await content(opened, by.startedAt)) };
  } catch (error) {
    if (!(error instanceof LedgerDamagedError)) throw error;
    return { ...row, state: 'damaged', error: error.message };
  } finally {
    await opened.close();
  }
}

async function content({ ledger }: OpenLedger, now: number): Promise<Partial<StatusRow>> {
  const { delivered, inDoubt, runs, completedFiles, diskBytes, lastUsed } = await ledger.stats();
  const day = time(now).slice(0, 10);
  const used = await ledger.quota.usedToday(day);
  const limit = dayLimit(ledger.meta.destination[0] ?? '', ledger.runs);
  const last = ledger.runs.at(-1);
  return {
    destination: shownDestination(ledger.meta.destination),
    createdAt: time(ledger.meta.createdAt),
    lastUsedAt: lastUsed === undefined ? null : time(lastUsed),
    ids: { delivered, inDoubt },
    runs,
    lastRun: last === undefined ? null : shownRun(last),
    completedFiles,
    rejectedFiles: (await ledger.files.rejectedFiles()).length,
    bytes: diskBytes,
    quota: { day, used, limit, left: limit === null ? null : Math.max(0, limit - used) },
  };
}

async function shownHolder(folder: string, holder: RunIdentity | undefined): Promise<StatusRow['holder']> {
  if (holder === undefined) return null;
  const { id: run, pid, host, command, startedAt } = holder;
  const progress = progressOfRun(await readProgressFile(folder), run) ?? null;
  return { run, since: time(startedAt), pid, host, command, progress };
}

function shownRun({ id: run, startedAt, command, summary }: RunRecord): NonNullable<StatusRow['lastRun']> {
  const { exitCode } = (summary ?? {}) as { readonly exitCode?: number };
  return { run, startedAt: time(startedAt), command, exitCode: exitCode ?? null };
}

const PUBLISHED_LIMITS: Readonly<Record<string, Target['limits']>> = {
  didomi: DIDOMI_LIMITS,
  onetrust: ONETRUST_LIMITS,
};

/** What a next import is held to, if it is called as the last one was. */
function dayLimit(target: string, runs: readonly RunRecord[]): number | null {
  const summary = runs.findLast((run) => run.summary !== undefined)?.summary;
  const { settings } = (summary ?? {}) as { readonly settings?: { readonly maxEventsPerDay?: number } };
  return settings?.maxEventsPerDay ?? PUBLISHED_LIMITS[target]?.eventsPerDay ?? null;
}

function shownDestination([target = '', kind, ...rest]: DestinationParts): ShownDestination {
  const address = kind === 'address' ? (rest.shift() ?? null) : null;
  const [owner, first = '', , second = ''] = rest;
  return {
    ...{ target, address },
    organization: owner === 'organization' ? first : null,
    collectionPoint: owner === 'tenant' ? { tenantId: first, processId: second } : null,
  };
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
