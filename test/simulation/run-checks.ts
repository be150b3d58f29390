import type { LedgerEntry } from '../../src/core/ledger.js';
import type { RejectedRecord, RunResult } from '../../src/core/run.js';
import { findImbalance } from '../../src/core/tally.js';
import type { ImportSettings } from '../../src/pipeline/import.js';
import type { Journal } from './journal.js';
import type { MemoryOfRuns } from './memory-of-runs.js';
import type { RequestWatch } from './request-watch.js';
import type { StandInTarget } from './stand-in-target.js';
import type { Fate, Truth } from './truth.js';

export interface CheckPorts {
  readonly journal: Journal;
  readonly truth: Truth;
  readonly target: StandInTarget;
  readonly memory: MemoryOfRuns;
  /** The run's number. */
  readonly run: number;
}

/** Checks what is about to be recorded as delivered: it must have been acknowledged, in this run. */
export function checkRecorded(
  entries: readonly LedgerEntry[],
  watch: RequestWatch,
  { journal, truth, target, memory, run }: CheckPorts,
): void {
  for (const { key, origin, hadBefore } of entries) {
    const id = memory.idOf(key);
    const wanted = id === undefined ? undefined : truth.wanted.get(id);
    if (id === undefined || wanted === undefined) {
      journal.fail('invented', 'the ledger gets an id that no input holds');
      return;
    }
    if (!watch.acknowledged.has(id)) {
      journal.fail('recorded before it was acknowledged', `${id} is recorded as delivered`);
    }
    const record = truth.records[wanted.place]!;
    if (origin.file !== record.file || origin.line !== record.line) {
      journal.fail('origin', `${id} is recorded as ${origin.file}:${origin.line}`);
    }
    const isNew = target.accepted.get(id) === run;
    if (hadBefore === true && isNew && !watch.inRefusedBatch.has(id)) {
      journal.fail('had before', `${id} was delivered by this run, and is taken for one that the target had before`);
    }
    if (hadBefore !== true && watch.toldAsDuplicate.has(id) && !watch.unclear.has(id)) {
      journal.fail('had before', `the target had ${id} before, and it is taken for one that this run delivered`);
    }
  }
}

/** What one run left behind. */
export interface RunTraces {
  readonly settings: Omit<ImportSettings, 'run'>;
  readonly result: RunResult;
  readonly rejects: readonly RejectedRecord[];
  readonly watch: RequestWatch;
  /** Ids that the ledger held when the run began, and when it ended. */
  readonly recordedBefore: ReadonlySet<string>;
  readonly ledgerGrewBy: number;
  readonly diskFailed: boolean;
  readonly endedAt: number;
}

/** Checks the accounts of a run that ended by itself, against the truth. */
export function checkRun(traces: RunTraces, ports: CheckPorts): void {
  const { result, watch, settings, ledgerGrewBy, diskFailed } = traces;
  const { journal, truth } = ports;
  const { tally, stop } = result;
  const { events, duplicates } = tally;
  const fail = (what: string): void => journal.fail('accounts', what);
  if (stop?.reason === 'bug') journal.fail('bug', stop.message);
  const imbalance = findImbalance(tally);
  if (imbalance !== undefined) fail(imbalance);
  for (const name of ['sent', 'succeeded', 'retried', 'rateLimited', 'split'] as const) {
    if (tally.requests[name] !== watch.requests[name]) {
      fail(`requests.${name} is ${tally.requests[name]}, and ${watch.requests[name]} is right`);
    }
  }
  if (!diskFailed && ledgerGrewBy !== events.delivered + duplicates.target) {
    fail(`the ledger grew by ${ledgerGrewBy}, with ${events.delivered} delivered, ${duplicates.target} duplicates`);
  }
  const { limit } = settings.dispatch;
  if (limit !== undefined && events.delivered > limit)
    journal.fail('limit', `${events.delivered} of ${limit} delivered`);
  if (stop?.message.includes('--limit') === true && events.delivered !== limit) {
    journal.fail('limit', `stopped with ${events.delivered} of ${limit} delivered`);
  }
  checkEnding(traces, ports);
  if (settings.maxRejects.kind === 'count' && stop === undefined && events.rejected > settings.maxRejects.most) {
    fail(`${events.rejected} rejected, and no stop`);
  }
  checkRejects(traces, ports);
  if (stop !== undefined) return;
  if (events.read !== truth.records.length) fail(`${events.read} of ${truth.records.length} records were read`);
  if (result.complete !== truth.complete) fail(`complete is ${result.complete}`);
  if (watch.inDoubt.size === 0) checkWholeRun(traces, ports);
}

