import { type Ask, AskError } from '../../core/ask.js';
import { type ReadReceipt, readReceiptsPage } from './read-receipt.js';
import { encodeReceiptsQuery, FIRST_PAGE, fitsHeader, type PageMark, type ReceiptsQuery } from './receipts-query.js';

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
  const found = new Map<string, ReadReceipt>();
  let mark: PageMark | undefined = FIRST_PAGE;
  let inVain = 0;
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
    const before = found.size;
    for (const receipt of page.receipts) found.set(receipt.id ?? `${at.number}/${found.size}`, receipt);
    inVain = found.size === before ? inVain + 1 : 0;
    // A page that repeats what is known, though it is not the last: pages don't turn as they should.
    const repeats = page.receipts.length > 0 && inVain > 0;
    if (page.next !== undefined && (repeats || inVain > MOST_EMPTY_PAGES)) {
      return { receipts: chosen(found, query), complete: false };
    }
    mark = page.next;
  }
  return { receipts: chosen(found, query), complete: true };
}

/** A search in parts may come to so many empty pages in a row before one that holds something. */
const MOST_EMPTY_PAGES = 100;

function chosen(found: ReadonlyMap<string, ReadReceipt>, query: ReceiptsQuery): ReadReceipt[] {
  const { identifier, from, to } = query;
  const byHeader = identifier !== undefined && fitsHeader(identifier);
  return [...found.values()].filter((receipt) => {
    // What was asked for by its identifier is this person's, unless it says another one.
    const isTheirs =
      identifier === undefined ||
      (receipt.identifier === undefined ? byHeader : isSame(receipt.identifier, identifier));
    const { created } = receipt;
    return isTheirs && (created === undefined || (created >= from && created <= to));
  });
}

/** Whether platforms keep the case of an address is not documented. */
function isSame(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}
