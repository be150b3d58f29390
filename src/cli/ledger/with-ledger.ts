import { systemClock } from '../../io/clock.js';
import { assertLedgerFolder, type LedgerOptions, type OpenLedger, openLedger } from '../../io/ledger/open.js';
import { type CheckDepth, LOOK } from '../../io/ledger/store-folder.js';
import { idRuleOf, ledgerDestination } from '../import/ledger-destination.js';
import { ledgerFirstLine } from '../output/messages/run-messages.js';
import { ownerText } from '../output/owner-text.js';
import { ledgerLook } from './ledger-look.js';
import { assertCanConfirm, confirmChange } from './permission.js';
import type { Verb } from './verb.js';

/** Which ledger a verb means, and who asks. */
export function ledgerOptions({ ledger, place, identity, settings }: Verb): LedgerOptions {
  const destination = ledgerDestination(place);
  return { folder: ledger, destination, idRule: idRuleOf(place, settings), run: identity, clock: systemClock };
}

/** The same, where the ledger has to be there already. @throws {LedgerMissingError} */
export async function knownLedger(verb: Verb): Promise<LedgerOptions> {
  const options = ledgerOptions(verb);
  await assertLedgerFolder(options);
  return options;
}

/**
 * Opens the ledger, says which it is, lets `act` work on it, and closes it.
 * @param check `all` for what changes it
 * @throws {LedgerError}
 */
export function withLedger<T>(verb: Verb, check: CheckDepth, act: (opened: OpenLedger) => Promise<T>): Promise<T> {
  return using(verb, check, (opened) => {
    verb.reporter.info(ledgerFirstLine(placeNamed(verb), ledgerLook(opened)));
    return act(opened);
  });
}

/**
 * Changes the ledger once that is confirmed: by `--yes`, or by the answer to a question that a look at the ledger
 * makes. While the question stands, the ledger is free for others.
 * @param question undefined where there is nothing to change, and so nothing to ask
 * @throws {LedgerError, UsageError}
 */
export async function changeLedger<Look, T>(
  verb: Verb,
  look: (opened: OpenLedger) => Promise<Look>,
  question: (look: Look) => string | undefined,
  act: (opened: OpenLedger) => Promise<T>,
): Promise<T> {
  assertCanConfirm(verb);
  if (verb.settings.yes) return withLedger(verb, 'all', act);
  const asked = question(await withLedger(verb, LOOK, look));
  if (asked !== undefined) await confirmChange(verb, asked);
  return using(verb, 'all', act);
}

/** The same, without saying which ledger it is. @throws {LedgerError} */
export async function using<T>(verb: Verb, check: CheckDepth, act: (opened: OpenLedger) => Promise<T>): Promise<T> {
  const opened = await openLedger({ ...ledgerOptions(verb), create: false, check });
  let done: T;
  try {
    done = await act(opened);
  } catch (error) {
    // What went wrong first is what has to be told.
    await opened.close().catch(() => undefined);
    throw error;
  }
  await opened.close();
  return done;
}

/** The destination as messages name it. */
export function placeNamed({ place }: Verb): {
  readonly target: string;
  readonly owner: string;
  readonly apiUrl: string | undefined;
} {
  return { target: place.target, owner: ownerText(place), apiUrl: place.kind === 'sandbox' ? undefined : place.apiUrl };
}
