import type { Finding } from '../../core/rejection.js';
import { pointerToken } from '../json-pointer.js';
import { each, FINE, listed, type PointCheck } from './purpose-checks.js';

/** Data elements are defined on the collection point: OneTrust ignores others without a word. */
export const dataElementsDefined: PointCheck = ({ dsDataElements }, { dataElements }) =>
  keysAmong(
    dsDataElements,
    dataElements,
    '/dsDataElements',
    'is no data element of the collection point, so OneTrust would ignore it; it has',
  );

/**
 * What only a collection point of type API takes: a transaction type, an interaction date, and a link token (OpenAPI;
 * guide "Implementing the Collection Point with REST API").
 */
export const fitsType: PointCheck = ({ purposes, interactionDate, generateInstantLinkToken }, { type }) => {
  if (type === 'API') return FINE;
  const withType = (purposes ?? []).flatMap(({ TransactionType }, i) =>
    TransactionType === undefined ? [] : [`/purposes/${i}/TransactionType`],
  );
  const paths = [
    ...withType,
    ...(interactionDate === undefined ? [] : ['/interactionDate']),
    ...(generateInstantLinkToken === true ? ['/generateInstantLinkToken'] : []),
  ];
  if (paths.length === 0) return FINE;
  if (type === undefined) return undefined;
  const message = `must not be sent: the collection point is of type ${type}, and only type API takes it`;
  return paths.map((path) => ({ path, message }));
};

/** Only a collection point with dynamic configuration takes `identifierType`, and it needs it. */
export const identifierTypeFits: PointCheck = ({ identifierType }, { dynamic }) => {
  if (dynamic === undefined) return identifierType === undefined ? FINE : undefined;
  if (dynamic === (identifierType !== undefined)) return FINE;
  const message = dynamic
    ? 'must be given: the collection point has dynamic configuration'
    : 'must not be sent: only a collection point with dynamic configuration takes it';
  return [{ path: '/identifierType', message }];
};

/** Additional identifiers are of types that the collection point has. */
export const additionalIdentifiersAllowed: PointCheck = ({ additionalIdentifiers }, point) => {
  if (additionalIdentifiers === undefined || Object.keys(additionalIdentifiers).length === 0) return FINE;
  if (point.multipleIdentifierTypes === false) {
    const message = 'must not be sent: the collection point has one type of identifier only';
    return [{ path: '/additionalIdentifiers', message }];
  }
  return keysAmong(
    additionalIdentifiers,
    point.additionalIdentifiers,
    '/additionalIdentifiers',
    'is no additional identifier type of the collection point, which has',
  );
};

/** Parents are named only where the collection point links children to them, by types of identifiers that it has. */
export const parentsAllowed: PointCheck = ({ parentPrimaryIdentifiers: parents = [] }, point) => {
  if (parents.length === 0) return FINE;
  if (point.parentIdentifiers === undefined) return undefined;
  if (!point.parentIdentifiers) {
    const message = 'must not be sent: the collection point does not link parents and children';
    return [{ path: '/parentPrimaryIdentifiers', message }];
  }
  return each(
    parents,
    ({ AdditionalParentIdentifierTypes: types }, path) =>
      keysAmong(
        types,
        point.additionalParentIdentifierTypes,
        `${path}/AdditionalParentIdentifierTypes`,
        'is no additional parent identifier type of the collection point, which has',
      ),
    '/parentPrimaryIdentifiers',
  );
};

function keysAmong(
  map: Readonly<Record<string, string>> | undefined,
  allowed: ReadonlySet<string> | undefined,
  path: string,
  words: string,
): readonly Finding[] | undefined {
  let findings: Finding[] | undefined;
  for (const key in map) {
    if (allowed === undefined) return undefined;
    if (allowed.has(key)) continue;
    findings ??= [];
    findings.push({ path: `${path}/${pointerToken(key)}`, message: `${words} ${listed(allowed)}` });
  }
  return findings ?? FINE;
}
