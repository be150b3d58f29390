import type { OpenLedger } from '../../io/ledger/open.js';
import type { FoundRecord } from '../../io/ledger/records.js';
import { LOOK } from '../../io/ledger/store-folder.js';
import type { Call, Execute } from '../commands/command.js';
import { count, counted } from '../output/figures.js';
import {
  inputsWithoutReconcile,
  noSelection,
  nothingChosen,
  resolveQuestion,
  severalActs,
} from '../output/messages/ledger-messages.js';
import { UsageError } from '../usage-error.js';
import { changedBy } from './changed-by.js';
import { doubtLines } from './doubt-text.js';
import { reconcileDoubts } from './reconcile.js';
import { type Choice, choiceIn, recordedChoice, selectionOf } from './selection.js';
import { shownRecord } from './shown-record.js';
import { type Answer, runVerb, type Verb } from './verb.js';
import { changeLedger, withLedger } from './with-ledger.js';

/** `ledger resolve`: lists what is in doubt; with `--delivered`, `--retry` or `--reconcile`, settles it. */
export const executeResolve: Execute = (call) => runVerb('resolve', call, (verb) => resolve(verb, call), 'resolve');

async function resolve(verb: Verb, call: Call): Promise<Answer> {
  const choice = choiceIn(verb.flags);
  const as = actIn(call);
  if (as === 'reconcile') {
    const meant = choice ?? { by: 'all' };
    return reconcileDoubts(verb, meant, (opened) => inDoubt(opened, meant));
  }
  if (verb.operands.length > 0) throw new UsageError([inputsWithoutReconcile()]);
  if (as === undefined) return list(verb, choice ?? { by: 'all' });
  if (choice === undefined) throw new UsageError([noSelection('resolve', ['--id', '--file', '--run', '--all'])]);
  return settle(verb, choice, as);
}

/** Who says what became of the events: the operator, or the platform; undefined: just list them. */
function actIn({ flags }: Call): 'delivered' | 'retry' | 'reconcile' | undefined {
  const acts = (['delivered', 'retry', 'reconcile'] as const).filter((act) => flags.has(act));
  if (acts.length > 1) throw new UsageError([severalActs()]);
  return acts[0];
}

function list(verb: Verb, choice: Choice): Promise<Answer> {
  return withLedger(verb, LOOK, async (opened) => {
    const records = (await inDoubt(opened, choice)).map(({ record }) => record);
    const events = records.map(shownRecord);
    const json = { version: 1, ledger: opened.folder, inDoubt: opened.ledger.counters.inDoubt, events };
    return { json, text: doubtLines(records, verb).join('\n') };
  });
}

async function settle(verb: Verb, choice: Choice, as: 'delivered' | 'retry'): Promise<Answer> {
  return changeLedger(
    verb,
    (opened) => inDoubt(opened, choice),
    (found) => (found.length === 0 ? undefined : resolveQuestion(found.length, as)),
    async (opened) => {
      const { ledger, folder } = opened;
      const others = choice.by === 'file' || choice.by === 'run' ? await inDoubt(opened, { by: 'all' }) : [];
      const by = changedBy(verb, `resolve --${as} ${recordedChoice(choice)}`);
      const settled = await ledger.operator.resolve(selectionOf(choice, ledger), as, by);
      if (settled === 0 && (choice.by === 'file' || choice.by === 'run')) {
        verb.reporter.warning(nothingChosen(choice.by, choice.value, known(others, choice.by)));
      }
      const { inDoubt: left } = ledger.counters;
      const done = as === 'delivered' ? 'recorded as delivered' : 'left for the next import to send';
      return {
        json: { version: 1, ledger: folder, settled, as, inDoubt: left },
        text: `${counted(settled, 'event')} ${done}; ${left === 0 ? 'none is' : `${count(left)} still`} in doubt.`,
      };
    },
  );
}

async function inDoubt({ ledger }: OpenLedger, choice: Choice): Promise<readonly FoundRecord[]> {
  const found: FoundRecord[] = [];
  for await (const page of ledger.operator.inDoubt(selectionOf(choice, ledger))) found.push(...page);
  return found;
}

function known(found: readonly FoundRecord[], by: 'file' | 'run'): readonly string[] {
  return [...new Set(found.map(({ record }) => (by === 'file' ? record.origin.file : record.run)))].sort();
}
