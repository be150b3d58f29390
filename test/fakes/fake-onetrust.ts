import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../../src/core/ports.js';
import { createOneTrustRules } from '../../src/targets/onetrust/rules.js';
import { createOneTrustTarget, type OneTrustOptions } from '../../src/targets/onetrust/target.js';
import type { Fate } from './fake-didomi.js';
import type { LedgerContent, MemoryLedger } from './memory-ledger.js';
import { VirtualClock } from './virtual-clock.js';
import { World } from './world.js';

export interface FakeReceipt {
  readonly identifier: string;
  readonly requestInformation: string;
  readonly customPayload: { readonly row: string };
}

export interface ReceiptCall {
  /** From 1. */
  readonly number: number;
  /** Monotonic ms at which it left. */
  readonly at: number;
  readonly receipts: readonly FakeReceipt[];
  readonly rows: readonly string[];
  readonly authorization: string | undefined;
  /** The ids that the ledger held as in doubt, or delivered, when it left. */
  readonly inLedger: number;
}

export interface FakeOneTrustOptions {
  readonly latencyMs?: (call: ReceiptCall) => number;
  /** Decides instead of the ordinary rules, which take every receipt. */
  readonly fate?: (call: ReceiptCall) => Fate | undefined;
}

/** A target in memory that takes every receipt, also one that it has. */
export class FakeOneTrust implements Transport {
  readonly calls: ReceiptCall[] = [];
  /** Rows in the order in which they were taken; one that was taken twice stands there twice. */
  readonly taken: string[] = [];
  mostInFlight = 0;
  readonly #clock: VirtualClock;
  readonly #options: FakeOneTrustOptions;
  readonly #ledger: () => MemoryLedger;
  #inFlight = 0;

  constructor(clock: VirtualClock, options: FakeOneTrustOptions, ledger: () => MemoryLedger) {
    this.#clock = clock;
    this.#options = options;
    this.#ledger = ledger;
  }

  /** Rows that were taken more than once. */
  get twice(): string[] {
    return this.taken.filter((row, i) => this.taken.indexOf(row) !== i);
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    const value: unknown = JSON.parse(Buffer.from(request.body ?? []).toString('utf8'));
    const receipts = (Array.isArray(value) ? value : [value]) as FakeReceipt[];
    const call: ReceiptCall = {
      number: this.calls.length + 1,
      at: this.#clock.monotonic(),
      receipts,
      rows: receipts.map(({ customPayload }) => customPayload.row),
      authorization: request.headers['authorization'],
      inLedger: this.#ledger().size,
    };
    this.calls.push(call);
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    try {
      await this.#clock.sleep(this.#options.latencyMs?.(call) ?? 20, signal);
      if (signal?.aborted === true) throw new TransportError('cancelled', 'cancelled');
      return this.#answer(call);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #answer(call: ReceiptCall): HttpResponse {
    const fate = this.#options.fate?.(call) ?? { status: 200 };
    if ('failure' in fate) {
      if (fate.arrives === true) this.taken.push(...call.rows);
      throw new TransportError(fate.failure, `it was ${fate.failure}`);
    }
    const { status, headers = {} } = fate;
    if (status < 300) this.taken.push(...call.rows);
    const body = 'body' in fate ? fate.body : status < 300 ? call.rows.map((row) => ({ receipt: `r-${row}` })) : 'no';
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return { status, headers, body: new TextEncoder().encode(text), framed: true };
  }
}

export const POINT_TOKEN = pointToken('point-1');

/** A token in form, of a collection point that says nothing but who it is. */
export function pointToken(processId: string): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS512' })}.${part({ tenantId: 'tenant', processId })}.c2lnbmF0dXJl`;
}

/** A run's surroundings with OneTrust in the place of Didomi. */
export function oneTrustWorld(
  options: FakeOneTrustOptions & {
    readonly content?: LedgerContent;
    readonly clock?: VirtualClock;
    readonly target?: Partial<OneTrustOptions>;
  } = {},
): { readonly world: World; readonly oneTrust: FakeOneTrust } {
  const clock = options.clock ?? new VirtualClock();
  const target: OneTrustOptions = { body: 'array', token: POINT_TOKEN, ...options.target };
  const oneTrust: FakeOneTrust = new FakeOneTrust(clock, options, () => world.ledger);
  const ports = {
    transport: oneTrust,
    target: createOneTrustTarget(target),
    rules: createOneTrustRules({
      token: target.token,
      idPointer: '/customPayload/row',
      authorized: target.authorizations && new Set(target.authorizations.keys()),
    }),
  };
  const world: World = new World({ clock, ports, ...(options.content && { content: options.content }) });
  return { world, oneTrust };
}

/** The line of a valid receipt. */
export function receiptLine(row: string, person: string, more: Record<string, unknown> = {}): string {
  const customPayload = { row };
  return JSON.stringify({ identifier: person, interactionDate: '2024-05-06T07:08:09Z', customPayload, ...more });
}

/** `count` receipts of `persons` persons in turn: `r0` to `r…`, of `p0` to `p…`. */
export function receiptLines(count: number, persons = count): string[] {
  return Array.from({ length: count }, (_, i) => receiptLine(`r${i}`, `p${i % persons}`));
}
