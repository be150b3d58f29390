/** What the stand-in has against one event: where (JSON Pointer into the event), and why. */
export interface EventFault {
  readonly path: string;
  readonly message: string;
}

/**
 * Checks one event as a server would that follows Didomi's published schema. Fields that it does not know are fine; so is
 * an event without a user id, for which Didomi makes up a user.
 * @param purposes the only purpose ids to accept; undefined accepts any
 */
export function faultOf(
  event: unknown,
  organization: string,
  purposes: ReadonlySet<string> | undefined,
): EventFault | undefined {
  if (!isObject(event)) return { path: '', message: 'must be object' };
  const { id, organization_id: named, created_at: createdAt, user, consents } = event;
  if (id !== undefined && (typeof id !== 'string' || id === '')) return { path: '/id', message: 'must be string' };
  if (named !== undefined && named !== organization) {
    return { path: '/organization_id', message: 'must be the organization of the request' };
  }
  if (createdAt !== undefined && (typeof createdAt !== 'string' || dateOf(createdAt) === undefined)) {
    return { path: '/created_at', message: 'must be an ISO 8601 date' };
  }
  if (!isObject(user)) return { path: '/user', message: 'must be object' };
  for (const key of ['id', 'organization_user_id']) {
    if (typeof (user[key] ?? '') !== 'string') return { path: `/user/${key}`, message: 'must be string' };
  }
  if (!isObject(consents)) return { path: '/consents', message: 'must be object' };
  return consentsFault(consents, purposes);
}

/** Epoch milliseconds of an ISO 8601 date, or undefined. */
export function dateOf(text: unknown): number | undefined {
  if (typeof text !== 'string' || !/^\d{4}-\d\d-\d\d/.test(text)) return undefined;
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function consentsFault(
  consents: Record<string, unknown>,
  known: ReadonlySet<string> | undefined,
): EventFault | undefined {
  const { purposes, vendors } = consents;
  if (vendors !== undefined && !isObject(vendors)) return { path: '/consents/vendors', message: 'must be object' };
  if (purposes === undefined) return undefined;
  if (!Array.isArray(purposes)) return { path: '/consents/purposes', message: 'must be array' };
  for (const [i, purpose] of purposes.entries()) {
    const path = `/consents/purposes/${i}`;
    if (!isObject(purpose)) return { path, message: 'must be object' };
    if (typeof purpose['id'] !== 'string') return { path: `${path}/id`, message: 'must be string' };
    for (const key of ['enabled', 'enabled_li']) {
      const value = purpose[key];
      if (value !== undefined && value !== null && typeof value !== 'boolean') {
        return { path: `${path}/${key}`, message: 'must be boolean or null' };
      }
    }
    if (known !== undefined && !known.has(purpose['id']))
      return { path: `${path}/id`, message: 'is not a known purpose' };
  }
  return undefined;
}
