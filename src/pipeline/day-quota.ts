import type { DayQuota } from '../core/ledger.js';
import type { Clock } from '../core/ports.js';
import type { Attempt } from './send.js';

/** Reserved at a time, so that a request does not wait for the disk. A kill forfeits at most about this. */
const RESERVED_AT_ONCE = 1_000;
const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Holds a run to the events that may be sent per UTC day. What leaves was reserved before, on disk, so that the count
 * of a day is never too low, whatever happens. The day is the target's: its `Date` header (RFC 9110, section 6.6.1)
 * tells how far our clock is off.
 */
export class QuotaGate {
  readonly #quota: DayQuota;
  readonly #limit: number;
  readonly #clock: Clock;
  #day = '';
  #available = 0;
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
    if (this.#today() !== this.#day) return 0;
    return this.#available;
  }

  /** Nothing is left of today. */
  get exhausted(): boolean {
    return this.#exhausted === this.#today() && this.available === 0;
  }

  /** Epoch milliseconds, by our clock, of the beginning of the next day at the target. */
  get nextDayAt(): number {
    return (Math.floor(this.#targetNow() / DAY_MS) + 1) * DAY_MS - this.#aheadMs;
  }

  /** Reserves more of today. @throws {LedgerError} */
  refill(): Promise<void> {
    this.#refilling ??= this.#reserve().finally(() => {
      this.#refilling = undefined;
    });
    return this.#refilling;
  }

  /** So many events leave. */
  take(events: number): void {
    this.#available -= events;
  }

  /** What an answer tells: the target's time, and how many of the events it clearly did not take. */
  answered(sent: Attempt, events: number): void {
    if (sent.kind === 'answered') this.#learn(sent.response.headers['date']);
    if (this.#today() === this.#day) this.#available += notTaken(sent, events);
  }

  /** The run ends: what was reserved and did not leave may be used by the next. */
  close(): void {
    if (this.#available > 0) this.#quota.giveBack(this.#day, this.#available);
    this.#available = 0;
  }

  async #reserve(): Promise<void> {
    const day = this.#today();
    if (day !== this.#day) this.close();
    this.#day = day;
    const granted = await this.#quota.reserve(day, RESERVED_AT_ONCE, this.#limit);
    this.#available += granted;
    if (granted === 0) this.#exhausted = day;
  }

  #learn(date: string | undefined): void {
    const told = date === undefined ? Number.NaN : Date.parse(date);
    // It is told in whole seconds, so a difference of less says nothing.
    if (!Number.isNaN(told)) this.#aheadMs = Math.abs(told - this.#clock.now()) < 2_000 ? 0 : told - this.#clock.now();
  }

  #targetNow(): number {
    return this.#clock.now() + this.#aheadMs;
  }

  #today(): string {
    return new Date(this.#targetNow()).toISOString().slice(0, 10);
  }
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
