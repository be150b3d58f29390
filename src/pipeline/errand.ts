import type { LedgerEntry } from '../core/ledger.js';
import type { Finding } from '../core/rejection.js';
import type { Event } from './event.js';

/**
 * What is to be done about records that were imported. `Known` is what the ledger knows of an id.
 *
 * Each valid record is looked up, in file order, and `choose` says whether the target is to be asked about it. One that
 * is ends in `told`, `refused` or `unsent`, once; an equal one that follows while it is open shares that and is not
 * looked at.
 */
export interface Errand<Known> {
  /** One entry per key, in order. @throws {LedgerError} */
  lookup(keys: readonly Uint8Array[]): Promise<readonly Known[]>;
  choose(event: Event, known: Known): boolean;
  /** Resolves when the chosen events may leave. @throws {LedgerError} */
  prepare?(events: readonly Event[]): Promise<void>;
  /**
   * Finds out about one event where that takes more than one request; otherwise `target` is sent it.
   * @throws {AskError} when the target can't be asked
   */
  ask?(event: Event, known: Known, signal: AbortSignal): Promise<unknown>;
  /** The target answered. @param hadBefore its verdict was `duplicate` */
  told(event: Event, known: Known, hadBefore: boolean, returned: unknown): void;
  /** Resolves when it is recorded that the target answered. @throws {LedgerError} */
  record?(entries: readonly LedgerEntry[]): Promise<void>;
  /** The target refused to answer for this event. */
  refused(event: Event, known: Known, errors: readonly Finding[]): void;
  /** The run ended before the target answered. @param left a request with it left */
  unsent(event: Event, known: Known, left: boolean): void;
  /** Nothing more comes. Resolves when all is recorded. @throws {LedgerError} */
  end?(): Promise<void>;
}

/** So many findings of an errand are told one by one. */
export const MOST_FINDINGS = 10_000;
