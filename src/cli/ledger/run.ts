import { resolve } from 'node:path';
import type { OpenLedger } from '../../io/ledger/open.js';
import type { RunRecord } from '../../io/ledger/run-register.js';
import { LOOK } from '../../io/ledger/store-folder.js';
import type { Execute } from '../commands/command.js';
import { type KeptRun, resultOf } from '../import/kept-run.js';
import { count, moment } from '../output/figures.js';
import { noReportOfUndo, noReportOfUnfinished, unknownRun } from '../output/messages/ledger-messages.js';
import { ownerText } from '../output/owner-text.js';
import { isKeptUndo } from '../recall/kept-undo.js';
import { detailsOf } from '../report/details.js';
import { UsageError } from '../usage-error.js';
import { keptRunText } from './kept-run-text.js';
import { type Answer, runVerb, type Verb } from './verb.js';
import { using, withLedger } from './with-ledger.js';

/** `ledger run <id>`: the summary of a run once more, and its report. */
export const executeRun: Execute = (call) =>
  runVerb('run', call, async (verb) => {
    const found = await withLedger(verb, LOOK, async ({ ledger }): Promise<Answer | RunRecord> => {
      const id = verb.operands[0] ?? '';
      const record = ledger.runs.find((run) => run.id === id);
      if (record === undefined) throw new UsageError([unknownRun(id, ledger.runs.map((run) => run.id).reverse())]);
      const account = await ledger.accountOf(id);
      const report = verb.flags.get('report');
      if (isKeptUndo(account)) {
        if (report !== undefined) throw new UsageError([noReportOfUndo(id)]);
        return { json: account.undo, text: account.text };
      }
      const kept = account as KeptRun | undefined;
      if (kept === undefined && report !== undefined) throw new UsageError([noReportOfUnfinished(id)]);
      if (kept === undefined) return record;
      if (typeof report === 'string') await writeKept(resolve(verb.context.cwd, report), kept, verb);
      return { json: { ...kept.summary, rejectsSha256: kept.rejectsSha256 }, text: keptRunText(kept) };
    });
    // Delivered ids are counted then, and a look has not checked the tables that hold nothing else.
    return 'json' in found ? found : using(verb, 'all', (opened) => unfinished(found, opened));
  });

/** @throws {UsageError} when it can't be written there */
async function writeKept(path: string, kept: KeptRun, { context, place }: Verb): Promise<void> {
  const { reportProblem, writeReport } = await import('../report/report-file.js');
  const details = detailsOf(resultOf(kept), ownerText(place), undefined);
  const problem = (await reportProblem(path)) ?? (await writeReport(path, kept.summary, details, context));
  if (problem !== undefined) throw new UsageError([problem]);
}

/** A run that was killed: what it recorded is all that is known of it. */
async function unfinished({ id, command, startedAt, user, host }: RunRecord, { ledger }: OpenLedger): Promise<Answer> {
  const { delivered, inDoubt } = await ledger.operator.recordedBy(id);
  const who = { user: user ?? '', host };
  return {
    json: {
      ...{ version: 1, run: id, command, ...who, startedAt: new Date(startedAt).toISOString() },
      ...{ exitCode: null, reason: null, complete: false, recorded: { delivered, inDoubt } },
    },
    text:
      `Run ${id} (${command}) began ${moment(startedAt)} and did not come to its end.\n` +
      `The ledger holds ${count(delivered)} of its events as delivered, ${count(inDoubt)} as in doubt.`,
  };
}
