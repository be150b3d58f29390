import type { AnswerStyle } from '../faults.js';

/** How the OneTrust stand-in behaves, where its documents contradict each other or are silent. */
export interface OneTrustSettings {
  /** `status` and `refusals` count, and `shape`: `data`, `single` and `empty` make answers of a wrong form or length. */
  readonly answers: AnswerStyle;
  /** Which bodies the bulk route takes: an array of receipts, one receipt, or either. */
  readonly bodies: 'array' | 'object' | 'either';
  /** What the bulk route answers to a body that is one receipt: an array of one, or the object. */
  readonly oneAnswer: 'array' | 'object';
  /** Whether `receipt` is a JWT whose `jti` is the receipt's id, or the id itself. */
  readonly receipts: 'jwt' | 'uuid';
  /** Most receipts in one call. The real limit is not published. */
  readonly maxReceipts: number;
  /** Larger bodies are answered with 413. The real limit is not published. */
  readonly maxBodyBytes: number;
  /** The documents: 3,000 calls a minute on the bulk route, 2,000 on the single one. */
  readonly callsPerMinute: { readonly bulk: number; readonly single: number };
  /** The documents: 3,000,000 receipts a day. */
  readonly receiptsPerDay: number;
  /** Whether a collection point's token is taken. */
  acceptsToken(token: string): boolean;
  /** Whether a client may read receipts back. */
  acceptsClient(id: string, secret: string): boolean;
  /** A receipt can be read back so long after it was taken: effects are asynchronous. */
  readonly readLagMs: number;
  /** The documents: 1,000 calls a minute and endpoint for an account. */
  readonly readCallsPerMinute: number;
  /** How the next page is asked for: by its number, or by what the page before handed out (the documents know both). */
  readonly readPaging: 'page' | 'continuation';
  /** Whether a `customPayload` is read back as an object or as a text: the document says the one and shows the other. */
  readonly readPayload: 'object' | 'text';
  /** Asked for by an identifier, dates do not count (the documents: it "disables all other filters"). */
  readonly identifierAlone: boolean;
}

export const ONETRUST_CALLS_PER_MINUTE = { bulk: 3000, single: 2000 } as const;
export const ONETRUST_RECEIPTS_PER_DAY = 3_000_000;
export const ONETRUST_READS_PER_MINUTE = 1000;

/** Any JWT that names a collection point will do: no signature is checked. */
export function acceptsAnyPoint(token: string): boolean {
  return claimsIn(token)?.['processId'] !== undefined;
}

/** Any client will do, but not `bad`. */
export function acceptsAnyClient(id: string, secret: string): boolean {
  return id !== '' && secret !== '' && id !== 'bad';
}

/** The claims of a JWT, its signature unchecked. */
export function claimsIn(token: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? (claims as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
