import type { Chunk, Input } from '../../src/core/input.js';
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../../src/core/ports.js';
import type { RunResult } from '../../src/core/run.js';
import { StoredLedger } from '../../src/io/ledger/ledger.js';
import { startImport } from '../../src/pipeline/import.js';
import { createOneTrustRules } from '../../src/targets/onetrust/rules.js';
import { createOneTrustTarget } from '../../src/targets/onetrust/target.js';
import { POINT_TOKEN, receiptLine } from '../fakes/fake-onetrust.js';
import { MemoryRejects } from '../fakes/memory-rejects.js';
import { VirtualClock } from '../fakes/virtual-clock.js';
import { settingsWith } from '../fakes/world.js';
import { MemoryDisk } from '../io/ledger/memory-store.js';
import { LeanMemory } from './lean-ledger.js';
import { SeededRandom } from './seeded-random.js';

/** One or more days of an import into OneTrust, in virtual time. */
export interface BusyDay {
  readonly receipts: number;
  readonly body: 'array' | 'object';
  readonly seed: number;
  /** Receipts per UTC day that the target takes; the published limit where it is left out. */
  readonly perDay?: number;
  /** Calls per minute that the account has, of which only its 429s tell; at least the published limit otherwise. */
  readonly accountPerMinute?: number;
  /** How often the process is killed. */
  readonly kills: number;
  /** How likely a call is answered with a 429, or its answer lost. */
  readonly trouble: number;
}

export interface BusyOutcome {
  /** Receipts that the target took, by UTC day. */
  readonly takenByDay: ReadonlyMap<string, number>;
  /** Calls that arrived in the busiest 60 s. */
  readonly mostPerMinute: number;
  /** Calls in each minute of a run that was neither the first nor the last. */
  readonly fullMinutes: readonly number[];
  /** Calls that were refused for the limit of a minute, or of a day. */
  readonly over: { readonly minute: number; readonly day: number };
  readonly twice: number;
  readonly taken: number;
  readonly inDoubt: number;
  readonly runs: readonly RunResult[];
}

/** OneTrust: 3,000 calls a minute, 3,000,000 receipts a day. */
const PUBLISHED = { perMinute: 3_000, perDay: 3_000_000 };
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const META = { format: 1, destination: ['d'], idRule: 'r', secret: '0123456789abcdef'.repeat(2), createdAt: 0 };

/** Imports until nothing is left but what is in doubt; after a stop at the day's limit, on the next day. */
export async function playBusyDay(day: BusyDay): Promise<BusyOutcome> {
  const clock = new VirtualClock(Date.UTC(2026, 0, 15));
  const random = new SeededRandom(day.seed);
  const memory = new LeanMemory();
  const disk = new MemoryDisk();
  const target = new CountingTarget(clock, random.fork(), day);
  const rules = createOneTrustRules({ token: POINT_TOKEN, idPointer: '/customPayload/row' });
  const runs: RunResult[] = [];
  let kills = day.kills;
  for (;;) {
    const identity = { id: `run-${runs.length}`, pid: 1, host: 'h', user: 'u', startedAt: clock.now(), command: 'i' };
    const ledger = await clock.run(StoredLedger.open(disk.open(), META, identity, clock));
    target.begin();
    const running = await clock.run(
      startImport(
        [lines(day.receipts)],
        settingsWith({ run: identity.id, maxEventsPerDay: day.perDay, dispatch: { giveUpAfterMs: 600_000 } }),
        {
          ...{ clock, rules, transport: target, rejects: new MemoryRejects(), random: random.next },
          ...{ ledger: memory.open(identity.id, ledger), quota: ledger.quota },
          target: createOneTrustTarget({ body: day.body, token: POINT_TOKEN }),
        },
      ),
    );
    if (kills > 0) {
      kills -= 1;
      clock.after(random.scale(50, callsOf(day) * (MINUTE_MS / PUBLISHED.perMinute)), () => {
        if (running.progress().phase === 'done') return;
        target.processDied();
        memory.close();
        disk.losePower(random.whole(0, 3));
      });
    }
    const result = await clock.run(running.result);
    runs.push(result);
    await clock.run(ledger.close().catch(() => undefined));
    const { events } = result.tally;
    if (result.stop?.reason === 'limit') await clock.run(clock.sleep(DAY_MS - (clock.now() % DAY_MS) + 1_000));
    // Receipts that wait behind one in doubt are left, too; and the accounts of a killed run tell nothing.
    else if (result.stop === undefined && events.delivered === 0) break;
    if (runs.length > 100) throw new Error('it does not come to an end');
    if (result.stop?.reason === 'storage') await clock.run(clock.sleep(500));
  }
  return { ...target.outcome(), inDoubt: memory.count(true), runs };
}

function callsOf({ receipts, body }: BusyDay): number {
  return body === 'object' ? receipts : receipts / 100;
}

