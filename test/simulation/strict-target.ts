import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../../src/core/ports.js';
import { type ReceiptCall, readCall } from '../../src/sandbox/onetrust/receipt-call.js';
import type { FakeReceipt } from '../fakes/fake-onetrust.js';
import type { VirtualClock } from '../fakes/virtual-clock.js';
import type { SeededRandom } from './seeded-random.js';

type Fault = 'lost' | 'timeout' | 'incomplete' | 'unreachable' | '429' | '500' | 'portal' | 'short' | '401';

const TIMEOUT_MS = 5_000;
const STEP_MS = 20;

/**
 * A receipts API as a legal archive has it: it keys on nothing, and takes every receipt that reaches it. It counts how
 * often it took each, and knows which were not clearly answered.
 */
export class StrictTarget implements Transport {
  /** Rows in requests that were not clearly answered. */
  readonly unanswered = new Set<string>();
  /** How likely a request meets trouble. */
  trouble = 0;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #poison: ReadonlySet<string>;
  readonly #seen: Set<string>;
  readonly #taken = new Map<string, number>();
  readonly #inFlight = new Map<string, number>();
  readonly #answeredAt = new Map<string, number>();
  readonly #onTaken: (call: ReceiptCall) => void;
  #unclear = false;
  #inSteps = false;
  #alive = true;

  /** @param onTaken told of each call whose receipts were taken */
  constructor(
    clock: VirtualClock,
    random: SeededRandom,
    poison: ReadonlySet<string>,
    seen: Set<string>,
    onTaken: (call: ReceiptCall) => void,
  ) {
    this.#clock = clock;
    this.#random = random;
    this.#poison = poison;
    this.#seen = seen;
    this.#onTaken = onTaken;
  }

  newRun(): void {
    this.#alive = true;
    this.#unclear = false;
    this.#inSteps = this.#random.chance(0.5);
    this.#inFlight.clear();
  }

  /** From now on nobody reads an answer: what is in flight stays unanswered. */
  processDied(): void {
    this.#alive = false;
    for (const [row, count] of this.#inFlight) if (count > 0) this.unanswered.add(row);
  }

  takenTimes(row: string): number {
    return this.#taken.get(row) ?? 0;
  }

  takenTwice(): string[] {
    return [...this.#taken].filter(([, times]) => times > 1).map(([row]) => row);
  }

  /** Was it in flight, or answered, since then? */
  isRecent(row: string, since: number): boolean {
    return (this.#inFlight.get(row) ?? 0) > 0 || (this.#answeredAt.get(row) ?? Number.NEGATIVE_INFINITY) >= since;
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    if (!this.#alive) throw new TransportError('unreachable', 'the process is dead');
    const value: unknown = JSON.parse(Buffer.from(request.body ?? []).toString('utf8'));
    const receipts = (Array.isArray(value) ? value : [value]) as FakeReceipt[];
    const rows = receipts.map(({ customPayload }) => customPayload.row);
    if (this.#unclear && rows.length === 1) this.#seen.add('single');
    for (const row of rows) this.#inFlight.set(row, (this.#inFlight.get(row) ?? 0) + 1);
    try {
      return await this.#handle(rows, request.body ?? new Uint8Array(0), signal);
    } catch (error) {
      if (error instanceof TransportError && error.failure !== 'unreachable') this.#isUnclear(rows);
      throw error;
    } finally {
      for (const row of rows) {
        this.#inFlight.set(row, this.#inFlight.get(row)! - 1);
        this.#answeredAt.set(row, this.#clock.monotonic());
      }
    }
  }

  async #handle(rows: readonly string[], body: Uint8Array, signal: AbortSignal | undefined): Promise<HttpResponse> {
    const random = this.#random;
    const fault = random.chance(this.trouble) ? this.#fault() : undefined;
    const arrives = fault === undefined || random.chance(0.5);
    await this.#pass(this.#latencyMs(), signal);
    if (fault !== undefined) this.#seen.add(fault);
    if (fault === 'unreachable') throw new TransportError('unreachable', 'simulated');
    if (fault === '429') return answer(429, 'slow down', random.chance(0.5) ? { 'retry-after': '3' } : {});
    if (fault === '401') return answer(401, 'no');
    if (rows.some((row) => this.#poison.has(row)) && arrives) {
      this.#seen.add('refused');
      return answer(400, 'bad');
    }
    if (arrives) {
      for (const row of rows) this.#taken.set(row, this.takenTimes(row) + 1);
      this.#onTaken(readCall(body));
    }
    if (fault !== undefined && arrives) this.#seen.add('taken, never answered');
    await this.#pass(fault === 'timeout' ? TIMEOUT_MS : this.#latencyMs(), signal);
    if (fault === undefined)
      return answer(
        200,
        rows.map((row) => ({ receipt: row })),
      );
    if (fault === 'lost' || fault === 'timeout' || fault === 'incomplete') throw new TransportError(fault, 'simulated');
    this.#isUnclear(rows);
    if (fault === '500') return answer(random.pick([500, 502, 503, 408]), 'oh');
    if (fault === 'portal') return answer(200, '<html>');
    return answer(
      200,
      [...rows, 'one more'].map((row) => ({ receipt: row })),
    );
  }

  /** In half of the runs answers come at the same moments: one is there while another is not settled yet. */
  #latencyMs(): number {
    const ms = this.#random.scale(1, 200);
    return this.#inSteps ? Math.ceil(ms / STEP_MS) * STEP_MS : ms;
  }

  #fault(): Fault {
    return this.#random.weighted([
      ['lost', 3],
      ['timeout', 2],
      ['incomplete', 2],
      ['unreachable', 4],
      ['429', 6],
      ['500', 3],
      ['portal', 2],
      ['short', 1],
      ['401', 1],
    ] as const);
  }

  #isUnclear(rows: readonly string[]): void {
    this.#unclear = true;
    for (const row of rows) this.unanswered.add(row);
  }

  async #pass(ms: number, signal: AbortSignal | undefined): Promise<void> {
    await this.#clock.sleep(ms, signal);
    if (signal?.aborted === true) throw new TransportError('cancelled', 'cancelled');
  }
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  const text = typeof body === 'string' && status === 200 ? body : JSON.stringify(body);
  return { status, headers, body: new TextEncoder().encode(text), framed: true };
}
