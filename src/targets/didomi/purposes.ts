import type { HttpRequest, HttpResponse } from '../../core/ports.js';
import { readBody } from '../answer-body.js';
import { readToldLimits } from '../told-limits.js';

/** The purposes that an organization has. */
export type FoundPurposes =
  | { readonly kind: 'found'; readonly ids: ReadonlySet<string> }
  /** The route refused. `waitMs` is the wait that it asked for. */
  | { readonly kind: 'refused'; readonly status: number; readonly waitMs?: number }
  /** A success that is no list of purposes. */
  | { readonly kind: 'unclear' };

const PER_PAGE = 100;
/** No organization has that many: a route that always has another page must not hold a run up for ever. */
const MOST_PAGES = 50;

/**
 * Reads all purposes of an organization: `GET /metadata/purposes` with `$limit` and `$skip` (Didomi docs; the route is
 * rate-limited, unlike `/consents`). The answer's shape is not documented: `{data, total}` and a bare array are read.
 * @param send sends one request; what it throws is thrown on
 */
export async function readPurposes(
  send: (request: HttpRequest) => Promise<HttpResponse>,
  organizationId: string,
  token: string,
  now: () => number,
): Promise<FoundPurposes> {
  const ids = new Set<string>();
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const response = await send(purposesRequest(organizationId, token, page * PER_PAGE));
    const { status } = response;
    if (status < 200 || status >= 300) {
      const waitMs = readToldLimits(response.headers, now())?.retryAfterMs;
      return waitMs === undefined ? { kind: 'refused', status } : { kind: 'refused', status, waitMs };
    }
    const items = itemsOf(response);
    if (items === undefined) return { kind: 'unclear' };
    const before = ids.size;
    for (const { id } of items.list) ids.add(id);
    // A route that does not know `$skip` sends the same page again.
    const isLast = items.list.length < PER_PAGE || ids.size >= (items.total ?? Infinity) || ids.size === before;
    if (isLast) break;
  }
  return { kind: 'found', ids };
}

function purposesRequest(organizationId: string, token: string, skip: number): HttpRequest {
  const query = `organization_id=${encodeURIComponent(organizationId)}&%24limit=${PER_PAGE}&%24skip=${skip}`;
  return {
    method: 'GET',
    path: `/metadata/purposes?${query}`,
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
  };
}

interface Items {
  readonly list: readonly { readonly id: string }[];
  readonly total: number | undefined;
}

function itemsOf(response: HttpResponse): Items | undefined {
  const body = readBody(response);
  if (body.kind !== 'json') return undefined;
  const value = body.value as { readonly data?: unknown; readonly total?: unknown } | readonly unknown[] | null;
  const list = Array.isArray(value) ? value : (value as { readonly data?: unknown } | null)?.data;
  if (!Array.isArray(list) || !list.every(isPurpose)) return undefined;
  const total = Array.isArray(value) ? undefined : (value as { readonly total?: unknown }).total;
  return { list, total: typeof total === 'number' ? total : undefined };
}

function isPurpose(value: unknown): value is { readonly id: string } {
  return typeof (value as { readonly id?: unknown } | null)?.id === 'string';
}
