import type { HttpRequest } from '../../core/ports.js';

/** Which receipts are asked for. */
export interface ReceiptsQuery {
  /** Whose: identifiers as they were sent. A single one goes into a header, if it can; else everybody's are read. */
  readonly identifiers: readonly string[];
  /** The id of a collection point; it is used only where the identifier is not. */
  readonly collectionPoint: string | undefined;
  /** Epoch ms of their creation, both included; at most 24 hours apart. */
  readonly from: number;
  readonly to: number;
}

/** Where a further page begins, as the page before told it. */
export interface PageMark {
  /** From 0. */
  readonly number: number;
  /** As it came, to be given back. */
  readonly continuation: unknown;
}

export const FIRST_PAGE: PageMark = { number: 0, continuation: undefined };

/** Most receipts of a page, and most hours of a query (OpenAPI, Receipts V2). */
export const MOST_PER_PAGE = 50;
export const LONGEST_WINDOW_MS = 24 * 3_600_000;

/** The identifier that the platform is asked for; undefined where it is asked for everybody's receipts. */
export function headerIdentifier({ identifiers: [first, ...others] }: ReceiptsQuery): string | undefined {
  return first !== undefined && others.length === 0 && fitsHeader(first) ? first : undefined;
}

/** Can the identifier stand in a header as it is? Others can only be found by reading everybody's. */
export function fitsHeader(identifier: string): boolean {
  return /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(identifier);
}

/**
 * `POST /api/consent/v2/receipts` (OpenAPI, Receipts V2): the identifier in a header, which disables the other filters;
 * dates to the second and without a zone, taken for UTC; `requestContinuation` of the page before in the body.
 * @throws {RangeError} for more than 24 hours
 */
export function encodeReceiptsQuery(query: ReceiptsQuery, mark: PageMark, token: string): HttpRequest {
  const from = Math.floor(query.from / 1000) * 1000;
  const to = Math.floor(query.to / 1000) * 1000;
  if (to - from > LONGEST_WINDOW_MS || to < from) throw new RangeError('receipts are read for 24 hours or less');
  const identifier = headerIdentifier(query);
  const parameters = new URLSearchParams({
    fromDate: dateOf(from),
    toDate: dateOf(to),
    page: String(mark.number),
    size: String(MOST_PER_PAGE),
    sort: 'consentCreationDate,asc',
    ...(identifier === undefined &&
      query.collectionPoint !== undefined && { collectionPointGuid: query.collectionPoint }),
  });
  const body = mark.continuation === undefined ? {} : { requestContinuation: mark.continuation };
  return {
    method: 'POST',
    path: `/api/consent/v2/receipts?${parameters}`,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      authorization: `Bearer ${token}`,
      ...(identifier !== undefined && { identifier }),
    },
    body: new TextEncoder().encode(JSON.stringify(body)),
  };
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
