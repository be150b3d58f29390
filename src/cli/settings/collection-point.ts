import { createHash } from 'node:crypto';
import { readCollectionPoint } from '../../targets/onetrust/collection-point.js';

/** Whose receipts they are, as ledgers tell destinations apart: never the version of the token. */
export interface PointName {
  readonly tenantId: string;
  readonly processId: string;
}

/** Each record brings its own token: one ledger for all collection points at this address. */
export const OWN_POINTS: PointName = { tenantId: '', processId: '' };

/** A token that does not say whose it is stands for itself. */
export function pointName(token: string | undefined): PointName {
  if (token === undefined) return OWN_POINTS;
  const { tenantId, processId } = readCollectionPoint(token) ?? {};
  const itself = `token-${createHash('sha256').update(token).digest('hex').slice(0, 16)}`;
  return { tenantId: tenantId ?? '', processId: processId ?? itself };
}
