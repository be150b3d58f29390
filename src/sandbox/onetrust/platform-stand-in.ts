import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../exchange.js';
import { seededRandom } from '../seeded-random.js';
import type { Intake, Orders, StandIn } from '../stand-in.js';
import type { KeptReceipt, ReceiptBook } from './receipt-book.js';
import type { OneTrustSettings } from './settings.js';

const PREFIX = '/api';
const DAY_MS = 86_400_000;
const MOST_PER_PAGE = 50;
/** Without `includeArchived`, no receipt that is older is found. */
const ARCHIVED_AFTER_MS = 90 * DAY_MS;
const TOKEN_LIFE_MS = 3_600_000;

/**
 * The part of OneTrust's platform that reads receipts back:
 * - `POST /access/v1/oauth/token`: a form with grant_type client_credentials, client_id and client_secret;
 * - `POST /consent/v2/receipts?fromDate&toDate&page&size&includeArchived`, with the header `identifier` or without; at
 *   most 24 hours of creation dates, and 50 receipts a page. Answers `{content, totalElements, totalPages, number, size, last}`.
 */
export class PlatformStandIn implements StandIn {
  readonly prefix = PREFIX;
  readonly #settings: OneTrustSettings;
  readonly #book: ReceiptBook;
  readonly #random: () => number;
  /** Token to the epoch milliseconds of its end. */
  #tokens = new Map<string, number>();

  constructor(settings: OneTrustSettings, book: ReceiptBook, seed: number) {
    this.#settings = settings;
    this.#book = book;
    this.#random = seededRandom(seed);
  }

  receive(request: SandboxRequest): Intake {
    switch (`${request.method} ${request.path.slice(PREFIX.length)}`) {
      case 'POST /access/v1/oauth/token':
        return { route: 'sessions', elements: [], process: (_, nowMs, orders) => this.#grant(request, nowMs, orders) };
      case 'POST /consent/v2/receipts':
        return { route: 'other', elements: [], process: (_, nowMs, orders) => this.#list(request, nowMs, orders) };
      default:
        return { route: 'other', elements: [], process: () => this.error(404, 'Not Found') };
    }
  }

  error(status: number, message: string): SandboxResponse {
    return jsonResponse(status, { status, message });
  }

  reset(): void {
    this.#tokens.clear();
  }

  #grant(request: SandboxRequest, nowMs: number, orders: Orders): SandboxResponse {
    const form = new URLSearchParams(new TextDecoder().decode(request.body));
    if (form.get('grant_type') !== 'client_credentials') return jsonResponse(400, { error: 'unsupported_grant_type' });
    const [id, secret] = [form.get('client_id') ?? '', form.get('client_secret') ?? ''];
    if (orders.refuseSession || !this.#settings.acceptsClient(id, secret)) {
      return jsonResponse(401, { error: 'invalid_client' });
    }
    const token = Array.from({ length: 4 }, () => Math.floor(this.#random() * 2 ** 32).toString(36)).join('-');
    this.#tokens.set(token, nowMs + TOKEN_LIFE_MS);
    return jsonResponse(200, { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFE_MS / 1000 });
  }

  #list(request: SandboxRequest, nowMs: number, orders: Orders): SandboxResponse {
    if (orders.expireTokens) this.#tokens.clear();
    const [, token = ''] = (request.headers['authorization'] ?? '').split(' ');
    if ((this.#tokens.get(token) ?? 0) <= nowMs) return this.error(401, 'Unauthorized');
    const { query, headers } = request;
    const from = Date.parse(query.get('fromDate') ?? '');
    const to = Date.parse(query.get('toDate') ?? '');
    const identifier = headers['identifier'];
    const dated = query.has('fromDate') || query.has('toDate');
    if (!dated && identifier === undefined) return this.error(400, 'fromDate and toDate, or identifier, are required');
    if (dated && !(from <= to && to - from <= DAY_MS))
      return this.error(400, 'fromDate to toDate must span 24 hours or less');
    const size = Number(query.get('size') ?? '20');
    const page = Number(query.get('page') ?? '0');
    if (!(size >= 1 && size <= MOST_PER_PAGE && page >= 0))
      return this.error(400, `size must be from 1 to ${MOST_PER_PAGE}`);
    const oldest = query.get('includeArchived') === 'true' && identifier !== undefined ? 0 : nowMs - ARCHIVED_AFTER_MS;
    const found = this.#book.receipts.filter(
      ({ createdMs, value }) =>
        createdMs + this.#settings.readLagMs <= nowMs &&
        createdMs >= oldest &&
        (!dated || (createdMs >= from && createdMs <= to)) &&
        (identifier === undefined || value['identifier'] === identifier),
    );
    const pages = Math.ceil(found.length / size);
    return jsonResponse(200, {
      content: found.slice(page * size, (page + 1) * size).map(readBack),
      totalElements: found.length,
      totalPages: pages,
      number: page,
      size,
      last: page >= pages - 1,
    });
  }
}

/** A receipt as the read API gives it (Receipts v2), as far as it is known. */
function readBack({ id, createdMs, point, value, transactionIds }: KeptReceipt): object {
  const purposes = Array.isArray(value['purposes']) ? (value['purposes'] as Record<string, unknown>[]) : [];
  return {
    id,
    identifier: value['identifier'],
    collectionPointUUID: point.split('/')[1],
    interactionDate: value['interactionDate'] ?? null,
    consentCreationDate: new Date(createdMs).toISOString(),
    customPayload: value['customPayload'] ?? {},
    test: value['test'] ?? false,
    purposes: purposes.map(({ Id, Version, TransactionType }, i) => ({
      id: Id,
      version: Version,
      transactionType: TransactionType,
      transactionId: transactionIds[i],
    })),
    origin: 'API',
  };
}
