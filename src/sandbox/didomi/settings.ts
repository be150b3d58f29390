import type { AnswerStyle } from '../faults.js';

/** How the Didomi stand-in behaves. */
export interface DidomiSettings {
  readonly answers: AnswerStyle;
  /** Whether a session is given for this key and secret. */
  acceptsCredentials(key: string, secret: string): boolean;
  /** Most events in one array. The documents say 100. */
  readonly maxEvents: number;
  /** Larger bodies are answered with 413. The real limit is not published. */
  readonly maxBodyBytes: number;
  /** Purposes that the organization has; others are refused. Undefined: any id will do. */
  readonly purposes: readonly string[] | undefined;
  /** The documents: 100 requests in 15 s per organization, on all routes but `/consents/*`. */
  readonly otherRoutesLimit: { readonly requests: number; readonly windowMs: number };
}

export const DIDOMI_MAX_EVENTS = 100;
export const DIDOMI_OTHER_ROUTES_LIMIT = { requests: 100, windowMs: 15_000 } as const;

/** Any key and secret will do, but not the key `bad`. */
export function acceptsAnyButBad(key: string, secret: string): boolean {
  return key !== '' && secret !== '' && key !== 'bad';
}
