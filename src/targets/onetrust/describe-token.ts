import { type CollectionPoint, readCollectionPoint } from './collection-point.js';

/**
 * What a collection point's token allows, in words, for people who set an import up. One line each; nothing of the token
 * itself but names, ids and settings.
 */
export function describeToken(token: string): string[] {
  const point = readCollectionPoint(token);
  if (point === undefined) {
    return ['The collection point token can not be decoded, so receipts are not checked against it.'];
  }
  return [
    `Collection point ${point.processId ?? '(not named)'}${version(point)} of tenant ${point.tenantId ?? '(not named)'}${named(point)}`,
    type(point),
    `People are identified by ${point.identifierType ?? 'a type that is not told'}; further identifiers: ${identifiers(point)}`,
    ...purposes(point),
    `Data elements: ${list(point.dataElements, 'none; others would be ignored')}`,
    choice(point.allowNotGivenConsents, {
      yes: 'NOTGIVEN is taken',
      no: 'NOTGIVEN is not taken',
      untold: 'Whether NOTGIVEN is taken is not told',
    }),
    choice(point.doubleOptIn, {
      yes: 'Double opt-in: consent is pending at first',
      no: 'No double opt-in',
      untold: 'Double opt-in is not told',
    }),
    choice(point.parentIdentifiers, {
      yes: 'Parents may be named',
      no: 'Parents may not be named',
      untold: 'Whether parents may be named is not told',
    }),
    choice(point.authenticationRequired, {
      yes: 'Only authenticated consent is taken: --authorization-file is needed',
      no: 'No authenticated consent is needed',
      untold: 'Whether authenticated consent is needed is not told',
    }),
  ];
}

function version({ processVersion }: CollectionPoint): string {
  return processVersion === undefined ? '' : `, version ${processVersion},`;
}

function named({ description }: CollectionPoint): string {
  return description === undefined ? '' : `: ${description}`;
}

function type({ type }: CollectionPoint): string {
  if (type === undefined) return 'Its type is not told';
  if (type === 'API') return 'Type API: transaction types and interaction dates are taken';
  return `Type ${type}: no transaction types, and no interaction dates`;
}

function identifiers({ multipleIdentifierTypes, additionalIdentifiers }: CollectionPoint): string {
  return multipleIdentifierTypes === false ? 'none' : list(additionalIdentifiers, 'none');
}

function purposes({ dynamic, purposes }: CollectionPoint): string[] {
  if (dynamic === true) return ['Dynamic configuration: any purpose is taken, and identifierType is needed'];
  if (purposes === undefined) return ['Its purposes are not told'];
  return [
    `${purposes.size} ${purposes.size === 1 ? 'purpose is' : 'purposes are'} taken:`,
    ...[...purposes].map(([id, { versions, customPreferences }]) => {
      const preferences = [...(customPreferences ?? [])].map(
        ([preference, { isRequired, options }]) =>
          `${preference}${isRequired ? ' (required)' : ''}, ${options?.size ?? 'unknown'} options`,
      );
      const about = preferences.length === 0 ? '' : `; custom preferences: ${preferences.join('; ')}`;
      return `  ${id}${versions.size === 0 ? '' : `, version ${[...versions].join(' or ')}`}${about}`;
    }),
  ];
}

function list(names: ReadonlySet<string> | undefined, none: string): string {
  if (names === undefined) return 'not told';
  return names.size === 0 ? none : [...names].join(', ');
}

function choice(
  value: boolean | undefined,
  words: { readonly yes: string; readonly no: string; readonly untold: string },
): string {
  if (value === undefined) return words.untold;
  return value ? words.yes : words.no;
}
