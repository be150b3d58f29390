import type { LedgerEntry } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { Finding, RejectReason } from '../core/rejection.js';
import type { Event } from './event.js';

/** How an event ended, with what its equals need to share it. */
export type Settlement =
  | { readonly outcome: 'delivered' }
  | { readonly outcome: 'duplicate'; readonly of: 'ledger' | 'input' | 'target' }
  | { readonly outcome: 'rejected'; readonly reason: RejectReason; readonly errors: readonly Finding[] }
  | { readonly outcome: 'inDoubt' }
  | { readonly outcome: 'undelivered'; readonly accepted?: true };

export const DELIVERED: Settlement = { outcome: 'delivered' };
export const OF_TARGET: Settlement = { outcome: 'duplicate', of: 'target' };
export const ACCEPTED: Settlement = { outcome: 'undelivered', accepted: true };
export const UNDELIVERED: Settlement = { outcome: 'undelivered' };
export const IN_DOUBT: Settlement = { outcome: 'inDoubt' };

/** An event on its way into the ledger. What is needed once, when it is written, is not held until then. */
export class Acknowledged implements LedgerEntry {
  readonly event: Event;
  readonly settlement: Settlement;
  readonly time: number;
  readonly hadBefore: boolean;

  constructor(event: Event, settlement: Settlement, time: number, hadBefore: boolean) {
    this.event = event;
    this.settlement = settlement;
    this.time = time;
    this.hadBefore = hadBefore;
  }

  get key(): Uint8Array {
    return this.event.keyBytes();
  }

  writeKey(into: Uint8Array, at: number): void {
    this.event.writeKey(into, at);
  }

  get maybeHadBefore(): boolean {
    return this.event.maybeHadBefore;
  }

  get fingerprint(): readonly [number, number] {
    return this.event.fingerprint;
  }

  get origin(): Origin {
    return this.event.origin;
  }
}
