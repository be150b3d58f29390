import { createHash } from 'node:crypto';

/**
 * The namespace of the ids that this program gives to events without one. A constant for ever: with another one, an
 * event that was imported would be imported again under a new id.
 */
export const EVENT_NAMESPACE = '5e0f6c1b-3a7d-4c42-9d5e-8b1f27a4c903';

/** The id given to an event that has none, and the bytes that put it into the record. */
export interface GivenId {
  readonly id: string;
  /** `"id":"…",`, to be inserted directly after the record's `{`. */
  readonly splice: Uint8Array;
}

/**
 * Makes the id of an event that has none: a UUID version 5 (RFC 9562 section 5.5) in `EVENT_NAMESPACE`, whose name is
 * the organization id in UTF-8, a line feed, and the record's bytes as they stand in the input, without white space
 * around them. The same record for the same organization always gets the same id, so sending it twice stays harmless.
 */
export function createIdGiver(organizationId: string): (bytes: Uint8Array, start: number, end: number) => GivenId {
  const encoder = new TextEncoder();
  const organization = encoder.encode(`${organizationId}\n`);
  const before = new Uint8Array(16 + organization.length);
  before.set(uuidBytes(EVENT_NAMESPACE));
  before.set(organization, 16);
  return (bytes, start, end) => {
    const hash = createHash('sha1').update(before).update(bytes.subarray(start, end)).digest();
    hash[6] = (hash[6]! & 0x0f) | 0x50;
    hash[8] = (hash[8]! & 0x3f) | 0x80;
    const hex = hash.toString('hex');
    const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)];
    const id = parts.join('-');
    return { id, splice: encoder.encode(`"id":"${id}",`) };
  };
}

function uuidBytes(uuid: string): Uint8Array {
  const digits = uuid.replaceAll('-', '');
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(digits.slice(i * 2, i * 2 + 2), 16));
}

/** The kinds of ids by which Didomi knows a user; they stand in front of the id in a subject's name. */
export const ORGANIZATION_USER = 'o:';
export const DIDOMI_USER = 'u:';

/** The names of the subjects that a user belongs to, each with its kind in front; '' for none. */
export function organizationUser(user: { readonly organization_user_id?: unknown }): string {
  const id = user.organization_user_id;
  return typeof id === 'string' && id !== '' ? `${ORGANIZATION_USER}${id}` : '';
}

export function didomiUser(user: { readonly id?: unknown }): string {
  return typeof user.id === 'string' && user.id !== '' ? `${DIDOMI_USER}${user.id}` : '';
}
