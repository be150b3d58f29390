import type { FileIdentity } from './ledger.js';

/** What is known of an input before its first record is decoded. */
export interface InputInfo {
  /** As the user named it, or as it was found below what the user named. */
  readonly path: string;
  /** Size in bytes as stored (compressed), when it is known. */
  readonly size: number | undefined;
}

/** An input that can't be read to its end. `message` says what, where, and what to do; it never shows content. */
export interface InputDamage {
  readonly code:
    | 'missing'
    | 'unreadable'
    | 'cut_off'
    | 'damaged'
    | 'trailing_garbage'
    | 'not_importable'
    | 'changed'
    /** It would have to be read from anywhere, but can be read only once and in order: wrong usage. */
    | 'read_once';
  readonly message: string;
}

/** What the check of an input, before its first event leaves, found. */
export interface Inspection {
  /** SHA-256 of the bytes as stored, in hex; undefined when the input could not be read to its end. */
  readonly sha256: string | undefined;
  /** Decoded bytes that may be imported: all, or those before the damage. */
  readonly intactBytes: number;
  readonly damage: InputDamage | undefined;
}

/** One piece of decoded bytes, and how many stored bytes were read to get so far. */
export interface Chunk {
  readonly bytes: Uint8Array;
  readonly storedBytesRead: number;
  /** The zip entry that begins with this chunk: its lines are counted anew. */
  readonly entryBegins?: string;
  /** The zip entry ends with this chunk. An entry without it broke off: its last line is not whole. */
  readonly entryEnds?: true;
}

/** What is inside an input and is not imported. `why` completes "Left out: <path> (<why>)". */
export interface LeftOutEntry {
  readonly path: string;
  readonly why: string;
}

/** One input: a file, a stream. */
export interface Input {
  readonly info: InputInfo;
  /**
   * Reads and decompresses the input once without importing anything. Undefined for what can be read only once or
   * need not be checked (plain files: their bytes can't be checked). Damage is part of the answer, not a rejection.
   * `onProgress` is told how many stored bytes were read so far.
   */
  inspect(signal: AbortSignal, onProgress?: (storedBytesRead: number) => void): Promise<Inspection | undefined>;
  /**
   * The decoded bytes in order. Ends after the last byte that may be imported; throws {InputError} at damage that no
   * inspection announced: the line that it breaks off in is not whole. The chunks' bytes belong to the caller, but two
   * may share an ArrayBuffer. The last `storedBytesRead` is all that was stored; its chunk may be empty.
   */
  read(signal: AbortSignal): AsyncIterable<Chunk>;
  /** SHA-256 of the stored bytes, in hex, once `read` or `inspect` came to the end. */
  sha256(): string | undefined;
  /** What the file system says of it; undefined for what is no regular file. */
  identity?(): Promise<FileIdentity | undefined>;
  /** SHA-256 of the stored bytes, in hex, without decoding them; undefined when they can't be read to their end. */
  hash?(signal: AbortSignal): Promise<string | undefined>;
  /** What is inside it and is not imported, once `inspect` or `read` came to the end. */
  leftOut?(): readonly LeftOutEntry[];
  /** Lets go of what is kept between two readings (a temporary file). */
  close?(): Promise<void>;
}

export class InputError extends Error {
  override readonly name = 'InputError';
  readonly damage: InputDamage;
  constructor(damage: InputDamage, options?: ErrorOptions) {
    super(damage.message, options);
    this.damage = damage;
  }
}
