import {
  LedgerDamagedError,
  LedgerInUseError,
  LedgerMismatchError,
  LedgerMissingError,
  LedgerVersionError,
} from '../../io/ledger/errors.js';
import { LedgerRestoreError } from '../../io/ledger/restore.js';
import { ledgerDamaged } from '../output/messages/ledger-messages.js';
import type { Message } from '../output/messages/message.js';
import { ledgerInUse, ledgerUnfit } from '../output/messages/run-messages.js';

const WRONG_USAGE = [LedgerMismatchError, LedgerMissingError, LedgerVersionError, LedgerRestoreError];

/**
 * What a ledger that can't be used means for the command.
 * @param repair the command that repairs it
 */
export function ledgerProblem(
  error: Error,
  repair: string,
): { readonly reason: 'ledger_in_use' | 'usage' | 'storage'; readonly message: Message } {
  if (error instanceof LedgerInUseError) return { reason: 'ledger_in_use', message: ledgerInUse(error.message) };
  if (error instanceof LedgerDamagedError) return { reason: 'storage', message: ledgerDamaged(error.message, repair) };
  const isWrongUsage = WRONG_USAGE.some((kind) => error instanceof kind);
  return { reason: isWrongUsage ? 'usage' : 'storage', message: ledgerUnfit(error.message) };
}
