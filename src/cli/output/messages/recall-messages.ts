import { count, counted } from '../figures.js';
import { type Message, message, quoted } from './message.js';
import { type NamedDestination, type NamedLedger, named, namedLedger } from './run-messages.js';

/** The first line of what reads inputs once more. @param doing `Reading back from`, say */
export function recallFirstLine(
  doing: string,
  destination: Omit<NamedDestination, 'integrationsOff'>,
  ledger: NamedLedger,
): string {
  return `${doing} ${named({ ...destination, integrationsOff: false })}. Ledger: ${namedLedger(ledger)}.`;
}

/** An embedded sandbox lives as long as the import into it. */
export function recallNotInSandbox(command: string): Message {
  return message(
    'embedded_sandbox',
    `${command} has nobody to ask: an embedded sandbox forgets its events when the import ends. Start one that stays with "consent-import sandbox", and import into it with --api-url.`,
  );
}

export function sampleAndAll(): Message {
  return message('sample_and_all', '--sample and --all contradict each other: name one of them.');
}

export function badSample(value: string): Message {
  return message('bad_value', `--sample ${quoted(value)}: expected a whole number of 1 or more.`);
}

export function nothingToVerify(): Message {
  return message(
    'nothing_to_verify',
    'none of these records was delivered, as far as this ledger knows: there was nothing to read back.',
  );
}

/** The same answer about everything says more of the question. */
export function allMissing(events: number): Message {
  return message(
    'all_missing',
    `the target has none of the ${counted(events, 'event')}: check --organization-id and --api-url.`,
  );
}

export function noRun(): Message {
  return message(
    'no_run',
    'undo has to know which run is to be undone: name it with --run. ledger status names the last.',
  );
}

export function unknownRun(run: string, known: readonly string[]): Message {
  const hint = known.length === 0 ? '' : ` The last ones that it knows: ${known.join(', ')}.`;
  return message('unknown_run', `this ledger knows no run ${quoted(run)}.${hint} Nothing was deleted.`);
}

export function undoUnconfirmed(why: string): Message {
  return message(
    'confirmation_needed',
    `undo deletes events: it must be confirmed, and ${why}. Confirm it with --yes; nothing was deleted.`,
  );
}

export function undoNotConfirmed(): Message {
  return message('not_confirmed', 'not confirmed; nothing was deleted.');
}

export function undoReadsOnce(path: string): Message {
  return message(
    'cant_read_twice',
    `undo counts first and asks then, so it reads every input twice, and ${path === '-' ? 'standard input' : path} can be read only once. Store it in a file, or confirm with --yes.`,
  );
}

/** What is asked on a terminal before anything is deleted. @param where `didomi, organization acme, at https://…` */
export function undoQuestion(events: number, files: number, run: string, where: string, ledger: string): string {
  return (
    `Delete ${counted(events, 'event')} of ${counted(files, 'file')}, created by run ${run}, at ${where}?\n` +
    `${NOT_UNDONE} Ledger: ${ledger}. Go on? [y/N] `
  );
}

export const NOT_UNDONE = 'What integrations did with these events is not undone.';

export function otherRunsLine(otherRuns: ReadonlyMap<string, number>): string {
  const runs = [...otherRuns].sort(([, a], [, b]) => b - a);
  const shown = runs.slice(0, 5).map(([run, records]) => `${run} (${count(records)})`);
  const rest = runs.length > 5 ? `, and ${runs.length - 5} more` : '';
  return `Delivered by other runs: ${shown.join(', ')}${rest}`;
}
