import { counted } from '../figures.js';
import { type Message, message, quoted } from './message.js';

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

/** @param what what is about to be forgotten, in lines */
export function pruneQuestion(what: string): string {
  return `${what}\nForget them?`;
}

export function noDate(): Message {
  return message('no_date', 'ledger prune has to know until when: --before 2026-01-31, say.');
}

export function badDate(given: string): Message {
  return message(
    'bad_date',
    `--before ${quoted(given)} is no date: give a day of UTC (2026-01-31), or a point in time (2026-01-31T12:00:00Z).`,
  );
}

export function acceptQuestion(files: number, rejected: number): string {
  return `Record that ${counted(rejected, 'reject')} of ${counted(files, 'file')} ${rejected === 1 ? 'is' : 'are'} dealt with, so that later imports pass over ${files === 1 ? 'it' : 'them'}?`;
}

/** @param known files that could be accepted */
export function nothingToAccept(what: string, known: readonly string[]): Message {
  const others = known.length === 0 ? ' There is no such file.' : ` Such files are ${listed(known)}.`;
  return message(
    'nothing_to_accept',
    `${quoted(what)} names no file that was read to its end and has nothing left but rejects, and no run with one.${others}`,
  );
}

export function restoreQuestion(file: string, folder: string): string {
  return `Put ${file} in the place of the ledger ${folder}?`;
}

export function repairQuestion(folder: string): string {
  return `Repair the ledger ${folder}? What can no longer be read is forgotten, and sent again by the next import. Copy the folder first.`;
}

export function noInputsToCheck(): Message {
  return message(
    'no_inputs',
    'ledger check has to know which records: name the files. The ledger holds neither events nor people, only what it can recognise them by.',
  );
}

export function badLine(given: string): Message {
  return message('bad_line', `--line ${quoted(given)}: give the number of a line, counted from 1.`);
}

/** It is not shown: it may be the id of a person, which belongs on no command line, where others can read it. */
export function subjectsUnreadable(): Message {
  return message(
    'bad_subjects',
    '--subjects takes nothing but -: subject ids are read from standard input, one per line: --subjects - < ids.txt',
  );
}

/** What stands in the list is not shown. */
export function badSubjects(why: string): Message {
  return message('bad_subjects', `--subjects -: ${why}. Give one subject id, or its SHA-256, per line.`);
}

export function stdinTwice(): Message {
  return message(
    'stdin_twice',
    'standard input can not be both an input and the list of --subjects: store one in a file.',
  );
}

/** A report is made of a summary, and a run that was killed has none. */
export function noReportOfUnfinished(run: string): Message {
  return message(
    'no_report_of_unfinished',
    `run ${run} did not come to its end, so there is no summary to make a report of. Without --report, what is known of it is told.`,
  );
}

export function noReportOfUndo(run: string): Message {
  return message(
    'no_report',
    `the run ${run} undid an import, and reports are of imports. Without --report, it is told here.`,
  );
}

export function unknownRun(id: string, known: readonly string[]): Message {
  return message('unknown_run', `the ledger knows no run ${quoted(id)}.${knownText(known)}`);
}

/** Nothing was chosen by this name: most likely it is another one. */
export function nothingChosen(what: 'file' | 'run', value: string, known: readonly string[]): Message {
  const rule = what === 'file' ? ' A file is named as it was in the import.' : '';
  return message('nothing_chosen', `no event was changed: none is of the ${what} ${value}.${rule}${knownText(known)}`);
}

function knownText(known: readonly string[]): string {
  return known.length === 0 ? '' : ` The ledger knows ${listed(known)}.`;
}

function listed(names: readonly string[]): string {
  const rest = names.length > 5 ? `, and ${names.length - 5} more` : '';
  return `${names.slice(0, 5).join(', ')}${rest}`;
}
