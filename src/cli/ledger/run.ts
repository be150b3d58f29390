import type { OpenLedger } from '../../io/ledger/open.js';
import type { RunRecord } from '../../io/ledger/run-register.js';
import type { Execute } from '../commands/command.js';
import type { KeptRun } from '../import/kept-run.js';
import { count, moment } from '../output/figures.js';
import { unknownRun } from '../output/messages/ledger-messages.js';
import { UsageError } from '../usage-error.js';
import { keptRunText } from './kept-run-text.js';
import { type Answer, runVerb } from './verb.js';
import { withLedger } from './with-ledger.js';

/** `ledger run <id>`: the summary of a run once more. */
export const executeRun: Execute = (call) =>
  runVerb('run', call, (verb) =>
    withLedger(verb, 'log', async (opened) => {
      const id = verb.operands[0] ?? '';
      const { ledger } = opened;
      const record = ledger.runs.find((run) => run.id === id);
      if (record === undefined) throw new UsageError([unknownRun(id, ledger.runs.map((run) => run.id).reverse())]);
      const kept = (await ledger.accountOf(id)) as KeptRun | undefined;
      if (kept === undefined) return unfinished(record, opened);
      return { json: { ...kept.summary, rejectsSha256: kept.rejectsSha256 }, text: keptRunText(kept) };
    }),
  );

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
