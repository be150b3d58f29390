import type { Input } from '../../core/input.js';
import { ledgerFolder, lookAt } from '../../io/ledger/open.js';
import type { CommandContext } from '../context.js';
import { confirm, confirmation } from '../output/confirmation.js';
import { confirmationNeeded, confirmationQuestion, notConfirmed } from '../output/messages/confirmation-messages.js';
import type { NamedDestination } from '../output/messages/run-messages.js';
import type { PreparedImport } from '../settings/prepared.js';
import { UsageError } from '../usage-error.js';
import { ledgerDestination } from './ledger-destination.js';

/**
 * Asks before anything is sent, on a terminal, into anything but a sandbox or a loopback address: naming target,
 * organization, address, ledger, files and sizes.
 * @param isNew the target has no ledger yet where an empty one would double everything
 * @throws {UsageError} when the import must be confirmed and is not
 */
export async function askFirst(
  { destination, settings, ledger }: PreparedImport,
  named: NamedDestination,
  inputs: readonly Input[],
  context: CommandContext,
  isNew: boolean,
): Promise<void> {
  const harmless = destination.kind === 'sandbox' || destination.loopback || settings.dryRun || inputs.length === 0;
  const needed = confirmation(context, { harmless, yes: settings.yes, noInput: settings.noInput });
  if (needed === 'missing') throw new UsageError([confirmationNeeded()]);
  if (needed === 'not_needed') return;
  const folder = ledgerFolder({ folder: ledger, destination: ledgerDestination(destination) });
  const found = await lookAt(folder);
  const files = inputs.map(({ info }) => ({ path: info.path, bytes: info.size }));
  const question = confirmationQuestion(named, { path: folder, isNew: found === undefined, doubles: isNew }, files);
  if (!(await confirm(context, question))) throw new UsageError([notConfirmed()]);
}
