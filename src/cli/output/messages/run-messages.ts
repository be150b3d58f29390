import type { InputDamage } from '../../../core/input.js';
import type { Stop } from '../../../core/run.js';
import { formatTime } from '../../../core/units.js';
import { counted, moment } from '../figures.js';
import { type Message, message } from './message.js';

/** How messages name where events go. */
export interface NamedDestination {
  readonly target: string;
  /** Whose events they are: `organization acme`. */
  readonly owner: string;
  /** Undefined for an embedded sandbox. */
  readonly apiUrl: string | undefined;
  /** Set when the target is told not to forward events. */
  readonly integrationsOff: boolean;
}

export function named({ target, owner, apiUrl, integrationsOff }: NamedDestination): string {
  const where = apiUrl === undefined ? 'an embedded sandbox' : apiUrl;
  return `${target}, ${owner}, at ${where}${integrationsOff ? ', without integrations' : ''}`;
}

/** How messages name a ledger. */
export interface NamedLedger {
  readonly path: string;
  readonly ids: number;
  /** Epoch milliseconds of the start of the last run that recorded something. */
  readonly lastUsed?: number | undefined;
  /** It was made just now. */
  readonly isNew?: boolean;
}

/** The first line on stderr: which destination, and which ledger with how many ids and when it was used last. */
export function firstLine(destination: NamedDestination, ledger: NamedLedger): string {
  return `Importing into ${named(destination)}. Ledger: ${namedLedger(ledger)}.`;
}

/** The same for the verbs of `ledger`. */
export function ledgerFirstLine(destination: Omit<NamedDestination, 'integrationsOff'>, ledger: NamedLedger): string {
  return `Ledger of ${named({ ...destination, integrationsOff: false })}: ${namedLedger(ledger)}.`;
}

export function namedLedger({ path, ids, lastUsed, isNew = false }: NamedLedger): string {
  const used = lastUsed === undefined ? '' : `, last used ${moment(lastUsed)}`;
  return `${path}${isNew ? ' (new)' : ''}, ${counted(ids, 'id')}${used}`;
}

/** The first line of `validate`. */
export function validateFirstLine(target: string): string {
  return `Checking against the rules of ${target}. Nothing is sent.`;
}

export function nothingSentUnreadable(): Message {
  return message(
    'nothing_sent',
    'nothing was sent: an input could not be read to its end, and --validate-first sends nothing then.',
  );
}

/** The target takes the same event twice, and there is no ledger that knows what it has. */
export function newLedgerNeeded(folder: string): Message {
  return message(
    'new_ledger_needed',
    `there is no ledger of this destination below ${folder}, and onetrust keeps a receipt that is sent again twice. If nothing was imported there before: --new-ledger. If there is a ledger elsewhere, name it with --ledger; nothing was sent.`,
  );
}

/** A dry run makes no ledger, and compares with an empty one. */
export function newLedgerLater(folder: string): Message {
  return message(
    'new_ledger_needed',
    `there is no ledger of this destination below ${folder}, so nothing is known of what was imported before. If nothing was: the import needs --new-ledger. If there is a ledger elsewhere, name it with --ledger.`,
  );
}

export function nothingMatched(what: string): Message {
  return message('nothing_matched', `${what} Check the path; if having nothing to import is fine: --allow-empty`);
}

export function leftOut(path: string, why: string): string {
  return `Left out: ${path} (${why})`;
}

export function cantReadTwice(path: string): Message {
  return message(
    'cant_read_twice',
    `--validate-first reads every input twice, and ${path === '-' ? 'standard input' : path} can be read only once. Store it in a file first.`,
  );
}

export function badUserSchema(path: string, what: string): Message {
  return message('bad_schema', `--schema ${path}: ${what}. Give a JSON Schema (2020-12) in a JSON file.`);
}

/** A file that will be written, by the option that names it, is also an input. */
export function outputIsInput(flag: string, path: string): Message {
  if (flag !== '--rejects' && flag !== '--delivered') {
    return message('output_is_input', `${flag} ${path} is also an input: it would be replaced. Name another file.`);
  }
  return message(
    flag === '--rejects' ? 'rejects_is_input' : 'delivered_is_input',
    `${flag} ${path} is also an input: it would grow while it is read. Name another file.`,
  );
}

