import { WARNING_NAMES, type WarningName } from '../../core/block.js';
import type { Verdict } from '../../core/exit-code.js';
import { type Counts, type DuplicateOf, OUTCOMES } from '../../core/outcome.js';
import type { Plan } from '../../core/plan.js';
import { REJECT_REASONS, type RejectReason } from '../../core/rejection.js';
import type { EndReason, FileAccount, FileState, RunResult } from '../../core/run.js';
import { shownUrl } from '../settings/api-url.js';
import type { ShownSettings } from '../settings/shown-settings.js';

/** What a summary is made of. */
export interface SummaryFacts {
  /** Run id. */
  readonly run: string;
  readonly command: 'import' | 'validate';
  readonly toolVersion: string;
  readonly verdict: Verdict;
  readonly destination: {
    readonly target: string | undefined;
    readonly apiUrl: string | undefined;
    readonly organization: string | undefined;
  };
  readonly settings: ShownSettings;
  readonly user: string;
  readonly host: string;
  readonly result: RunResult;
  /** Undefined when no rejects file was made. */
  readonly rejectsFile: string | undefined;
  readonly ledger: string | undefined;
  /** Where the events of a UTC day are limited. */
  readonly quota?: SummaryQuota | undefined;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly finishedAt: number;
  /** By a clock that never goes back. */
  readonly durationMs: number;
  /** Of a dry run. */
  readonly plan?: Plan | undefined;
}

/** The summary as `--json` prints it and `--summary-file` keeps it: a public format, version 1. */
export interface Summary {
  readonly version: 1;
  readonly run: string;
  readonly command: 'import' | 'validate';
  readonly toolVersion: string;
  readonly exitCode: number;
  readonly reason: EndReason;
  readonly complete: boolean;
  readonly destination: {
    readonly target: string | null;
    readonly apiUrl: string | null;
    readonly organization: string | null;
  };
  readonly settings: ShownSettings;
  readonly user: string;
  readonly host: string;
  readonly events: Counts;
  readonly duplicates: Readonly<Record<DuplicateOf, number>>;
  /** Only reasons that occurred. */
  readonly rejectedByReason: Readonly<Partial<Record<RejectReason, number>>>;
  /** Only warnings that occurred. */
  readonly warnings: Readonly<Partial<Record<WarningName, number>>>;
  readonly requests: RunResult['tally']['requests'];
  readonly bytes: RunResult['tally']['bytes'];
  readonly files: readonly SummaryFile[];
  readonly rejectsFile: string | null;
  readonly ledger: string | null;
  /** Only where the events of a UTC day are limited. */
  readonly quota?: SummaryQuota;
  /** RFC 3339, UTC. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly durationMs: number;
  /** Only of a dry run: what an import would do. */
  readonly plan?: SummaryPlan;
}

export interface SummaryPlan {
  /** Events that would be sent. */
  readonly events: number;
  readonly alreadyDelivered: number;
  /** At least so many. */
  readonly requests: number;
  /** At the limits; 0 where no limit is known. */
  readonly leastTimeMs: number;
  /** The limits that hold; null where there is none. */
  readonly requestsPerMinute: number | null;
  readonly eventsPerDay: number | null;
  /** UTC days on which events would be sent; null without a daily limit. */
  readonly daysOfQuota: number | null;
  /** RFC 3339, UTC; null where no event names a date. */
  readonly firstDate: string | null;
  readonly lastDate: string | null;
}

/** Of the UTC day in which the run ended, over all runs on this ledger. */
export interface SummaryQuota {
  /** '2026-01-31' */
  readonly day: string;
  readonly used: number;
  readonly limit: number;
  readonly left: number;
}

export interface SummaryFile extends Counts {
  readonly path: string;
  readonly state: FileState;
  readonly sha256: string | null;
  /** Stored bytes; null when unknown, as for standard input. */
  readonly bytes: number | null;
  readonly bytesRead: number;
}

export function buildSummary(facts: SummaryFacts): Summary {
  const { tally, complete } = facts.result;
  const { target, apiUrl, organization } = facts.destination;
  return {
    version: 1,
    run: facts.run,
    command: facts.command,
    toolVersion: facts.toolVersion,
    exitCode: facts.verdict.exitCode,
    reason: facts.verdict.reason,
    complete,
    destination: {
      target: target ?? null,
      apiUrl: apiUrl === undefined ? null : shownUrl(apiUrl).replace(/\/$/, ''),
      organization: organization ?? null,
    },
    settings: facts.settings,
    user: facts.user,
    host: facts.host,
    events: counts(tally.events),
    duplicates: { ledger: tally.duplicates.ledger, input: tally.duplicates.input, target: tally.duplicates.target },
    rejectedByReason: occurred(REJECT_REASONS, tally.rejectedByReason),
    warnings: occurred(WARNING_NAMES, tally.warnings),
    requests: {
      sent: tally.requests.sent,
      succeeded: tally.requests.succeeded,
      retried: tally.requests.retried,
      rateLimited: tally.requests.rateLimited,
      split: tally.requests.split,
    },
    bytes: { read: tally.bytes.read, decoded: tally.bytes.decoded, sent: tally.bytes.sent },
    files: tally.files.map(fileRow),
    rejectsFile: facts.rejectsFile ?? null,
    ledger: facts.ledger ?? null,
    ...(facts.quota !== undefined && { quota: facts.quota }),
    startedAt: new Date(facts.startedAt).toISOString(),
    finishedAt: new Date(facts.finishedAt).toISOString(),
    durationMs: Math.round(facts.durationMs),
    ...(facts.plan === undefined ? {} : { plan: summaryPlan(facts.plan, tally.duplicates.ledger) }),
  };
}

function summaryPlan(plan: Plan, alreadyDelivered: number): SummaryPlan {
  const date = (epochMs: number | undefined): string | null =>
    epochMs === undefined ? null : new Date(epochMs).toISOString();
  return {
    events: plan.events,
    alreadyDelivered,
    requests: plan.requests,
    leastTimeMs: plan.leastTimeMs,
    requestsPerMinute: plan.requestsPerMinute ?? null,
    eventsPerDay: plan.eventsPerDay ?? null,
    daysOfQuota: plan.daysOfQuota ?? null,
    firstDate: date(plan.firstDate),
    lastDate: date(plan.lastDate),
  };
}

/** The summary as it is printed and stored: one JSON object on one line. */
export function summaryJson(summary: Summary): string {
  return `${JSON.stringify(summary)}\n`;
}

function fileRow(file: Readonly<FileAccount>): SummaryFile {
  return {
    path: file.path,
    state: file.state,
    sha256: file.sha256 ?? null,
    bytes: file.bytes ?? null,
    bytesRead: file.bytesRead,
    ...counts(file),
  };
}

/** The counts alone, in the order of the published format. */
function counts(from: Readonly<Counts>): Counts {
  const result: Counts = { read: from.read, delivered: 0, duplicate: 0, rejected: 0, inDoubt: 0, undelivered: 0 };
  for (const outcome of OUTCOMES) {
    result[outcome] = from[outcome];
  }
  return result;
}

/** What occurred at least once, in the order in which summaries list it. */
function occurred<Name extends string>(
  names: readonly Name[],
  counted: Readonly<Partial<Record<Name, number>>>,
): Partial<Record<Name, number>> {
  const result: Partial<Record<Name, number>> = {};
  for (const name of names) {
    const amount = counted[name] ?? 0;
    if (amount > 0) {
      result[name] = amount;
    }
  }
  return result;
}
