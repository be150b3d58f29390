import type { EventStore } from '../event-store.js';
import { jsonResponse, type SandboxRequest, type SandboxResponse } from '../exchange.js';
import type { RefusalStyle } from '../faults.js';
import { RequestLimit } from '../request-limit.js';
import { seededRandom } from '../seeded-random.js';
import type { Element, Intake, Orders, StandIn } from '../stand-in.js';
import { slowDown, takenResponse } from './answers.js';
import type { KeptReceipt, ReceiptBook } from './receipt-book.js';
import { pointOf, type ReceiptCall, readCall } from './receipt-call.js';
import type { ReceiptCounts } from './receipt-counts.js';
import { claimsIn, type OneTrustSettings } from './settings.js';

const PREFIX = '/request/v1';
const ROUTES: Readonly<Record<string, 'single' | 'bulk'>> = {
  'POST /consentreceipts': 'single',
  'POST /consentreceipts/bulk': 'bulk',
};
const MINUTE_MS = 60_000;

/**
 * OneTrust's consent receipts API, as far as an importer meets it. It checks what OneTrust is known to check, and that is
 * little: JSON, a token and an identifier. Every receipt that arrives is taken, also one that was taken before.
 */
export class ReceiptsStandIn implements StandIn {
  readonly prefix = PREFIX;
  readonly #settings: OneTrustSettings;
  readonly #store: EventStore;
  readonly #book: ReceiptBook;
  readonly #random: () => number;
  #limits: Readonly<Record<'single' | 'bulk', RequestLimit>>;

  constructor(settings: OneTrustSettings, store: EventStore, book: ReceiptBook, seed: number) {
    this.#settings = settings;
    this.#store = store;
    this.#book = book;
    this.#random = seededRandom(seed);
    this.#limits = this.#newLimits();
  }

  receive(request: SandboxRequest): Intake {
    const kind = ROUTES[`${request.method} ${request.path.slice(PREFIX.length)}`];
    if (kind === undefined) {
      return { route: 'other', elements: [], process: () => this.error(404, 'Not Found') };
    }
    const call = readCall(request.body);
    return {
      route: 'events',
      elements: call.elements,
      process: (number, nowMs, orders) =>
        this.#tooMany(kind, call, nowMs) ??
        this.#refusal(request, kind, call, orders) ??
        this.#take(request, kind, call, number, nowMs, orders),
    };
  }

  /** OneTrust documents no error body; for 401 and 403 of the single route it says "a string". */
  error(status: number, message: string): SandboxResponse {
    return jsonResponse(status, message);
  }

  receipts(): ReceiptCounts {
    return this.#book.counts();
  }

  reset(): void {
    this.#book.reset();
    this.#limits = this.#newLimits();
  }

  #newLimits(): Readonly<Record<'single' | 'bulk', RequestLimit>> {
    const { single, bulk } = this.#settings.callsPerMinute;
    const limit = (requests: number): RequestLimit =>
      new RequestLimit({ requests, windowMs: MINUTE_MS, kind: 'sliding' });
    return { single: limit(single), bulk: limit(bulk) };
  }

  /** The calls of a minute, and the receipts of a day. */
  #tooMany(kind: 'single' | 'bulk', call: ReceiptCall, nowMs: number): SandboxResponse | undefined {
    const state = this.#limits[kind].take(nowMs);
    if (state.over) {
      return slowDown(state.resetMs, this.#random, { calls: this.#settings.callsPerMinute[kind], period: 'MINUTE' });
    }
    const { receiptsPerDay } = this.#settings;
    if (this.#book.hasRoomFor(call.elements.length, receiptsPerDay, nowMs)) return undefined;
    return slowDown(this.#book.untilTomorrow(nowMs), this.#random);
  }

  /** Why nothing of the call is taken. */
  #refusal(
    request: SandboxRequest,
    kind: 'single' | 'bulk',
    { broken, single, elements }: ReceiptCall,
    orders: Orders,
  ): SandboxResponse | undefined {
    const { bodies, maxReceipts, maxBodyBytes, acceptsToken } = this.#settings;
    if (request.body.length > maxBodyBytes) return this.error(413, 'Payload Too Large');
    if (broken !== undefined) return this.error(400, 'Bad Request');
    const shape = single ? 'object' : 'array';
    if (kind === 'single' ? !single : bodies !== 'either' && bodies !== shape) return this.error(400, 'Bad Request');
    if (elements.length === 0 || elements.length > maxReceipts) return this.error(400, 'Bad Request');
    const tokens = elements.map(({ value }) => member(value, 'requestInformation'));
    if (elements.some(({ value }, i) => tokens[i] === '' || member(value, 'identifier') === '')) {
      return this.error(400, 'Bad Request');
    }
    if (orders.expireTokens || !tokens.every((token) => acceptsToken(token))) return this.error(401, 'Unauthorized');
    if (new Set(tokens.map(pointOf)).size > 1) return this.error(400, 'Bad Request');
    return elements.every((element, i) => isAuthenticated(request, element, tokens[i]!))
      ? undefined
      : this.error(403, 'Forbidden');
  }

  #take(
    request: SandboxRequest,
    kind: 'single' | 'bulk',
    call: ReceiptCall,
    number: number,
    nowMs: number,
    orders: Orders,
  ): SandboxResponse {
    const refused = new Map<number, RefusalStyle>();
    call.elements.forEach((_, index) => {
      const style = orders.refuse(index);
      if (style !== undefined) refused.set(index, style);
    });
    const [first] = refused;
    const taken: KeptReceipt[] = [];
    call.elements.forEach((element, index) => {
      const { start, end } = element;
      const point = pointOf(member(element.value, 'requestInformation'));
      const about = { organization: point, request: number, atMs: nowMs };
      if (keeps(first, refused, index)) {
        const receipt = this.#book.take(element, point, nowMs, this.#random);
        taken.push(receipt);
        if (orders.drops(index)) {
          this.#book.drop(receipt);
          return;
        }
        this.#book.alter(receipt, orders.alters(index));
        this.#store.accept({ ...about, id: receipt.id }, request.body, start, end);
        orders.accepted(element);
      } else if (refused.has(index)) {
        const note = 'is refused by the fault script';
        this.#store.refuse({ ...about, id: element.id ?? '' }, note, request.body, start, end);
      }
    });
    if (first !== undefined && first[1].keeps !== 'items') return this.error(first[1].status, 'Bad Request');
    return takenResponse(
      this.#settings,
      kind === 'bulk' && !(call.single && this.#settings.oneAnswer === 'object'),
      taken,
    );
  }
}

/** Is the receipt at this place taken, although others of the call are refused? */
function keeps(
  first: readonly [number, RefusalStyle] | undefined,
  refused: ReadonlyMap<number, RefusalStyle>,
  index: number,
): boolean {
  if (first === undefined) return true;
  const [at, style] = first;
  if (style.keeps === 'nothing') return false;
  return style.keeps === 'before' ? index < at : !refused.has(index);
}

/** With authenticated consent, the call carries a token of the very person: its `sub` is the identifier. */
function isAuthenticated(request: SandboxRequest, { value }: Element, token: string): boolean {
  if (claimsIn(token)?.['authenticationRequired'] !== true) return true;
  const [scheme, signed = ''] = (request.headers['authorization'] ?? '').split(' ');
  return scheme === 'Bearer' && claimsIn(signed)?.['sub'] === member(value, 'identifier');
}

function member(value: unknown, name: string): string {
  const found = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  return typeof found === 'string' ? found : '';
}