/** Takes every receipt of every call, and counts what a rate limiter and a quota would see. */
class CountingTarget implements Transport {
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #day: BusyDay;
  readonly #takenByDay = new Map<string, number>();
  readonly #minutes = new Map<number, number>();
  readonly #seen = new Set<string>();
  /** When the calls of the last 60 s arrived. */
  #recent: number[] = [];
  #first = 0;
  #mostPerMinute = 0;
  #over = { minute: 0, day: 0 };
  #twice = 0;
  #alive = true;
  #begun = new Set<number>();

  constructor(clock: VirtualClock, random: SeededRandom, day: BusyDay) {
    this.#clock = clock;
    this.#random = random;
    this.#day = day;
  }

  begin(): void {
    this.#alive = true;
    this.#begun.add(this.#minute());
  }

  processDied(): void {
    this.#alive = false;
    this.#begun.add(this.#minute());
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    if (!this.#alive) throw new TransportError('unreachable', 'the process is dead');
    // Jitter on the way there: some arrive closer together than they left.
    await this.#clock.sleep(this.#random.scale(1, 20));
    const refusal = this.#limited(request);
    if (refusal !== undefined) return refusal;
    const trouble = this.#random.chance(this.#day.trouble) ? this.#random.pick(['429', 'lost']) : undefined;
    if (trouble === '429') return answer(429, 'slow down', { 'retry-after': '1' });
    const rows = rowsIn(request.body!);
    for (const row of rows) this.#take(row);
    await this.#clock.sleep(this.#random.scale(10, 100));
    if (trouble === 'lost') throw new TransportError('lost', 'simulated');
    return answer(
      200,
      rows.map((row) => ({ receipt: row })),
    );
  }

  outcome(): Omit<BusyOutcome, 'inDoubt' | 'runs'> {
    const minutes = [...this.#minutes.keys()].sort((a, b) => a - b);
    const isFull = (minute: number): boolean =>
      this.#minutes.has(minute - 1) && this.#minutes.has(minute + 1) && !this.#begun.has(minute);
    return {
      takenByDay: this.#takenByDay,
      mostPerMinute: this.#mostPerMinute,
      fullMinutes: minutes.filter(isFull).map((minute) => this.#minutes.get(minute)!),
      over: this.#over,
      twice: this.#twice,
      taken: this.#seen.size,
    };
  }

  #take(row: string): void {
    if (this.#seen.has(row)) this.#twice += 1;
    this.#seen.add(row);
    const date = new Date(this.#clock.now()).toISOString().slice(0, 10);
    this.#takenByDay.set(date, (this.#takenByDay.get(date) ?? 0) + 1);
  }

  #limited({ body }: HttpRequest): HttpResponse | undefined {
    const now = this.#clock.now();
    this.#minutes.set(this.#minute(), (this.#minutes.get(this.#minute()) ?? 0) + 1);
    this.#recent.push(now);
    while (this.#recent[this.#first]! <= now - MINUTE_MS) this.#first += 1;
    if (this.#first > 100_000) {
      this.#recent = this.#recent.slice(this.#first);
      this.#first = 0;
    }
    const calls = this.#recent.length - this.#first;
    this.#mostPerMinute = Math.max(this.#mostPerMinute, calls);
    const { accountPerMinute = PUBLISHED.perMinute, perDay = PUBLISHED.perDay } = this.#day;
    if (calls > accountPerMinute) {
      this.#over.minute += 1;
      return answer(429, 'slow down', {
        ...{ 'retry-after': '60', 'ot-requests-allowed': `${accountPerMinute}`, 'ot-period': 'MINUTE' },
        'ot-request-made': `${calls}`,
      });
    }
    const taken = this.#takenByDay.get(new Date(now).toISOString().slice(0, 10)) ?? 0;
    if (taken + rowsIn(body!).length <= perDay) return undefined;
    this.#over.day += 1;
    return answer(429, 'no more today', { 'retry-after': '3600' });
  }

  #minute(): number {
    return Math.floor(this.#clock.now() / MINUTE_MS);
  }
}

const CHUNK = 500;

/** So many receipts, each of a person of its own, made as they are read. */
function lines(count: number): Input {
  return {
    info: { path: 'day.jsonl', size: undefined },
    inspect: async () => undefined,
    sha256: () => undefined,
    async *read(signal: AbortSignal): AsyncGenerator<Chunk> {
      let read = 0;
      for (let at = 0; at < count; at += CHUNK) {
        signal.throwIfAborted();
        const part = Array.from(
          { length: Math.min(CHUNK, count - at) },
          (_, i) => `${receiptLine(`${at + i}`, `p${at + i}`)}\n`,
        );
        const bytes = new TextEncoder().encode(part.join(''));
        read += bytes.length;
        yield { bytes, storedBytesRead: read };
      }
    },
  };
}

const decoder = new TextDecoder();

function rowsIn(body: Uint8Array): string[] {
  return [...decoder.decode(body).matchAll(/"customPayload":\{"row":"(\d+)"\}/g)].map(([, row]) => row!);
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers, body: new TextEncoder().encode(JSON.stringify(body)), framed: true };
}
