import { type CollectionPoint, readCollectionPoint } from '../../targets/onetrust/collection-point.js';
import { describeToken } from '../../targets/onetrust/describe-token.js';
import type { Finding } from './finding.js';

const CHECK = { check: 'collectionPoint' } as const;
const ADVICE = 'Copy the token anew from the Integrations tab of the collection point.';

/**
 * What the collection point's token says, and what of it an import would stumble over.
 * @param hasAuthorizations `--authorization-file` is given
 */
export function collectionPointFindings(token: string | undefined, hasAuthorizations: boolean): readonly Finding[] {
  if (token === undefined) {
    const advice = 'Set ONETRUST_COLLECTION_POINT_TOKEN, or name --credentials-file.';
    return [{ ...CHECK, verdict: 'warning', found: 'no token is set: each receipt must bring its own', advice }];
  }
  const point = readCollectionPoint(token);
  if (point === undefined) {
    const found = 'its token can not be decoded, so receipts are not checked against it';
    return [{ ...CHECK, verdict: 'warning', found, advice: ADVICE }];
  }
  const said: Finding = { ...CHECK, verdict: 'ok', found: 'its token allows:', more: describeToken(token) };
  const untold = CHECKED.filter((claim) => point[claim] === undefined);
  const lacks: Finding = {
    ...{ ...CHECK, verdict: 'warning', advice: ADVICE },
    found: 'its token does not tell all: what is not told above is not checked',
  };
  const needs: Finding = {
    ...{ ...CHECK, verdict: 'warning', found: 'only authenticated consent is taken: each receipt would be rejected' },
    advice: 'Name the file with the signed tokens: --authorization-file.',
  };
  return [
    said,
    ...(untold.length > 0 ? [lacks] : []),
    ...(point.authenticationRequired === true && !hasAuthorizations ? [needs] : []),
  ];
}

/** What an ordinary receipt is held against. */
const CHECKED = [
  'type',
  'purposes',
  'dynamic',
  'dataElements',
  'allowNotGivenConsents',
  'parentIdentifiers',
  'multipleIdentifierTypes',
  'authenticationRequired',
] as const satisfies readonly (keyof CollectionPoint)[];
