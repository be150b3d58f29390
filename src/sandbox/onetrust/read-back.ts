import type { SandboxRequest } from '../exchange.js';
import type { KeptReceipt } from './receipt-book.js';
import type { OneTrustSettings } from './settings.js';

const DAY_MS = 86_400_000;
const MOST_PER_PAGE = 50;
/** Without `includeArchived`, no receipt that is older is found. */
const ARCHIVED_AFTER_MS = 90 * DAY_MS;

/** What a request for receipts asks for. */
export interface ReadRequest {
  readonly identifier: string | undefined;
  readonly collectionPoint: string | undefined;
  readonly dates: { readonly from: number; readonly to: number } | undefined;
  readonly archived: boolean;
  readonly page: number;
  readonly size: number;
}

/** Reads a request, or says in words why it is refused. */
export function readRequest({ query, headers, body }: SandboxRequest): ReadRequest | string {
  const identifier = headers['identifier'];
  const dates = datesIn(query);
  if (dates === undefined && identifier === undefined) return 'fromDate and toDate, or identifier, are required';
  if (dates !== undefined && !(dates.from <= dates.to && dates.to - dates.from <= DAY_MS)) {
    return 'fromDate to toDate must span 24 hours or less';
  }
  const size = Number(query.get('size') ?? '20');
  const page = continuedPage(body) ?? Number(query.get('page') ?? '0');
  if (!(size >= 1 && size <= MOST_PER_PAGE && page >= 0)) return `size must be from 1 to ${MOST_PER_PAGE}`;
  return {
    identifier,
    collectionPoint: query.get('collectionPointGuid') ?? undefined,
    dates,
    archived: query.get('includeArchived') === 'true' && identifier !== undefined,
    page,
    size,
  };
}

/** One page of what can be read at this time: OneTrust's slice, which does not tell how many there are. */
export function readPage(
  asked: ReadRequest,
  receipts: readonly KeptReceipt[],
  nowMs: number,
  settings: OneTrustSettings,
): object {
  const { identifier, collectionPoint, page, size } = asked;
  const dates = identifier !== undefined && settings.identifierAlone ? undefined : asked.dates;
  const oldest = asked.archived ? 0 : nowMs - ARCHIVED_AFTER_MS;
  const found = receipts.filter(
    ({ createdMs, point, value }) =>
      createdMs + settings.readLagMs <= nowMs &&
      createdMs >= oldest &&
      (dates === undefined || (createdMs >= dates.from && createdMs <= dates.to)) &&
      (identifier === undefined ? isOf(point, collectionPoint) : value['identifier'] === identifier),
  );
  const content = found.slice(page * size, (page + 1) * size).map((receipt) => shown(receipt, settings));
  const last = (page + 1) * size >= found.length;
  const continued = settings.readPaging === 'continuation' && !last;
  return {
    content,
    pageable: { pageNumber: page, pageSize: size, ...(continued && { requestContinuation: `page:${page + 1}` }) },
    first: page === 0,
    last,
    number: page,
    size,
    numberOfElements: content.length,
    empty: content.length === 0,
  };
}

function isOf(point: string, collectionPoint: string | undefined): boolean {
  return collectionPoint === undefined || point.split('/')[1] === collectionPoint;
}

/** A receipt as the read API gives it (OpenAPI, `ReceiptInformationDetailDto`), as far as it is known. */
function shown({ id, createdMs, point, value, transactionIds }: KeptReceipt, settings: OneTrustSettings): object {
  const purposes = Array.isArray(value['purposes']) ? (value['purposes'] as Record<string, unknown>[]) : [];
  const payload = value['customPayload'] ?? {};
  return {
    id,
    dataSubjectIdentifier: value['identifier'],
    collectionPointUUID: point.split('/')[1],
    interactionDate: value['interactionDate'] ?? null,
    consentCreationDate: new Date(createdMs).toISOString(),
    customPayload: settings.readPayload === 'text' ? JSON.stringify(payload) : payload,
    test: value['test'] ?? false,
    ...(value['language'] !== undefined && { language: value['language'] }),
    purposes: purposes.map(({ Id, Version, TransactionType }, i) => ({
      id: Id,
      version: Version,
      transactionType: TransactionType,
      transactionId: transactionIds[i],
    })),
    origin: 'API',
  };
}

function datesIn(query: URLSearchParams): ReadRequest['dates'] {
  const [from, to] = [query.get('fromDate'), query.get('toDate')];
  return from === null && to === null ? undefined : { from: dateOf(from), to: dateOf(to) };
}

/** `yyyy-MM-dd` or `yyyy-MM-ddTHH:mm:ss`, in UTC; a zone may stand behind it. */
function dateOf(text: string | null): number {
  return Date.parse(/T[\d:.]+$/.test(text ?? '') ? `${text}Z` : (text ?? ''));
}

/** The page that the body's continuation stands for. */
function continuedPage(body: Uint8Array): number | undefined {
  const mark = /"requestContinuation"\s*:\s*"page:(\d+)"/.exec(new TextDecoder().decode(body));
  return mark === null ? undefined : Number(mark[1]);
}
