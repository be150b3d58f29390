import type { AuditRecord } from '../../io/ledger/operator.js';
import type { Verb } from './verb.js';

/** Who changes what, for the record in the ledger. */
export function changedBy({ context }: Verb, what: string): Omit<AuditRecord, 'ids'> {
  return { time: context.now(), user: context.user, what };
}
