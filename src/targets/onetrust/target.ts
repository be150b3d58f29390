import type { Authorizer, Sendable, Target } from '../../core/target.js';
import type { Authorizations } from './authorizations.js';
import { classifyAnswer } from './classify.js';
import { encodeReceipts, identifierOf, ownTokenOf } from './encode.js';
import { type BodyShape, ONETRUST_LIMITS, ONETRUST_OVERHEAD } from './limits.js';
import { withoutUnaskedTokens } from './link-tokens.js';

export interface OneTrustOptions {
  readonly body: BodyShape;
  /** The collection point's token; undefined: each record brings its own. Records get it from the rules. */
  readonly token: string | undefined;
  /** For authenticated consent: the signed token of each identifier. */
  readonly authorizations?: Authorizations | undefined;
}

/**
 * OneTrust's consent receipts API, `https://privacyportal.onetrust.com/request/v1`. It keys on nothing (no client id, no
 * idempotency key is documented, and each receipt is immutable), so a resend may make a second legal record.
 *
 * Receipts of two collection points never share a call, nor, with signed tokens, those of two identifiers.
 */
export function createOneTrustTarget(options: OneTrustOptions): Target {
  const { body, token, authorizations } = options;
  const groupOf = (event: Sendable): string =>
    JSON.stringify([
      token === undefined ? (ownTokenOf(event) ?? '') : '',
      authorizations === undefined ? '' : (identifierOf(event) ?? ''),
    ]);
  return {
    name: 'onetrust',
    resendIsHarmless: false,
    limits: ONETRUST_LIMITS,
    overhead: ONETRUST_OVERHEAD[body],
    ...(body === 'object' && { maxEvents: 1 }),
    ...((token === undefined || authorizations !== undefined) && { groupOf }),
    encode: (events) => encodeReceipts(events, body, authorizations),
    classify: (events, response, nowMs) => {
      const signed = authorizations?.get(identifierOf(events[0]!) ?? '');
      // The events of a call are of one collection point.
      const secrets = [token ?? ownTokenOf(events[0]!), signed].filter((secret) => secret !== undefined);
      return withoutUnaskedTokens(events, classifyAnswer(events.length, response, secrets, nowMs));
    },
    authorizer: NO_SESSION,
  };
}

/** There are no sessions: what a call needs stands in its body, or in its `authorization`. */
const NO_SESSION: Authorizer = {
  fixed: '',
  obtain: async () => ({ kind: 'token', token: '', renewAt: Number.POSITIVE_INFINITY }),
};
