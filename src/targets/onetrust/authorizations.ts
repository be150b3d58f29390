import { isObject } from '../answer-body.js';
import { claimsOf } from './collection-point.js';

/** The signed token of each identifier, without `Bearer` (`--authorization-file`). */
export type Authorizations = ReadonlyMap<string, string>;

/**
 * Reads what `--authorization-file` holds: a JSON object of identifiers and their signed tokens (JWTs),
 * `{"jane@example.com": "eyJ…"}`. A token may have `Bearer ` in front. It must be one that can stand in a header, its
 * `sub` must be the identifier, and it must not be over (page "Create Consent Receipts in Bulk": the `sub` claim should
 * match the identifier); where a token does not tell, it is left to OneTrust.
 * @param nowMs the epoch time
 * @returns problems in words, with places counted from 1 instead of identifiers: those are people's
 */
export function readAuthorizations(
  json: unknown,
  nowMs: number,
): { readonly authorizations: Authorizations; readonly problems: readonly string[] } {
  const authorizations = new Map<string, string>();
  const problems: string[] = [];
  if (!isObject(json))
    return { authorizations, problems: ['it must be a JSON object of identifiers and their tokens'] };
  Object.entries(json).forEach(([identifier, given], i) => {
    const token = typeof given === 'string' ? given.replace(/^Bearer\s+/i, '') : '';
    const problem = problemOf(identifier, token, nowMs);
    if (problem !== undefined) problems.push(`the token of identifier ${i + 1} ${problem}`);
    else authorizations.set(identifier, token);
  });
  return { authorizations, problems };
}

function problemOf(identifier: string, token: string, nowMs: number): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(token)) return 'must be a text of visible ASCII characters';
  const claims = claimsOf(token);
  if (claims === undefined) return 'must be a signed JWT';
  const { sub, exp } = claims;
  if (sub !== undefined && sub !== identifier) return 'has another "sub" than that identifier';
  return typeof exp === 'number' && exp * 1000 <= nowMs ? 'has expired' : undefined;
}
