import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { RunIdentity } from '../../io/ledger/holder.js';
import { ledgerFolder, lookAt } from '../../io/ledger/open.js';
import type { CommandContext } from '../context.js';
import { ledgerDestination } from '../import/ledger-destination.js';
import { type StatusRow, statusRow } from '../ledger/status-row.js';
import { counted } from '../output/figures.js';
import type { PreparedImport } from '../settings/prepared.js';
import type { Finding } from './finding.js';
import { codeOf, nearestFolder } from './machine.js';

/** Looks at the ledger of the destination; makes none. */
export async function ledgerFinding(
  { destination, ledger, settings }: PreparedImport,
  identity: RunIdentity,
  context: Pick<CommandContext, 'stdin' | 'stderr'>,
): Promise<Finding> {
  const folder = ledgerFolder({ folder: ledger, destination: ledgerDestination(destination) });
  const listed = await lookAt(folder);
  if (listed !== undefined) return findingOf(await statusRow(listed, identity));
  const parent = await nearestFolder(ledger);
  try {
    await access(parent, constants.W_OK);
  } catch (error) {
    const found = `${folder} can't be made (${codeOf(error)})`;
    const advice = 'Correct the permissions, or name another folder with --ledger.';
    return { check: 'ledger', verdict: 'problem', found, advice, reason: 'storage' };
  }
  const found = `${folder} does not exist yet: nothing was imported with it`;
  if (destination.target === 'didomi' || destination.kind === 'sandbox')
    return { check: 'ledger', verdict: 'ok', found };
  const canAsk = context.stdin.isTTY && context.stderr.isTTY && !settings.noInput && !destination.loopback;
  const advice =
    'If nothing was imported there before: --new-ledger. If there is a ledger elsewhere, name it with --ledger: an empty one would double everything.';
  return settings.newLedger || canAsk
    ? { check: 'ledger', verdict: 'warning', found, advice }
    : { check: 'ledger', verdict: 'problem', found, advice, reason: 'usage' };
}

function findingOf({ folder, state, ids, runs, holder, error }: StatusRow): Finding {
  if (state === 'held') {
    const by = holder === null ? 'another run' : `run ${holder.run} (process ${holder.pid} on ${holder.host})`;
    const found = `${folder} is held by ${by}`;
    return { check: 'ledger', verdict: 'problem', found, advice: 'Wait until it has ended.', reason: 'ledger_in_use' };
  }
  if (state !== 'free' || ids === null) {
    return { check: 'ledger', verdict: 'problem', found: folder, advice: error ?? '', reason: 'storage' };
  }
  const found = `${folder}: ${counted(ids.delivered, 'id')}, ${counted(runs ?? 0, 'run')}`;
  if (ids.inDoubt === 0) return { check: 'ledger', verdict: 'ok', found };
  const advice = 'List and settle them: consent-import ledger resolve';
  return { check: 'ledger', verdict: 'warning', found: `${found}, ${counted(ids.inDoubt, 'event')} in doubt`, advice };
}
