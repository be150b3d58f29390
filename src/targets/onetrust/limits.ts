import type { Target } from '../../core/target.js';

/** Body of a request: an array of receipts, or one receipt (`--body`). OneTrust's documents know both; see `encode`. */
export type BodyShape = 'array' | 'object';

/** "The default rate limit for imports is 3k Calls/Minute and 3M Receipts/Day" (page "Create Consent Receipts in Bulk"). */
export const ONETRUST_LIMITS: Target['limits'] = { requestsPerMinute: 3000, eventsPerDay: 3_000_000 };

/** `[` and `]` around the receipts and a comma between two; a single receipt has nothing around it. */
export const ONETRUST_OVERHEAD: Readonly<Record<BodyShape, Target['overhead']>> = {
  array: { perRequest: 2, perEvent: 1 },
  object: { perRequest: 0, perEvent: 0 },
};

/**
 * Calls a minute for reading receipts back. The receipts API's own limit is not published; accounts have 1,000 calls a
 * minute and endpoint (page "Rate Limits"), and a 429 tells where there are fewer.
 */
export const ONETRUST_READS_PER_MINUTE = 1000;
