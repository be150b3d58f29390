import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ledgerFolder, lookAt } from '../../io/ledger/open.js';
import type { CommandContext } from '../context.js';
import { newLedgerNeeded } from '../output/messages/run-messages.js';
import type { PreparedImport } from '../settings/prepared.js';
import { UsageError } from '../usage-error.js';
import { ledgerDestination } from './ledger-destination.js';

export interface LedgerPlace {
  /** The folder that holds a folder per destination. */
  readonly folder: string;
  /** The destination has no ledger yet, on a target where an empty one would double everything. */
  readonly isNew: boolean;
  close(): Promise<void>;
}

/**
 * Where the ledger of an import is. At OneTrust an empty ledger would double what another one knows: a new one is made
 * only with `--new-ledger`, or when that is confirmed on a terminal. A dry run makes none there.
 * @throws {UsageError} when a new ledger is needed, and nobody said that it may be made
 */
export async function ledgerPlace(prepared: PreparedImport, context: CommandContext): Promise<LedgerPlace> {
  const { destination, ledger: folder, settings } = prepared;
  const close = async (): Promise<void> => undefined;
  if (destination.target !== 'onetrust' || destination.kind === 'sandbox') return { folder, isNew: false, close };
  const found = await lookAt(ledgerFolder({ folder, destination: ledgerDestination(destination) }));
  if (found !== undefined || settings.newLedger) return { folder, isNew: false, close };
  if (settings.dryRun) {
    const temporary = await mkdtemp(join(tmpdir(), 'consent-import-'));
    return { folder: temporary, isNew: true, close: () => rm(temporary, { recursive: true, force: true }) };
  }
  const canAsk = context.stdin.isTTY && context.stderr.isTTY && !settings.noInput && !destination.loopback;
  if (!canAsk || settings.yes) throw new UsageError([newLedgerNeeded(folder)]);
  return { folder, isNew: true, close };
}
