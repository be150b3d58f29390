import type { Origin } from './origin.js';

/** What the ledger knows of one event id. */
export interface LedgerRecord {
  readonly state: 'delivered' | 'inDoubt';
  /** The target said that it had this event already, so this ledger's runs did not create it. */
  readonly hadBefore: boolean;
  /** Run id. */
  readonly run: string;
  readonly origin: Origin;
  /** Epoch milliseconds of the acknowledgement (delivered) or of the sending (in doubt). */
  readonly time: number;
  /** The keyed 64-bit fingerprint of the record's bytes: two words. */
  readonly fingerprint: readonly [number, number];
}

/** One event as it is written to the ledger. */
export interface LedgerEntry {
  /** The keyed 128-bit hash of the event id, 16 bytes. */
  readonly key: Uint8Array;
  readonly fingerprint: readonly [number, number];
  readonly origin: Origin;
  readonly time: number;
  readonly hadBefore?: boolean;
}

/**
 * Remembers which ids a destination has acknowledged. Writing is grouped and durable against a killed process as soon
 * as the returned promise resolves, and against power loss within a second (intents: at once).
 */
export interface Ledger {
  /** The secret with which ids are hashed: four 32-bit words. */
  readonly secret: Uint32Array;
  /** How many ids it holds (delivered or in doubt). */
  readonly size: number;
  /** Looks up ids; the answer has one entry per key, in order. */
  lookup(keys: readonly Uint8Array[]): Promise<readonly (LedgerRecord | undefined)[]>;
  /** Records acknowledged events. Resolves once written. @throws {LedgerError} */
  recordDelivered(entries: readonly LedgerEntry[]): Promise<void>;
  /** Records what is about to be sent, synced to disk; until it is delivered or forgotten it counts as in doubt. @throws {LedgerError} */
  recordIntents(entries: readonly LedgerEntry[]): Promise<void>;
  /** Removes intents that the target clearly did not take. @throws {LedgerError} */
  forgetIntents(keys: readonly Uint8Array[]): Promise<void>;
  /** Small named values that must hold across restarts: pace, pauses, quota. Plain JSON. */
  readState(name: string): Promise<unknown>;
  writeState(name: string, value: unknown): Promise<void>;
}

/** The ledger can't be read or written: the run must end, for it could no longer tell what was delivered. */
export class LedgerError extends Error {
  override readonly name: string = 'LedgerError';
}
