import type { SentRecord } from './inquiry.js';

/** What a target was found to hold of an event that the ledger knows as delivered. */
export const HOLDINGS = ['match', 'missing', 'different', 'cantBeTold'] as const;

export type HoldingKind = (typeof HOLDINGS)[number];

export type Holding =
  /** All that must agree does. */
  | { readonly kind: 'match' }
  | { readonly kind: 'missing' }
  /** `paths`: JSON Pointers into the event, of what differs, in the order of the event. */
  | { readonly kind: 'different'; readonly paths: readonly string[] }
  /** The target's answer does not tell. `why` completes "can't be told: …"; it never shows content. */
  | { readonly kind: 'cantBeTold'; readonly why: string };

/**
 * Reads back what the target holds of one event, where that takes more than one request.
 * @throws {AskError} when the target can't be asked
 */
export type ReadBack = (sent: SentRecord, signal?: AbortSignal) => Promise<Holding>;
