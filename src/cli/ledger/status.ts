import { exitCodeOf } from '../../core/exit-code.js';
import { LedgerMissingError } from '../../io/ledger/errors.js';
import { type ListedLedger, ledgerFolder, listLedgers, lookAt } from '../../io/ledger/open.js';
import type { Execute } from '../commands/command.js';
import { ledgerDestination } from '../import/ledger-destination.js';
import { ledgerUnfit } from '../output/messages/run-messages.js';
import type { Place } from '../settings/place.js';
import { type StatusRow, statusRow } from './status-row.js';
import { statusText } from './status-text.js';
import { runOverallVerb, type Verb } from './verb.js';

/** `ledger status`: answers also while a run holds a ledger. Exit 10 when one is damaged or can't be read. */
export const executeStatus: Execute = (call) =>
  runOverallVerb('status', call, async (verb) => {
    const rows: StatusRow[] = [];
    for (const listed of await meant(verb)) {
      const row = await statusRow(listed, verb.identity);
      if (row.error !== null) verb.reporter.error(ledgerUnfit(row.error));
      rows.push(row);
    }
    const texts = rows.map((row) => statusText(row, verb.context.now()));
    return {
      json: { version: 1, ledgers: rows },
      text: texts.length === 0 ? `There is no ledger below ${verb.ledger}.` : texts.join('\n\n'),
      exitCode: rows.some(({ error }) => error !== null) ? exitCodeOf('storage') : 0,
    };
  });

/** @throws {LedgerMissingError} when the one destination that is named has no ledger */
async function meant({ ledger, place }: Verb<Place | undefined>): Promise<readonly ListedLedger[]> {
  if (place === undefined) return listLedgers(ledger);
  const folder = ledgerFolder({ folder: ledger, destination: ledgerDestination(place) });
  const listed = await lookAt(folder);
  if (listed === undefined) throw new LedgerMissingError(folder);
  return [listed];
}
