import { isObject } from '../answer-body.js';

/**
 * What a collection point's token says of it. Each member is undefined where the token does not say it in a form that
 * is known: then what depends on it is not checked. UUIDs are in lower case.
 */
export interface CollectionPoint {
  readonly tenantId: string | undefined;
  /** The collection point itself. */
  readonly processId: string | undefined;
  readonly processVersion: number | undefined;
  readonly description: string | undefined;
  /** `API`, `HOSTED_WEB_FORM` and so on: the claim `moc`. */
  readonly type: string | undefined;
  /** What identifies a person, `Email` for one: the claim `sub`. */
  readonly identifierType: string | undefined;
  readonly allowNotGivenConsents: boolean | undefined;
  readonly doubleOptIn: boolean | undefined;
  readonly authenticationRequired: boolean | undefined;
  /** Any purpose may be sent. */
  readonly dynamic: boolean | undefined;
  readonly purposes: ReadonlyMap<string, AllowedPurpose> | undefined;
  readonly dataElements: ReadonlySet<string> | undefined;
  readonly multipleIdentifierTypes: boolean | undefined;
  readonly additionalIdentifiers: ReadonlySet<string> | undefined;
  readonly parentIdentifiers: boolean | undefined;
  readonly additionalParentIdentifierTypes: ReadonlySet<string> | undefined;
}

export interface AllowedPurpose {
  /** Empty where the token names none. */
  readonly versions: ReadonlySet<number>;
  readonly topics: ReadonlySet<string> | undefined;
  readonly customPreferences: ReadonlyMap<string, AllowedPreference> | undefined;
}

export interface AllowedPreference {
  readonly isRequired: boolean;
  readonly options: ReadonlySet<string> | undefined;
}

/**
 * Reads the payload of a collection point's token: a JWT (RFC 7519) whose claims OneTrust's OpenAPI shows by an example.
 * It is taken as a description only, never as proof: the signature can't be checked here, and the token has no end.
 * @returns undefined when it can't be decoded
 */
export function readCollectionPoint(token: string): CollectionPoint | undefined {
  const claims = claimsOf(token);
  if (claims === undefined) return undefined;
  return {
    tenantId: text(claims['tenantId']),
    processId: text(claims['processId']),
    processVersion: number(claims['processVersion']),
    description: text(claims['description']),
    type: text(claims['moc']),
    identifierType: text(claims['sub']),
    allowNotGivenConsents: flag(claims['allowNotGivenConsents']),
    doubleOptIn: flag(claims['doubleOptIn']),
    authenticationRequired: flag(claims['authenticationRequired']),
    dynamic: flag(claims['dynamicCollectionPoint']),
    purposes: purposesIn(claims['purposes']),
    dataElements: names(claims['dsDataElements']),
    multipleIdentifierTypes: flag(claims['multipleIdentifierTypes']),
    additionalIdentifiers: names(claims['additionalIdentifiers']),
    parentIdentifiers: flag(claims['enableParentPrimaryIdentifiers']),
    additionalParentIdentifierTypes: names(claims['additionalParentIdentifierTypes']),
  };
}

/** The claims of a JWT, its signature unchecked; undefined when the text is none. Never throws. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> | undefined {
  const payload = token.split('.')[1];
  if (payload === undefined || !/^[\w-]+=*$/.test(payload)) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isObject(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

function purposesIn(claim: unknown): ReadonlyMap<string, AllowedPurpose> | undefined {
  const entries = entriesOf(claim);
  if (entries === undefined) return undefined;
  const purposes = new Map<string, AllowedPurpose>();
  for (const [id, entry] of entries) {
    const version = number(entry['version']);
    const known = purposes.get(id);
    purposes.set(id, {
      versions: new Set([...(known?.versions ?? []), ...(version === undefined ? [] : [version])]),
      topics: union(known?.topics, ids(entry['topics'])),
      customPreferences: preferencesIn(entry['customPreferences']) ?? known?.customPreferences,
    });
  }
  return purposes;
}

function preferencesIn(claim: unknown): ReadonlyMap<string, AllowedPreference> | undefined {
  const entries = entriesOf(claim);
  if (entries === undefined) return undefined;
  return new Map(
    entries.map(([id, entry]) => [id, { isRequired: entry['isRequired'] === true, options: ids(entry['options']) }]),
  );
}

/** A list of objects with an `id`; undefined when one of them has none, for then the list is of another form. */
function entriesOf(claim: unknown): [string, Record<string, unknown>][] | undefined {
  if (!Array.isArray(claim)) return undefined;
  const entries: [string, Record<string, unknown>][] = [];
  for (const entry of claim) {
    const id = isObject(entry) ? text(entry['id']) : undefined;
    if (id === undefined) return undefined;
    entries.push([id.toLowerCase(), entry as Record<string, unknown>]);
  }
  return entries;
}

/** A list of ids: as texts, or as objects with an `id`. */
function ids(claim: unknown): ReadonlySet<string> | undefined {
  const found = texts(claim, ['id', 'Id']);
  return found === undefined ? undefined : new Set(found.map((id) => id.toLowerCase()));
}

/** A list of names: as texts, or as objects with a `name` or `type`. */
function names(claim: unknown): ReadonlySet<string> | undefined {
  const found = texts(claim, ['name', 'type']);
  return found === undefined ? undefined : new Set(found);
}

function texts(claim: unknown, keys: readonly string[]): string[] | undefined {
  if (!Array.isArray(claim)) return undefined;
  const found = claim.map((item) =>
    isObject(item) ? keys.map((key) => text(item[key])).find((said) => said !== undefined) : text(item),
  );
  return found.every((item) => item !== undefined) ? found : undefined;
}

function union<T>(a: ReadonlySet<T> | undefined, b: ReadonlySet<T> | undefined): ReadonlySet<T> | undefined {
  return a === undefined || b === undefined ? (a ?? b) : new Set([...a, ...b]);
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function flag(value: unknown): boolean | undefined {
  return typeof value === 'boolean' ? value : undefined;
}
