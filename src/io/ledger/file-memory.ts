import type {
  Checkpoint,
  Checkpoints,
  CompletedFile,
  CompletedFiles,
  FileIdentity,
  RejectedFile,
} from '../../core/ledger.js';
import { type LedgerRequest, opsRequest } from './id-requests.js';
import { hashedKey, type KeyRange, numberedKey, numberedRange, PREFIX, type Prefix, rangeOf } from './keys.js';
import { seal, unseal } from './sealed-json.js';
import type { Op, Store } from './store.js';
import type { WriteQueue } from './write-queue.js';

/** All that is remembered of files. */
export const FILE_PREFIXES: readonly Prefix[] = [
  PREFIX.completedPath,
  PREFIX.completedFile,
  PREFIX.rejectedFile,
  PREFIX.checkpoint,
];

/** Completed inputs, and how far half-done ones are: what lets a run pass over them. */
export class FileMemory implements CompletedFiles, Checkpoints {
  readonly #store: Store;
  readonly #queue: WriteQueue<LedgerRequest>;

  constructor(store: Store, queue: WriteQueue<LedgerRequest>) {
    this.#store = store;
    this.#queue = queue;
  }

  async completedByContent(sha256: string, settings: string): Promise<CompletedFile | undefined> {
    const [value] = await this.#store.getMany([contentKey(sha256, settings)]);
    return value === undefined ? undefined : (unseal(value, this.#store.folder) as CompletedFile);
  }

  async completedByIdentity(identity: FileIdentity, settings: string): Promise<CompletedFile | undefined> {
    const [value] = await this.#store.getMany([identityKey(identity, settings)]);
    return value === undefined
      ? undefined
      : this.completedByContent(unseal(value, this.#store.folder) as string, settings);
  }

  async recordCompleted(file: CompletedFile): Promise<void> {
    const ops: Op[] = [{ key: contentKey(file.sha256, file.settings), value: seal(file) }];
    if (file.identity !== undefined) {
      ops.push({ key: identityKey(file.identity, file.settings), value: seal(file.sha256) });
    }
    await this.#queue.submit(opsRequest(ops, true));
  }

  async recordRejected(file: RejectedFile): Promise<void> {
    await this.#queue.submit(opsRequest([{ key: rejectedKey(file), value: seal(file) }], false));
  }

  /** Files with rejects that nobody accepted yet, in no particular order. */
  async rejectedFiles(): Promise<readonly RejectedFile[]> {
    return (await this.#all(PREFIX.rejectedFile)) as RejectedFile[];
  }

  /** The rejects of a file are dealt with: from now on it counts as completed. @throws {LedgerError} */
  async accept(file: RejectedFile): Promise<void> {
    const { path: _path, rejected: _rejected, ...completed } = file;
    await this.recordCompleted({ ...completed, accepted: true });
    await this.#queue.submit(opsRequest([{ key: rejectedKey(file), value: undefined }], true));
  }

  /** All completed files, in no particular order. */
  async completedFiles(): Promise<readonly CompletedFile[]> {
    return (await this.#all(PREFIX.completedFile)) as CompletedFile[];
  }

  async #all(prefix: Prefix): Promise<unknown[]> {
    const files: unknown[] = [];
    for await (const page of this.#store.iterate(rangeOf(prefix))) {
      for (const [, value] of page) files.push(unseal(value, this.#store.folder));
    }
    return files;
  }

  async putCheckpoint(fileKey: string, checkpoint: Checkpoint): Promise<void> {
    const key = Buffer.concat([
      checkpointStart(fileKey),
      numberedKey(PREFIX.checkpoint, checkpoint.firstLine).subarray(1),
    ]);
    await this.#queue.submit(opsRequest([{ key, value: seal(checkpoint) }], false));
  }

  async checkpoints(fileKey: string): Promise<readonly Checkpoint[]> {
    const checkpoints: Checkpoint[] = [];
    for await (const page of this.#store.iterate(numberedRange(checkpointStart(fileKey)))) {
      for (const [, value] of page) checkpoints.push(unseal(value, this.#store.folder) as Checkpoint);
    }
    return checkpoints;
  }

  async dropCheckpoints(fileKey: string): Promise<void> {
    await this.#drop([numberedRange(checkpointStart(fileKey))], false);
  }

  /**
   * Forgets all completed and half-done files, synced: before ids are dropped, for no file may be passed over that holds
   * one of them.
   */
  async dropAll(): Promise<void> {
    await this.#drop(FILE_PREFIXES.map(rangeOf), true);
  }

  async #drop(ranges: readonly KeyRange[], sync: boolean): Promise<void> {
    for (const range of ranges) {
      for await (const page of this.#store.iterate(range)) {
        await this.#queue.submit(
          opsRequest(
            page.map(([key]) => ({ key, value: undefined })),
            sync,
          ),
        );
      }
    }
  }
}

function contentKey(sha256: string, settings: string): Uint8Array {
  return hashedKey(PREFIX.completedFile, [sha256, settings]);
}

function rejectedKey({ sha256, settings }: CompletedFile): Uint8Array {
  return hashedKey(PREFIX.rejectedFile, [sha256, settings]);
}

function identityKey({ path, size, ino, mtimeMs, ctimeMs }: FileIdentity, settings: string): Uint8Array {
  return hashedKey(PREFIX.completedPath, [path, String(size), String(ino), String(mtimeMs), String(ctimeMs), settings]);
}

function checkpointStart(fileKey: string): Uint8Array {
  return hashedKey(PREFIX.checkpoint, [fileKey]);
}
