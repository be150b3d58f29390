import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../exchange.js';
import { RequestLimit } from '../request-limit.js';
import { seededRandom } from '../seeded-random.js';
import type { Intake, Orders, StandIn } from '../stand-in.js';
import { slowDown } from './answers.js';
import { readPage, readRequest } from './read-back.js';
import type { ReceiptBook } from './receipt-book.js';
import type { OneTrustSettings } from './settings.js';

const PREFIX = '/api';
const TOKEN_LIFE_MS = 3_600_000;

/**
 * The part of OneTrust's platform that reads receipts back:
 * - `POST /access/v1/oauth/token`: a form with grant_type client_credentials, client_id and client_secret;
 * - `POST /consent/v2/receipts?fromDate&toDate&collectionPointGuid&page&size&includeArchived`, with the header
 *   `identifier` or without; at most 24 hours of creation dates, and 50 receipts a page. Answers a slice:
 *   `{content, pageable: {requestContinuation}, number, size, last, …}`.
 */
export class PlatformStandIn implements StandIn {
  readonly prefix = PREFIX;
  readonly #settings: OneTrustSettings;
  readonly #book: ReceiptBook;
  readonly #random: () => number;
  /** Token to the epoch milliseconds of its end. */
  #tokens = new Map<string, number>();
  #limit: RequestLimit;

  constructor(settings: OneTrustSettings, book: ReceiptBook, seed: number) {
    this.#settings = settings;
    this.#book = book;
    this.#random = seededRandom(seed);
    this.#limit = this.#newLimit();
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
    this.#limit = this.#newLimit();
  }

  #newLimit(): RequestLimit {
    return new RequestLimit({ requests: this.#settings.readCallsPerMinute, windowMs: 60_000, kind: 'sliding' });
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
    const state = this.#limit.take(nowMs);
    if (state.over) {
      return slowDown(state.resetMs, this.#random, { calls: this.#settings.readCallsPerMinute, period: 'MINUTE' });
    }
    if (orders.expireTokens) this.#tokens.clear();
    const [, token = ''] = (request.headers['authorization'] ?? '').split(' ');
    if ((this.#tokens.get(token) ?? 0) <= nowMs) return this.error(401, 'Unauthorized');
    const asked = readRequest(request);
    if (typeof asked === 'string') return this.error(400, asked);
    return jsonResponse(200, readPage(asked, this.#book.receipts, nowMs, this.#settings));
  }
}
