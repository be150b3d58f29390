import { ledgerFolder } from '../../io/ledger/open.js';
import { repairLedger } from '../../io/ledger/repair.js';
import type { Execute } from '../commands/command.js';
import { count, counted } from '../output/figures.js';
import { repairQuestion } from '../output/messages/ledger-messages.js';
import { ledgerFirstLine } from '../output/messages/run-messages.js';
import { assertCanConfirm, confirmChange } from './permission.js';
import { runVerb } from './verb.js';
import { knownLedger, placeNamed } from './with-ledger.js';

/** `ledger repair`: keeps of a damaged ledger what is provably intact. */
export const executeRepair: Execute = (call) =>
  runVerb('repair', call, async (verb) => {
    assertCanConfirm(verb);
    const options = await knownLedger(verb);
    const folder = ledgerFolder(options);
    await confirmChange(verb, repairQuestion(folder));
    const { delivered, inDoubt, lost } = await repairLedger({ ...options, user: verb.context.user });
    verb.reporter.info(ledgerFirstLine(placeNamed(verb), { path: folder, ids: delivered + inDoubt }));
    const kept = `Repaired: ${counted(delivered, 'event')} delivered, ${count(inDoubt)} in doubt`;
    return {
      json: { version: 1, ledger: folder, delivered, inDoubt, lost: lost ?? null },
      text: `${kept}; ${lostText(lost)} Every file is read again by the next import.`,
    };
  });

function lostText(lost: number | undefined): string {
  if (lost === undefined) return 'how many were lost can not be told: the next import sends those again.';
  return lost === 0 ? 'none was lost.' : `${count(lost)} lost: the next import sends those again.`;
}
