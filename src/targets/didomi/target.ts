import type { Target } from '../../core/target.js';
import { createDidomiAuthorizer, type DidomiCredentials } from './authorize.js';
import { classifyAnswer } from './classify.js';
import { encodeEvents, eventsPath } from './encode.js';
import { DIDOMI_LIMITS, DIDOMI_OVERHEAD } from './limits.js';

export interface DidomiOptions {
  readonly organizationId: string;
  /** Do not forward these events to the organization's integrations. */
  readonly disableIntegrations: boolean;
  readonly credentials: DidomiCredentials;
}

/**
 * Didomi's consents API, `https://api.didomi.io/v1` (Didomi docs, "Batch import"). An event's `id` is what Didomi keys
 * on ("guarantees that events are never imported twice"), and no event leaves without one, so a resend is harmless.
 */
export function createDidomiTarget(options: DidomiOptions): Target {
  const path = eventsPath(options.organizationId, options.disableIntegrations);
  return {
    name: 'didomi',
    resendIsHarmless: true,
    limits: DIDOMI_LIMITS,
    overhead: DIDOMI_OVERHEAD,
    encode: (events, token) => encodeEvents(events, path, token),
    classify: classifyAnswer,
    authorizer: createDidomiAuthorizer(options.credentials),
  };
}
