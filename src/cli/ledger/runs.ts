import type { AuditRecord } from '../../io/ledger/operator.js';
import type { RunRecord } from '../../io/ledger/run-register.js';
import { LOOK } from '../../io/ledger/store-folder.js';
import type { Execute } from '../commands/command.js';
import type { RunBrief } from '../import/kept-run.js';
import { count, counted, moment } from '../output/figures.js';
import { runVerb } from './verb.js';
import { withLedger } from './with-ledger.js';

/** `ledger runs`: every run that recorded something, and every change by hand, oldest first. */
export const executeRuns: Execute = (call) =>
  runVerb('runs', call, (verb) =>
    withLedger(verb, LOOK, async ({ ledger, folder }) => {
      const runs = ledger.runs.map(runRow);
      const changes = await ledger.operator.audit();
      return {
        json: { version: 1, ledger: folder, runs, changes: changes.map(changeRow) },
        text: [
          ...(runs.length === 0 ? ['No run has recorded anything.'] : ledger.runs.map(runLine)),
          ...(changes.length === 0 ? [] : ['', 'Changed by hand:', ...changes.map(changeLine)]),
        ].join('\n'),
      };
    }),
  );

function runRow(record: RunRecord): object {
  const { id: run, command, startedAt, user = null, host } = record;
  const { finishedAt, toolVersion, exitCode, reason, events, rejectsFile, undone } = briefIn(record);
  return {
    ...{ run, command, startedAt: time(startedAt), finishedAt: finishedAt ?? null, user, host },
    ...{ toolVersion: toolVersion ?? null, exitCode: exitCode ?? null, reason: reason ?? null, events: events ?? null },
    rejectsFile: rejectsFile ?? null,
    undone: undone ?? null,
  };
}

function runLine(record: RunRecord): string {
  const { id, command, startedAt, user, host } = record;
  const { exitCode, events, undone } = briefIn(record);
  const by = user === undefined || user === '' ? host : `${user} on ${host}`;
  const end =
    exitCode === undefined || events === undefined
      ? 'did not come to its end'
      : `exit code ${exitCode}, ${count(events.read)} read, ${undone === undefined ? `${count(events.delivered)} delivered, ${count(events.rejected)} rejected` : `${count(undone)} undone`}`;
  return `${id}  ${moment(startedAt)}  ${command} by ${by}: ${end}`;
}

/** A run that did not come to its end has said nothing of itself. */
function briefIn({ summary }: RunRecord): Partial<RunBrief> & { readonly undone?: number } {
  return (summary ?? {}) as Partial<RunBrief>;
}

function changeRow({ time: at, user, what, ids }: AuditRecord): object {
  return { time: time(at), user, what, ids: ids ?? null };
}

function changeLine({ time: at, user, what, ids }: AuditRecord): string {
  const extent = ids === undefined ? 'did not come to its end' : counted(ids, 'event');
  return `  ${moment(at)}  ${what}${user === '' ? '' : ` by ${user}`}: ${extent}`;
}

function time(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