export function wouldReplace(flag: string, path: string): Message {
  return message(
    'output_is_input',
    `${flag} would replace ${path}, which this run reads or writes. Name another file.`,
  );
}

/** An input that can't be read to its end; the words are those of the reader that found it. */
export function damagedInput(damage: InputDamage): Message {
  return message(`input_${damage.code}`, damage.message);
}

/** What ended the run early; the words are those of the stage that ended it. */
export function stopped(stop: Stop): Message {
  return message(stop.reason, stop.message);
}

/** The ledger can't serve this command; the words are the ledger's. */
export function ledgerUnfit(text: string): Message {
  return message('ledger', text);
}

export function ledgerInUse(text: string): Message {
  return message('ledger_in_use', text);
}

export function draining(signal: string, inFlight: number, drainTimeMs: number): Message {
  return message(
    'draining',
    `${signal}: taking nothing new, finishing ${counted(inFlight, 'request')} in flight, for at most ${formatTime(drainTimeMs)}. A second signal stops at once.`,
  );
}

export function stoppingNow(signal: string, target: string | undefined): Message {
  const unanswered =
    target === 'onetrust' ? 'What was not answered is in doubt.' : 'The next run sends again what was not answered.';
  return message('stopping_now', `second signal (${signal}): stopping now. ${unanswered}`);
}

export function rejectsArriveLate(path: string): Message {
  return message(
    'rejects_arrive_late',
    `${path} is a rejects file: its events now arrive after later ones of the same people.`,
  );
}

/** A line without its end, as a killed run leaves it, and as a file has it that was cut off on its way. */
export function lastRejectTorn(path: string): Message {
  return message(
    'last_reject_torn',
    `${path} is a rejects file whose last line is torn, which was left out. Run the command that wrote it again, which brings that record anew; if the file was cut off since, get it again.`,
  );
}

export function inDoubt(events: number, resolve: string): Message {
  const are = `${counted(events, 'event')} ${events === 1 ? 'is' : 'are'}`;
  return message(
    'in_doubt',
    `${are} in doubt: sent, but never answered. Nothing sends them again by itself; to settle them: ${resolve}`,
  );
}

export function cantOpenOutput(flag: string, path: string, cause: string): Message {
  return message(
    'cant_write_output',
    `${flag} ${path}: can't write there (${cause}). Check the folder and its permissions.`,
  );
}

/** Do these problems say already that the output of this option can't be written? */
export function toldUnwritable(problems: readonly Message[], flag: string): boolean {
  return problems.some(({ code, text }) => code === 'cant_write_output' && text.startsWith(`${flag} `));
}

export function outputFailed(flag: string, path: string, cause: string): Message {
  return message(
    'output_failed',
    `${flag} ${path} was not written${flag === '--delivered' ? ' to its end' : ''} (${cause}). The import itself is not affected.`,
  );
}

/** The program's own accounts do not add up: a bug. */
export function accountsOff(imbalance: string): Message {
  return message('accounts_off', `a bug: ${imbalance}. Run the same command again, and report this.`);
}

/**
 * An error that nobody expected. Its own text is not shown, for it may quote an event; where it comes from is.
 */
export function unexpectedError(error: unknown): Message {
  const { name, code } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { name: typeof error, code: undefined };
  const frames = error instanceof Error ? framesOf(error) : [];
  const kind = code === undefined ? name : `${name} ${code}`;
  return message(
    'bug',
    [
      'a bug: an unexpected error ended the program. The ledger is safe: run the same command again, and report this.',
      kind,
      ...frames,
    ].join('\n'),
  );
}

/** The stack below the error's own text, which may look like a part of it. */
function framesOf({ stack = '', message: text }: Error): readonly string[] {
  const at = stack.indexOf(text);
  const below = at === -1 ? '' : stack.slice(at + text.length);
  return below.split('\n').filter((line) => /^\s+at .*(:\d+:\d+\)?|\(<anonymous>\))$/.test(line));
}
