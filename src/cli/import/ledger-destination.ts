import type { Destination } from '../../io/ledger/destination.js';
import { oneTrustIdRule } from '../../targets/onetrust/identify.js';
import type { Owner, Place } from '../settings/place.js';
import type { Settings } from '../settings/settings.js';

/** The destination as ledgers tell them apart. */
export function ledgerDestination(place: Place): Destination {
  const { target } = place;
  const owner = place.target === 'didomi' ? { organization: place.organization } : { ...place.point };
  return place.kind === 'sandbox'
    ? { target, ...owner, address: '', sandbox: true }
    : { target, ...owner, address: place.apiUrl };
}

/** Names the rule that makes a Didomi event's id: its own, else a UUID version 5 of organization and bytes. */
export const ID_RULE = 'didomi:id-or-uuid5';

/** Names the rule that makes event ids: ids by another rule are other ids. */
export function idRuleOf(owner: Owner, { idPointer }: Settings): string {
  if (owner.target === 'didomi') return ID_RULE;
  return oneTrustIdRule({ idPointer, oneCollectionPoint: owner.token !== undefined });
}
