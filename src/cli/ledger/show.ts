import type { LedgerRecord, UndoneRecord } from '../../core/ledger.js';
import { describeOrigin } from '../../core/origin.js';
import type { Execute } from '../commands/command.js';
import { moment } from '../output/figures.js';
import { ledgerCommand } from './command-to-type.js';
import { shownRecord } from './shown-record.js';
import { runVerb, type Verb } from './verb.js';
import { withLedger } from './with-ledger.js';

/** `ledger show <event id>`: exit 0 also for an event that the ledger never saw, for that is an answer too. */
export const executeShow: Execute = (call) =>
  runVerb('show', call, (verb) =>
    withLedger(verb, 'log', async ({ ledger, folder }) => {
      const id = verb.operands[0] ?? '';
      const record = await ledger.show(id);
      const [undone] = record === undefined ? await ledger.undoing.undone([ledger.hashOf(id)]) : [];
      if (undone !== undefined)
        return { json: { version: 1, ledger: folder, ...undoneJson(undone) }, text: undoneText(undone) };
      return { json: { version: 1, ledger: folder, ...jsonOf(record) }, text: textOf(record, verb) };
    }),
  );

function jsonOf(record: LedgerRecord | undefined): object {
  if (record === undefined) {
    const nothing = { run: null, file: null, entry: null, line: null, element: null, index: null, time: null };
    return { state: 'unknown', ...nothing, hadBefore: false, settledByOperator: false };
  }
  const { state, hadBefore, settledByOperator = false } = record;
  return { state, ...shownRecord(record), hadBefore, settledByOperator };
}

/** `run` and place are those of its import; `undoneBy` and `undoneAt` tell of the undo. */
function undoneJson({ state, delivered, by, time }: UndoneRecord): object {
  return { ...jsonOf(delivered), state, undoneBy: by, undoneAt: new Date(time).toISOString() };
}

function undoneText({ state, delivered, by, time }: UndoneRecord): string {
  const before = `  delivered  ${moment(delivered.time)}\n  record     ${describeOrigin(delivered.origin)}\n  run        ${delivered.run}`;
  return state === 'undone'
    ? `Undone ${moment(time)} by run ${by}: it was deleted at the target.\n${before}`
    : `Being undone since ${moment(time)} by run ${by}, which did not come to its end: it may be deleted. Undo it again, or import it.\n${before}`;
}

function textOf(record: LedgerRecord | undefined, { context, settings, sources }: Verb): string {
  if (record === undefined) {
    return 'Unknown: this ledger never recorded an event with this id as delivered, or forgot it when an operator said so.';
  }
  const where = `  record  ${describeOrigin(record.origin)}\n  run     ${record.run}`;
  if (record.state === 'inDoubt') {
    const resolve = ledgerCommand(context.program, ['resolve'], settings, sources);
    return `In doubt: sent ${moment(record.time)}, but never answered.\n${where}\nTo settle it:\n  ${resolve}`;
  }
  if (record.settledByOperator === true) {
    return `Delivered, as an operator recorded; sent ${moment(record.time)}, but never answered.\n${where}`;
  }
  return record.hadBefore
    ? `Delivered: at ${moment(record.time)} the target said that it had it before.\n${where}`
    : `Delivered ${moment(record.time)}.\n${where}`;
}
