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
    withLedger(verb, { ids: verb.operands }, async ({ ledger, folder }) => {
      const id = verb.operands[0] ?? '';
      const record = await ledger.show(id);
      const [undone] = await ledger.undoing.undone([ledger.hashOf(id)]);
      // One that was imported anew since is delivered.
      const takenBack = record === undefined ? undone : undefined;
      return {
        json: { version: 1, ledger: folder, ...(takenBack === undefined ? jsonOf(record) : jsonOfUndone(takenBack)) },
        text: takenBack === undefined ? textOf(record, verb) : textOfUndone(takenBack),
      };
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

function jsonOfUndone({ state, delivered, by, time }: UndoneRecord): object {
  return { ...jsonOf(delivered), state, undone: { run: by, time: new Date(time).toISOString() } };
}

function textOfUndone({ state, delivered, by, time }: UndoneRecord): string {
  const act =
    state === 'undone'
      ? `Undone ${moment(time)} by run ${by}: deleted at the platform.`
      : `Its deletion was begun ${moment(time)} by run ${by}, and is not known to have been done: run the same undo again.`;
  const { origin, run, time: at } = delivered;
  return `${act}\nBefore, it was delivered ${moment(at)}.\n  record  ${describeOrigin(origin)}\n  run     ${run}`;
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