/** What was acknowledged is recorded, what is called complete is so, and nothing was broken off too early. */
function checkEnding({ result, watch, settings, diskFailed, endedAt }: RunTraces, ports: CheckPorts): void {
  const { journal, truth, memory } = ports;
  // What is acknowledged counts as delivered, also when the disk fails and the next run must send it again.
  for (const id of diskFailed ? [] : watch.acknowledged) {
    if (!memory.recorded.has(id)) journal.fail('acknowledged, not recorded', `${id} is not in the ledger`);
  }
  const complete = new Set(result.tally.files.filter(({ state }) => state === 'complete').map(({ path }) => path));
  truth.records.forEach(({ file, line }, i) => {
    const fate = truth.fates[i]!;
    const isDone = fate.kind !== 'broken' && !fate.wanted.refused && memory.recorded.has(fate.wanted.id);
    if (!diskFailed && complete.has(file) && !isDone)
      journal.fail('complete', `${file} is called complete, and line ${line} is not`);
  });
  const gaveUp = result.stop?.message.startsWith('gave up') === true;
  if (gaveUp && Math.ceil(endedAt - watch.progressAt) < settings.dispatch.giveUpAfterMs) {
    journal.fail('give up', `the run gave up ${Math.round(endedAt - watch.progressAt)} ms after the last progress`);
  }
}

/** Every rejected record is named once, with the right reason and its own bytes. */
function checkRejects({ result, rejects, settings, diskFailed }: RunTraces, { journal, truth }: CheckPorts): void {
  const fateOf = new Map<string, [fate: Fate, text: string]>();
  truth.records.forEach((record, i) => {
    fateOf.set(`${record.file}:${record.line}`, [truth.fates[i]!, record.text]);
  });
  for (const { origin, reason, content } of rejects) {
    const place = `${origin.file}:${origin.line}`;
    const [fate, text] = fateOf.get(place) ?? [];
    fateOf.delete(place);
    if (fate === undefined) {
      journal.fail('rejects', `${place} was rejected twice, or is no record`);
    } else if (!allowedReasons(fate, settings.onConflict).includes(reason)) {
      journal.fail('rejects', `${place} was rejected as ${reason}`);
    } else if (content.kind === 'record') {
      const { bytes, start, end } = content;
      const got = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
      if (got !== text) journal.fail('rejects', `${place} is shown with other bytes`);
    }
  }
  if (!diskFailed && rejects.length !== result.tally.events.rejected) {
    journal.fail('rejects', `${rejects.length} written, ${result.tally.events.rejected} counted`);
  }
}

function allowedReasons(fate: Fate, onConflict: 'reject' | 'skip'): readonly string[] {
  switch (fate.kind) {
    case 'broken':
      return [fate.reason];
    case 'conflict':
      if (onConflict === 'reject') return ['conflicting_duplicate'];
      return fate.wanted.refused ? ['refused'] : [];
    default:
      return fate.wanted.refused ? ['refused'] : [];
  }
}

/** A run that nothing stopped has delivered everything that can be delivered. */
function checkWholeRun({ result, settings, recordedBefore }: RunTraces, ports: CheckPorts): void {
  const { journal, truth, target, memory } = ports;
  const { events, duplicates } = result.tally;
  let rejected = 0;
  for (const fate of truth.fates) if (allowedReasons(fate, settings.onConflict).length > 0) rejected += 1;
  const fresh = [...truth.wanted.values()].filter(({ id, refused }) => !refused && !recordedBefore.has(id)).length;
  const right = { read: truth.records.length, rejected, inDoubt: 0, undelivered: 0 };
  for (const [name, count] of Object.entries(right)) {
    const got = events[name as keyof typeof events];
    if (got !== count) journal.fail('accounts', `${name} is ${got}, and ${count} is right`);
  }
  const acknowledged = events.delivered + duplicates.target;
  if (acknowledged !== fresh) journal.fail('accounts', `${acknowledged} were acknowledged, and ${fresh} were new`);
  if (duplicates.ledger < recordedBefore.size) {
    journal.fail('accounts', `${duplicates.ledger} duplicates by the ledger, which knew ${recordedBefore.size}`);
  }
  for (const { id, refused } of truth.wanted.values()) {
    if (refused) continue;
    if (!target.accepted.has(id)) journal.fail('missing', `${id} is not at the target`);
    if (!memory.recorded.has(id)) journal.fail('missing', `${id} is not in the ledger`);
  }
}
