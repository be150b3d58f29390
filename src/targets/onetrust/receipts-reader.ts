import { type Ask, AskError } from '../../core/ask.js';
import { type ReadReceipt, readReceiptsPage } from './read-receipt.js';
import {
  encodeReceiptsQuery,
  FIRST_PAGE,
  headerIdentifier,
  type PageMark,
  type ReceiptsQuery,
} from './receipts-query.js';

/** What reading came to. */
export interface FoundReceipts {
  /** Each receipt once. Those of other people and dates are left out, also where the platform passed over a filter. */
  readonly receipts: readonly ReadReceipt[];
  /** Every page was read: what is not among the receipts, the platform does not show. */
  readonly complete: boolean;
}

/**
 * Reads the receipts of a query from OneTrust's platform, page by page.
 * @throws {AskError} when the platform can't be read, or answers as no such API does
 */
export async function readReceipts(ask: Ask, query: ReceiptsQuery, signal?: AbortSignal): Promise<FoundReceipts> {
  const isWanted = filterOf(query);
  const found = new Map<string, ReadReceipt>();
  let before: ReadonlySet<string | undefined> = new Set();
  let mark: PageMark | undefined = FIRST_PAGE;
  let emptyPages = 0;
  while (mark !== undefined) {
    const at: PageMark = mark;
    const response = await ask((token) => encodeReceiptsQuery(query, at, token), signal);
    const { status } = response;
    if (status === 403)
      throw new AskError(
        'auth',
        'the OAuth client may not read receipts (403): it needs the scope CONSENT or CONSENT_READ',
      );
    const page = readReceiptsPage(response, at);
    if (page === undefined) {
      throw new AskError('unavailable', `the platform answers a request for receipts as no such API does (${status})`);
    }
    for (const receipt of page.receipts) {
      if (isWanted(receipt)) found.set(receipt.id ?? `${at.number}/${found.size}`, receipt);
    }
    const ids = new Set(page.receipts.map(({ id }) => id));
    const repeats = ids.size > 0 && [...ids].every((id) => before.has(id));
    emptyPages = ids.size === 0 ? emptyPages + 1 : 0;
    // Pages don't turn as they should.
    if (page.next !== undefined && (repeats || emptyPages > MOST_EMPTY_PAGES)) {
      return { receipts: [...found.values()], complete: false };
    }
    before = ids;
    mark = page.next;
  }
  return { receipts: [...found.values()], complete: true };
}

/** A search in parts may come to so many empty pages in a row before one that holds something. */
const MOST_EMPTY_PAGES = 100;

/** Those of other people and dates may come too: not every filter is kept. */
function filterOf(query: ReceiptsQuery): (receipt: ReadReceipt) => boolean {
  const { from, to } = query;
  const wanted = new Set(query.identifiers.map(folded));
  // What was asked for by its identifier is this person's, unless it says another one.
  const unnamedIsTheirs = headerIdentifier(query) !== undefined;
  return ({ identifier, created }) => {
    const isTheirs = identifier === undefined ? unnamedIsTheirs : wanted.has(folded(identifier));
    return isTheirs && (created === undefined || (created >= from && created <= to));
  };
}

/** Whether the platform keeps the case of an address is not documented. */
export function folded(identifier: string): string {
  return identifier.trim().toLowerCase();
}
