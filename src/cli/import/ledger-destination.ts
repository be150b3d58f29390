import type { Destination } from '../../io/ledger/destination.js';
import type { Place } from '../settings/prepared.js';

/** The destination as ledgers tell them apart. */
export function ledgerDestination(place: Place): Destination {
  const { target, organization } = place;
  return place.kind === 'sandbox'
    ? { target, organization, address: '', sandbox: true }
    : { target, organization, address: place.apiUrl };
}

/** Names the rule that makes a Didomi event's id: its own, else a UUID version 5 of organization and bytes. */
export const ID_RULE = 'didomi:id-or-uuid5';
