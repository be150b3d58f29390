import type { Target } from '../../core/target.js';

/** Events per request (Didomi docs, "Batch import": "up to 100 events per request"). */
export const DIDOMI_EVENTS_PER_REQUEST = 100;

/**
 * Didomi publishes no rate limit for `/consents/*` ("Rate limiting": not enforced there, and subject to change), so a
 * run has none until it is told one, by an option or by an answer's headers. `/sessions` is limited to 100 requests per
 * 15 seconds and organization; a run asks for a handful.
 */
export const DIDOMI_LIMITS: Target['limits'] = {};

/** `[` and `]` around the events, a comma between two. */
export const DIDOMI_OVERHEAD: Target['overhead'] = { perRequest: 2, perEvent: 1 };
