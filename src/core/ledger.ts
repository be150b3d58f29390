import type { Origin } from './origin.js';

/** What the ledger knows of one event id. */
export interface LedgerRecord {
  readonly state: 'delivered' | 'inDoubt';
  /** The target said that it had this event already, so this ledger's runs did not create it. */
  readonly hadBefore: boolean;
  /**
   * The target said so after a sending of this run that was never clearly answered: whether this run created it, or it
   * was there before, can't be told.
   */
  readonly maybeHadBefore?: true;
  /** It was in doubt, and an operator recorded that it arrived. */
  readonly settledByOperator?: true;
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
  /** Writes the bytes of `key`: spares an array for each of many. */
  writeKey?(into: Uint8Array, at: number): void;
  readonly fingerprint: readonly [number, number];
  readonly origin: Origin;
  readonly time: number;
  readonly hadBefore?: boolean;
  readonly maybeHadBefore?: boolean;
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
  /**
   * Spares a look-up: true only for an id that surely neither stands in the ledger nor is being written to it.
   * @param a and the others: the four words of the id's hash, little-endian, signed or not
   */
  isSurelyNew?(a: number, b: number, c: number, d: number): boolean;
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

/** What the ledger remembers of an event that was delivered, and was deleted at the target again. */
export interface UndoneRecord {
  /** `undoing`: its deletion was begun, and is not known to have been done. */
  readonly state: 'undoing' | 'undone';
  /** As it was delivered. */
  readonly delivered: LedgerRecord;
  /** Run id of the undo. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly time: number;
}

/** What takes delivered ids back. An id that is being undone, or was, is not delivered: an import sends it again. */
export interface Undoing {
  /** One entry per key, in order; of one that was delivered anew since, too. */
  undone(keys: readonly Uint8Array[]): Promise<readonly (UndoneRecord | undefined)[]>;
  /** Before the deletion leaves; synced to disk. What is not delivered stays as it is. @throws {LedgerError} */
  begin(keys: readonly Uint8Array[]): Promise<void>;
  /** They were deleted. @throws {LedgerError} */
  done(keys: readonly Uint8Array[]): Promise<void>;
  /** They surely were not deleted: they are delivered as before. @throws {LedgerError} */
  giveUp(keys: readonly Uint8Array[]): Promise<void>;
}

/** A file as the file system names it: when nothing of this has changed, its content is taken to be the same. */
export interface FileIdentity {
  readonly path: string;
  /** Stored bytes. */
  readonly size: number;
  readonly ino: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** What the ledger remembers of an input each of whose records is delivered. */
export interface CompletedFile {
  /** Of the stored bytes, in hex. */
  readonly sha256: string;
  /** Fingerprint of the settings that change what is sent: a file completed with other settings is not complete. */
  readonly settings: string;
  /** Where it was read; undefined for what has no place in a file system. */
  readonly identity?: FileIdentity;
  readonly records: number;
  /** Run id. */
  readonly run: string;
  /** Epoch milliseconds. */
  readonly completedAt: number;
  /** Its rejects are dealt with, as an operator said: it may be skipped although not every record was delivered. */
  readonly accepted?: true;
}

/** An input that was read to its end, and of which some records were rejected and all others delivered. */
export interface RejectedFile extends CompletedFile {
  /** As the user named it. */
  readonly path: string;
  readonly rejected: number;
}

/** Completed inputs. */
export interface CompletedFiles {
  completedByContent(sha256: string, settings: string): Promise<CompletedFile | undefined>;
  /** Finds a file by what the file system says of it, without reading it. */
  completedByIdentity(identity: FileIdentity, settings: string): Promise<CompletedFile | undefined>;
  /**
   * Remembers a completed input, synced to disk. Call it when all its ids are recorded: everything recorded before is
   * then on disk too.
   * @throws {LedgerError}
   */
  recordCompleted(file: CompletedFile): Promise<void>;
  /** Remembers an input of which only rejects are left: it is read again until an operator accepts them. @throws {LedgerError} */
  recordRejected(file: RejectedFile): Promise<void>;
  /** All of them, in no particular order. */
  completedFiles(): Promise<readonly CompletedFile[]>;
}

/** One block of lines of a half-done file, all of whose records are delivered. */
export interface Checkpoint {
  /** Its first physical line, from 1. */
  readonly firstLine: number;
  readonly lines: number;
  readonly records: number;
  /** Where it stands in the decoded bytes. */
  readonly decodedStart: number;
  readonly decodedEnd: number;
  /** Hash, in hex, of all decoded bytes up to `decodedEnd`. */
  readonly runningHash: string;
}

/** Checkpoints of half-done files. `fileKey` is any text that stands for the file and the settings. */
export interface Checkpoints {
  /** Durable like delivered ids, and never before ids that were recorded earlier. @throws {LedgerError} */
  putCheckpoint(fileKey: string, checkpoint: Checkpoint): Promise<void>;
  /** In the order of their lines. */
  checkpoints(fileKey: string): Promise<readonly Checkpoint[]>;
  dropCheckpoints(fileKey: string): Promise<void>;
}

/** Events sent per UTC day, over all runs on this ledger. A crash can only make it count too many, never too few. */
export interface DayQuota {
  /**
   * Counts `events` as sent on `day` ('2026-01-31'), on disk before it resolves. Grants as many as `limit` leaves,
   * which may be none.
   * @throws {LedgerError}
   */
  reserve(day: string, events: number, limit: number): Promise<number>;
  /** Takes back events that never left or were clearly refused. */
  giveBack(day: string, events: number): void;
  usedToday(day: string): Promise<number>;
}

/** The ledger can't be read or written: the run must end, for it could no longer tell what was delivered. */
export class LedgerError extends Error {
  override readonly name: string = 'LedgerError';
}
