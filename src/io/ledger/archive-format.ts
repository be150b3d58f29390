import { createHash } from 'node:crypto';
import type { Counters } from './counters.js';
import type { Meta } from './meta.js';
import type { Entry } from './store.js';
import { type Cursor, readVarint, writeVarint } from './varint.js';

/** The first line of an exported ledger. */
export interface ArchiveHeader {
  readonly format: 'consent-import ledger';
  readonly version: 1;
  readonly meta: Meta;
  readonly counters: Counters;
  /** The ids of the runs in it: a ledger that has another run has gone on from here, or elsewhere. */
  readonly runs: readonly string[];
}

export const ARCHIVE_VERSION = 1;
const DIGEST_BYTES = 32;
const MOST_BYTES = 2 ** 26;

/**
 * Before compression: the header as one line of JSON; each entry as length and bytes of its key, length and bytes of its
 * value; a zero; the number of entries (6 bytes, little-endian); SHA-256 of all before.
 */
export async function* encodeArchive(
  header: ArchiveHeader,
  pages: AsyncIterable<readonly Entry[]>,
): AsyncIterable<Uint8Array> {
  const hash = createHash('sha256');
  const hashed = (bytes: Uint8Array): Uint8Array => {
    hash.update(bytes);
    return bytes;
  };
  yield hashed(Buffer.from(`${JSON.stringify(header)}\n`, 'utf8'));
  let count = 0;
  for await (const page of pages) {
    count += page.length;
    yield hashed(Buffer.concat(page.flatMap(([key, value]) => [lengthOf(key), key, lengthOf(value), value])));
  }
  const end = Buffer.alloc(7);
  end.writeUIntLE(count, 1, 6);
  yield hashed(end);
  yield hash.digest();
}

function lengthOf(bytes: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  return length.subarray(0, writeVarint(length, 0, bytes.length));
}

/** Entries per page. */
const PAGE = 1000;

/**
 * Reads such bytes back. Nothing that it yields may be trusted before it has come to its end: only then all was checked.
 * @throws {RangeError} when they are not what was written
 */
export class ArchiveReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #hash = createHash('sha256');
  #buffer: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(bytes: AsyncIterable<Uint8Array>) {
    this.#chunks = bytes[Symbol.asyncIterator]();
  }

  async header(): Promise<ArchiveHeader> {
    let end = -1;
    while (end < 0) {
      if (this.#buffer.length > MOST_BYTES || !(await this.#more())) throw new RangeError('it is no exported ledger');
      end = this.#buffer.indexOf(0x0a);
    }
    const line = this.#buffer.toString('utf8', 0, end);
    this.#at = end + 1;
    try {
      const header = JSON.parse(line) as Partial<ArchiveHeader> | null;
      if (header?.format === 'consent-import ledger' && header.meta && header.counters && header.runs) {
        return header as ArchiveHeader;
      }
    } catch {
      // Said below.
    }
    throw new RangeError('it is no exported ledger');
  }

  async *entries(): AsyncIterable<readonly Entry[]> {
    let count = 0;
    let page: Entry[] = [];
    for (;;) {
      const entry = this.#entry();
      if (entry === 'cut') {
        if (!(await this.#more())) throw new RangeError('it is cut off');
        continue;
      }
      if (entry === 'end') break;
      count++;
      if (page.push(entry) < PAGE) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
    await this.#checkEnd(count);
  }

  async #checkEnd(count: number): Promise<void> {
    while (this.#buffer.length - this.#at < 6 + DIGEST_BYTES) {
      if (!(await this.#more())) throw new RangeError('it is cut off');
    }
    const said = this.#buffer.readUIntLE(this.#at, 6);
    this.#hash.update(this.#buffer.subarray(0, this.#at + 6));
    const digest = this.#buffer.subarray(this.#at + 6);
    if (said !== count || !digest.equals(this.#hash.digest()) || !(await this.#chunks.next()).done) {
      throw new RangeError('it was altered');
    }
  }

  /** The next entry, unless the bytes at hand end inside it. */
  #entry(): Entry | 'end' | 'cut' {
    const cursor = { bytes: this.#buffer, at: this.#at };
    const key = takeBytes(cursor);
    if (key === undefined) return 'cut';
    if (key.length === 0) {
      this.#at = cursor.at;
      return 'end';
    }
    const value = takeBytes(cursor);
    if (value === undefined) return 'cut';
    this.#at = cursor.at;
    return [key, value];
  }

  /** Gets further bytes; those that were read are hashed and let go. */
  async #more(): Promise<boolean> {
    const { done, value } = await this.#chunks.next();
    if (done === true) return false;
    this.#hash.update(this.#buffer.subarray(0, this.#at));
    this.#buffer = Buffer.concat([this.#buffer.subarray(this.#at), value]);
    this.#at = 0;
    return true;
  }
}

function takeBytes(cursor: Cursor): Uint8Array | undefined {
  // A length has at most four bytes: no entry is larger than the header may be.
  if (cursor.at + 4 > cursor.bytes.length) return undefined;
  const length = readVarint(cursor);
  if (length > MOST_BYTES) throw new RangeError('it was altered');
  cursor.at += length;
  return cursor.at > cursor.bytes.length ? undefined : cursor.bytes.subarray(cursor.at - length, cursor.at);
}
