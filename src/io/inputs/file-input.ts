import {
  type Chunk,
  type Input,
  InputError,
  type InputInfo,
  type Inspection,
  type LeftOutEntry,
} from '../../core/input.js';
import type { FileIdentity } from '../../core/ledger.js';
import { changed, unreadable } from './damage.js';
import { isReadOnce, type OpenFile, openFile } from './file-chunks.js';
import { formatOf, isZip } from './format.js';
import { hashOf, identityOf } from './identity.js';
import { LEFT_OUT_TEXTS } from './left-out.js';
import { inspectGzip, readInspectedGzip } from './read-gzip.js';
import { readOnce } from './read-once.js';
import { StoredBytes } from './stored-bytes.js';
import { ReadFailure } from './stream-chunks.js';
import { ZipReader } from './zip/zip-reader.js';

/**
 * One file, FIFO or device, plain, gzip or zip. Nothing is opened before `inspect` or `read`, and nothing stays open after.
 * Aborting the signal rejects with its reason.
 */
export class FileInput implements Input {
  readonly info: InputInfo;
  readonly #storedAt: string;
  #inspection: Inspection | undefined;
  /** The file's state when it was inspected. */
  #state: string | undefined;
  #sha256: string | undefined;
  /** Set once the file was found to be a zip archive. */
  #zip: ZipReader | undefined;
  /** Its first bytes were looked at. */
  #looked = false;

  /** @param storedAt where its bytes are, if that is not the path that it is known by */
  constructor(info: InputInfo, storedAt: string = info.path) {
    this.info = info;
    this.#storedAt = storedAt;
  }

  leftOut(): readonly LeftOutEntry[] {
    return (this.#zip?.leftOut ?? []).map(({ path, reason }) => ({ path, why: LEFT_OUT_TEXTS[reason] }));
  }

  identity(): Promise<FileIdentity | undefined> {
    return identityOf(this.#storedAt);
  }

  hash(signal: AbortSignal): Promise<string | undefined> {
    return hashOf(this.#storedAt, signal);
  }

  sha256(): string | undefined {
    return this.#sha256;
  }

  /** Undefined for plain files, and for FIFOs and devices, which can be read only once. Damage is no rejection. */
  async inspect(signal: AbortSignal, onProgress?: (storedBytesRead: number) => void): Promise<Inspection | undefined> {
    signal.throwIfAborted();
    try {
      this.#inspection = (await isReadOnce(this.#storedAt)) ? undefined : await this.#inspectFile(signal, onProgress);
    } catch (error) {
      const { damage } = asInputError(this.info.path, error, signal);
      this.#inspection = { sha256: undefined, intactBytes: 0, damage };
    }
    this.#sha256 = this.#inspection?.sha256;
    return this.#inspection;
  }

  /**
   * After an inspection: exactly the bytes that it called intact. Without one: everything up to the end or the damage.
   * @throws {InputError} at damage that no inspection announced, and when the file changed while, or since, it was read
   */
  async *read(signal: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    signal.throwIfAborted();
    const { path } = this.info;
    const inspection = this.#inspection;
    if (inspection?.damage !== undefined && inspection.intactBytes === 0) return;
    try {
      await this.#look(signal);
      if (this.#zip !== undefined) {
        yield* this.#zip.read(signal);
        this.#sha256 = this.#zip.sha256();
        return;
      }
      const { file, stored, close } = await openStored(this.#storedAt, signal);
      try {
        const state = await file.state();
        if (inspection !== undefined && state !== this.#state) throw new InputError(changed(path));
        const chunks = inspection === undefined ? readOnce(path, stored) : readInspectedGzip(path, stored, inspection);
        for await (const chunk of chunks) {
          yield chunk;
          signal.throwIfAborted();
        }
        if (state !== (await file.state())) throw new InputError(changed(path));
        if (inspection === undefined) this.#sha256 = stored.sha256();
      } finally {
        await close();
      }
    } catch (error) {
      throw asInputError(path, error, signal);
    }
  }

  async #inspectFile(
    signal: AbortSignal,
    onProgress: ((storedBytesRead: number) => void) | undefined,
  ): Promise<Inspection | undefined> {
    const { path } = this.info;
    await this.#look(signal);
    if (this.#zip !== undefined) return this.#zip.inspect(signal, onProgress ?? (() => {}));
    const { file, stored, close } = await openStored(this.#storedAt, signal);
    try {
      this.#state = await file.state();
      if ((await formatOf(path, stored)) === 'plain') return undefined;
      const inspection = await inspectGzip(path, stored, onProgress);
      if (this.#state !== (await file.state())) throw new InputError(changed(path));
      return inspection;
    } finally {
      await close();
    }
  }

  /** Finds out whether the file is a zip archive, which is read from its end; a FIFO or device never is. */
  async #look(signal: AbortSignal): Promise<void> {
    const { path } = this.info;
    if (this.#looked || (await isReadOnce(this.#storedAt))) return;
    this.#looked = true;
    const { stored, close } = await openStored(this.#storedAt, signal);
    try {
      if (await isZip(stored)) this.#zip = new ZipReader(path, this.#storedAt);
    } finally {
      await close();
    }
  }
}

async function openStored(
  path: string,
  signal: AbortSignal,
): Promise<{ file: OpenFile; stored: StoredBytes; close: () => Promise<void> }> {
  const file = await openFile(path);
  const stored = new StoredBytes(file.chunks(signal));
  const close = async () => {
    await stored.close();
    await file.close();
  };
  return { file, stored, close };
}

/** What reading failed with, as damage of this input. Anything that is no damage, the signal's reason too, is thrown. */
function asInputError(path: string, error: unknown, signal: AbortSignal): InputError {
  signal.throwIfAborted();
  if (error instanceof InputError) return error;
  if (error instanceof ReadFailure) return new InputError(unreadable(path, error.code), { cause: error });
  throw error;
}
