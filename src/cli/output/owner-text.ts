import type { Owner } from '../settings/place.js';

/** Whose events they are, for messages. */
export function ownerText(owner: Owner): string {
  if (owner.target === 'didomi') return `organization ${owner.organization}`;
  const { processId, tenantId } = owner.point;
  if (owner.token === undefined) return 'the collection point that each receipt names';
  return `collection point ${processId}${tenantId === '' ? '' : ` of tenant ${tenantId}`}`;
}
