import type { OpenLedger } from '../../io/ledger/open.js';
import type { NamedLedger } from '../output/messages/run-messages.js';

/** An open ledger as first lines name it. Call it before anything is recorded. */
export function ledgerLook({ folder, isNew, ledger }: OpenLedger): NamedLedger {
  return { path: folder, ids: ledger.size, lastUsed: ledger.runs.at(-1)?.startedAt, isNew };
}
