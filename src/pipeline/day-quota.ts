import type { DayQuota } from '../core/ledger.js';
import type { Clock, Transport } from '../core/ports.js';
import type { Attempt } from './send.js';

/** Reserved at a time, so that a request does not wait for the disk. A kill forfeits at most about this. */
const RESERVED_AT_ONCE = 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;
/** How far the target's time may be from what we take it to be: headers tell whole seconds, and arrive late. */
const UNSURE_MS = 3_000;

/**
 * Holds a run to the events that may be sent per UTC day. What leaves was reserved before, on disk, so that the count
 * of a day is never too low, whatever happens (but for what is in flight when the run is killed at midnight, which may be
 * the next day's). The day is the target's: its `Date` header (RFC 9110, section 6.6.1) tells how far our clock is off.
 */
export class QuotaGate {
  readonly #quota: DayQuota;
  readonly #limit: number;
  readonly #clock: Clock;
  #day = '';
  /** Below 0 while more is in flight since yesterday than was reserved of today. */
  #available = 0;
  /** Events that left and were not answered yet. */
  #underway = 0;
  #aheadMs = 0;
  #refilling: Promise<void> | undefined;
  #exhausted = '';

  /** @param limit events per UTC day */
  constructor(quota: DayQuota, limit: number, clock: Clock) {
    this.#quota = quota;
    this.#limit = limit;
    this.#clock = clock;
  }

  get limit(): number {
    return this.#limit;
  }

  /** How many events may leave now. At 0, `refill` and look again. */
  get available(): number {
    return this.#today() === this.#day ? Math.max(0, this.#available) : 0;
  }

  get refilling(): boolean {
    return this.#refilling !== undefined;
  }

  /** Nothing is left of today. */
  get exhausted(): boolean {
    return this.#exhausted === this.#today() && this.available === 0;
  }

  /** Epoch milliseconds, by our clock, of the beginning of the next day at the target. */
  get nextDayAt(): number {
    return (Math.floor(this.#targetNow() / DAY_MS) + 1) * DAY_MS - this.#aheadMs;
  }

  /** The same transport, but every answer (a session's too, before the first event leaves) tells the target's time. */
  watching(transport: Transport): Transport {
    return {
      send: async (request, signal) => {
        const response = await transport.send(request, signal);
        this.#learn(response.headers['date']);
        return response;
      },
    };
  }

  /** Reserves more of today. @throws {LedgerError} */
  refill(): Promise<void> {
    this.#refilling ??= this.#reserve().finally(() => {
      this.#refilling = undefined;
    });
    return this.#refilling;
  }

  /** So many events leave. @returns the day that they are counted on */
  take(events: number): string {
    this.#available -= events;
    this.#underway += events;
    return this.#day;
  }

  /**
   * What came of events that left.
   * @param day what `take` returned
   */
  answered(sent: Attempt, events: number, day = this.#day): void {
    this.#underway -= events;
    const back = notTaken(sent, events);
    const told = sent.kind === 'answered' ? timeIn(sent.response.headers['date']) : undefined;
    if (day !== this.#day) {
      this.#quota.giveBack(day, back);
      // Midnight passed on the way, so they were counted on both days.
      this.#available += told !== undefined && dayAt(told) === day ? events : back;
      return;
    }
    this.#available += back;
    const now = this.#targetNow();
    const dated = told === undefined ? [dayAt(now - UNSURE_MS), dayAt(now + UNSURE_MS)] : [dayAt(told)];
    for (const other of new Set(dated)) if (other !== day) this.#countOn(other, events - back);
  }

  /** The run ends: what was reserved and did not leave may be used by the next. */
  close(): void {
    if (this.#available > 0) this.#quota.giveBack(this.#day, this.#available);
    this.#available = 0;
  }

  async #reserve(): Promise<void> {
    const day = this.#today();
    if (day !== this.#day) {
      this.close();
      this.#day = day;
      // The target may count on this day what left on the one before.
      this.#available = -this.#underway;
    }
    const granted = await this.#quota.reserve(day, RESERVED_AT_ONCE, this.#limit);
    this.#available += granted;
    if (granted === 0) this.#exhausted = day;
  }

  /** The target dates them, or may date them, on another day than the one that they were counted on. */
  #countOn(day: string, events: number): void {
    if (events === 0) return;
    // A ledger that can't be written ends the run at its next write.
    this.#quota.reserve(day, events, Number.MAX_SAFE_INTEGER).catch(() => undefined);
  }

  #learn(date: string | undefined): void {
    const told = timeIn(date);
    if (told === undefined) return;
    const ahead = told - this.#clock.now();
    // So small a difference says nothing.
    this.#aheadMs = Math.abs(ahead) < UNSURE_MS - 1_000 ? 0 : ahead;
  }

  #targetNow(): number {
    return this.#clock.now() + this.#aheadMs;
  }

  #today(): string {
    return dayAt(this.#targetNow());
  }
}

/** Epoch milliseconds of a `Date` header. */
function timeIn(date: string | undefined): number | undefined {
  const told = date === undefined ? Number.NaN : Date.parse(date);
  return Number.isNaN(told) ? undefined : told;
}

function dayAt(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** How many events of a request were surely not taken. */
function notTaken(sent: Attempt, events: number): number {
  if (sent.kind === 'failed') return sent.error.failure === 'unreachable' ? events : 0;
  const { reading } = sent.classified;
  switch (reading.kind) {
    case 'refused':
    case 'token':
    case 'end':
      return events;
    case 'again':
      return reading.strain === 'throttled' ? events : 0;
    case 'verdicts':
      return reading.verdicts.filter(({ kind }) => kind === 'rejected' || kind === 'retry').length;
    case 'unintelligible':
      return 0;
  }
}
