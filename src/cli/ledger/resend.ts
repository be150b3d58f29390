import type { Execute } from '../commands/command.js';
import { counted } from '../output/figures.js';
import { noSelection, nothingChosen, resendQuestion } from '../output/messages/ledger-messages.js';
import { UsageError } from '../usage-error.js';
import { changedBy } from './changed-by.js';
import { type Choice, choiceIn, recordedChoice, selectionOf } from './selection.js';
import { runVerb } from './verb.js';
import { changeLedger } from './with-ledger.js';

/** `ledger resend`: forgets that events were delivered, and all files that were read to their end. */
export const executeResend: Execute = (call) =>
  runVerb('resend', call, async (verb) => {
    const choice = choiceIn(verb.flags);
    if (choice === undefined) throw new UsageError([noSelection('resend', ['--id', '--file', '--run'])]);
    return changeLedger(
      verb,
      async () => undefined,
      () => resendQuestion(which(choice)),
      async ({ ledger, folder }) => {
        const by = changedBy(verb, `resend ${recordedChoice(choice)}`);
        const forgotten = await ledger.operator.drop(selectionOf(choice, ledger), by);
        if (forgotten === 0 && (choice.by === 'file' || choice.by === 'run')) {
          const runs = choice.by === 'run' ? ledger.runs.map(({ id }) => id).reverse() : [];
          verb.reporter.warning(nothingChosen(choice.by, choice.value, runs));
        }
        return {
          json: { version: 1, ledger: folder, forgotten, delivered: ledger.counters.delivered },
          text: `${counted(forgotten, 'event')} forgotten: the next import of ${forgotten === 1 ? 'its file sends it' : 'their files sends them'} again.`,
        };
      },
    );
  });

function which(choice: Choice): string {
  switch (choice.by) {
    case 'id':
      return 'the event with this id was';
    case 'file':
      return `the events of the file ${choice.value} were`;
    case 'run':
      return `the events of the run ${choice.value} were`;
    case 'all':
      return 'all events were';
  }
}
