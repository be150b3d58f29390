import { Counter, Gauge, Registry } from 'prom-client';
import { type Counts, OUTCOMES } from '../../core/outcome.js';
import type { RunResult } from '../../core/run.js';

/** What the metrics tell of a run. */
export interface MetricsFacts {
  readonly target: string;
  /** Didomi's organization, or the process id of OneTrust's collection point; '' when not known. */
  readonly organization: string;
  readonly events: Readonly<Counts>;
  readonly requests: RunResult['tally']['requests'];
  /** Events that may still be sent on this UTC day; undefined where there is no limit, or it is not known. */
  readonly quotaLeft: number | undefined;
  /** Undefined while the run goes on. */
  readonly end: { readonly exitCode: number; readonly at: number } | undefined;
  /** What earlier runs left in the file. */
  readonly before: EarlierMetrics;
}

/** What outlives a run. Times in seconds since the epoch. */
export interface EarlierMetrics {
  readonly exitCode?: number;
  readonly endedAt?: number;
  readonly succeededAt?: number;
}

/** The metrics and what they mean: a public format, listed in README. */
export const METRICS = {
  consent_import_records_read_total: 'records read by this run',
  consent_import_events_total: 'records of this run by outcome',
  consent_import_requests_total: 'requests of this run: sent, and of these succeeded, retried, rate limited, split',
  consent_import_running: '1 while the run goes on',
  consent_import_last_exit_code: 'exit code of the last run that ended',
  consent_import_last_end_timestamp_seconds: 'when it ended',
  consent_import_last_success_timestamp_seconds: 'when a run last ended with exit code 0',
  consent_import_quota_left_events: 'events that may still be sent on this UTC day; only where there is a limit',
} as const;

type MetricName = keyof typeof METRICS;

/** The metrics in Prometheus' text format. The only home of prom-client. */
export function metricsText(facts: MetricsFacts): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ target: facts.target, organization: facts.organization });
  const counter = (name: MetricName, label?: string): Counter =>
    new Counter({ name, help: METRICS[name], registers: [registry], labelNames: label === undefined ? [] : [label] });
  const gauge = (name: MetricName, value: number | undefined): void => {
    if (value !== undefined) new Gauge({ name, help: METRICS[name], registers: [registry] }).set(value);
  };
  counter('consent_import_records_read_total').inc(facts.events.read);
  const events = counter('consent_import_events_total', 'outcome');
  for (const outcome of OUTCOMES) events.inc({ outcome: snake(outcome) }, facts.events[outcome]);
  const requests = counter('consent_import_requests_total', 'kind');
  for (const [kind, amount] of Object.entries(facts.requests)) requests.inc({ kind: snake(kind) }, amount);
  const { end, before } = facts;
  const endedAt = end === undefined ? before.endedAt : end.at / 1000;
  gauge('consent_import_running', end === undefined ? 1 : 0);
  gauge('consent_import_last_exit_code', end?.exitCode ?? before.exitCode);
  gauge('consent_import_last_end_timestamp_seconds', endedAt);
  gauge('consent_import_last_success_timestamp_seconds', end?.exitCode === 0 ? end.at / 1000 : before.succeededAt);
  gauge('consent_import_quota_left_events', facts.quotaLeft);
  return registry.metrics();
}

/** Reads what outlives a run from the text of an earlier one; what is not there is not known. */
export function earlierMetrics(text: string): EarlierMetrics {
  const value = (name: MetricName): number | undefined => {
    const found = new RegExp(`^${name}(?:\\{[^\\n]*\\})? (-?[\\d.e+]+)$`, 'm').exec(text)?.[1];
    return found === undefined || !Number.isFinite(Number(found)) ? undefined : Number(found);
  };
  const exitCode = value('consent_import_last_exit_code');
  const endedAt = value('consent_import_last_end_timestamp_seconds');
  const succeededAt = value('consent_import_last_success_timestamp_seconds');
  return {
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(endedAt === undefined ? {} : { endedAt }),
    ...(succeededAt === undefined ? {} : { succeededAt }),
  };
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
