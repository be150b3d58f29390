import { counted } from '../figures.js';
import { type Message, message } from './message.js';

/** The ledger's own words, and the command that repairs it. */
export function ledgerDamaged(text: string, repair: string): Message {
  return message('ledger_damaged', `${text} To repair it:\n  ${repair}`);
}

export function changeUnconfirmed(verb: string, why: string): Message {
  return message(
    'confirmation_needed',
    `ledger ${verb} changes the ledger: it must be confirmed, and ${why}. Confirm it with --yes; nothing was changed.`,
  );
}

export function changeNotConfirmed(): Message {
  return message('not_confirmed', 'not confirmed; nothing was changed.');
}

export function severalSelections(flags: readonly string[]): Message {
  return message('several_selections', `${flags.join(' and ')} can't be used together: name one of them.`);
}

export function noSelection(verb: string, flags: readonly string[]): Message {
  return message('no_selection', `ledger ${verb} has to know which events: name one of ${flags.join(', ')}.`);
}

export function severalActs(): Message {
  return message(
    'several_acts',
    '--delivered, --retry and --reconcile contradict each other: name the one that is meant.',
  );
}

export function inputsWithoutReconcile(): Message {
  return message('inputs_without_reconcile', 'inputs are read for --reconcile only: add it, or leave them out.');
}

export function reconcileWithoutInputs(): Message {
  return message(
    'reconcile_without_inputs',
    '--reconcile reads the records again that are in doubt: name the files that they came from.',
  );
}

export function reconcileInSandbox(): Message {
  return message(
    'reconcile_in_sandbox',
    'an embedded sandbox forgets everything when its run ends, so there is nothing to ask. To try it: consent-import sandbox, and its address as --api-url and --platform-url.',
  );
}

export function reconcileNeedsTwice(path: string): Message {
  return message(
    'cant_read_twice',
    `--reconcile reads every input twice, and ${path === '-' ? 'standard input' : path} can be read only once. Store it in a file first.`,
  );
}

export function reconcileQuestion(events: number, platformUrl: string): string {
  return `Ask ${platformUrl} which of ${counted(events, 'event')} in doubt arrived, and record what it says?`;
}

/** The platform could not be asked; the words are those of who asked. */
export function reconcileFailed(text: string, reason: 'auth' | 'unavailable' | 'interrupted'): Message {
  const what = {
    auth: 'Check ONETRUST_CLIENT_ID and ONETRUST_CLIENT_SECRET, and what that client may read.',
    unavailable: 'Check --platform-url, and run the same command again.',
    interrupted: 'Run the same command again.',
  }[reason];
  return message(`reconcile_${reason}`, `${text}; nothing was changed. ${what}`);
}

export function reconcileUnread(): Message {
  return message(
    'reconcile_unread',
    'the inputs could not be read to their end; nothing was changed. What is not read may be what is looked for.',
  );
}

export function resolveQuestion(events: number, as: 'delivered' | 'retry'): string {
  const are = events === 1 ? 'is' : 'are';
  return as === 'delivered'
    ? `Record that ${counted(events, 'event')} in doubt arrived, and ${are} never to be sent again?`
    : `Let the next import send ${counted(events, 'event')} in doubt? What did arrive then exists twice.`;
}

export function resendQuestion(which: string): string {
  return (
    `Forget that ${which} delivered, so that the next import sends them again?\n` +
    'A target that does not know events by their ids then has them twice.'
  );
}

export function restoreQuestion(file: string, folder: string): string {
  return `Put ${file} in the place of the ledger ${folder}?`;
}

export function repairQuestion(folder: string): string {
  return `Repair the ledger ${folder}? What can no longer be read is forgotten, and sent again by the next import. Copy the folder first.`;
}

/** Nothing was chosen by this name: most likely it is another one. */
export function nothingChosen(what: 'file' | 'run', value: string, known: readonly string[]): Message {
  const shown = known.slice(0, 5).join(', ');
  const rest = known.length > 5 ? `, and ${known.length - 5} more` : '';
  const hint = known.length === 0 ? '' : ` The ledger knows ${shown}${rest}.`;
  const rule = what === 'file' ? ' A file is named as it was in the import.' : '';
  return message('nothing_chosen', `no event was changed: none is of the ${what} ${value}.${rule}${hint}`);
}
