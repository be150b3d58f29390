import type { Input } from '../core/input.js';
import type { CompletedFile, CompletedFiles, FileIdentity } from '../core/ledger.js';
import type { Clock } from '../core/ports.js';
import type { FileAccount } from '../core/run.js';
import type { Accountant } from '../core/tally.js';

export interface CompletedFilesSettings {
  /** Run id. */
  readonly run: string;
  /** Stands for the settings that change what is sent: with others, a file is read again. */
  readonly fingerprint: string;
  /** Pass over files that an earlier run completed. */
  readonly skip: boolean;
}

export interface CompletedFilesPorts {
  readonly memory: CompletedFiles;
  readonly clock: Clock;
  readonly accountant: Accountant;
  readonly onStorageError: (error: unknown) => void;
}

/**
 * Passes over files that an earlier run completed, and remembers those that this run completes. A file is complete when
 * it was read to its end and each of its records stands in the ledger as delivered: not when they were merely sent.
 */
export class CompletedFilesStage {
  readonly #settings: CompletedFilesSettings;
  readonly #ports: CompletedFilesPorts;
  /** Sizes of completed files: one of another size can't be one of them, and need not be hashed to find out. */
  #sizes: Promise<ReadonlySet<number>> | undefined;
  readonly #identities = new Map<FileAccount, FileIdentity | undefined>();
  readonly #writes = new Set<Promise<void>>();

  constructor(settings: CompletedFilesSettings, ports: CompletedFilesPorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  /**
   * Looks a file up before it is read: by what the file system says of it, else by its content.
   * @returns true when it is complete already; then its remembered records are counted
   * @throws {LedgerError}
   */
  async passOver(input: Input, file: FileAccount, signal: AbortSignal): Promise<boolean> {
    const identity = await input.identity?.();
    this.#identities.set(file, identity);
    if (identity === undefined || !this.#settings.skip) return false;
    const known = (await this.#byIdentity(identity)) ?? (await this.#byContent(input, identity, signal));
    // What this run completed itself is read again: its repeats are repeats in the input.
    if (known === undefined || known.run === this.#settings.run) return false;
    file.sha256 = known.sha256;
    file.state = 'skipped';
    file.accepted = known.accepted === true;
    this.#ports.accountant.passedOver(file, known.records);
    return true;
  }

  /** The file was read to its end, so it is complete as soon as the last of its records is recorded. */
  wasRead(file: FileAccount): void {
    file.toRecord = file.read;
    if (file.recorded === file.toRecord) this.recorded(file);
  }

  /** Each of the file's records stands in the ledger as delivered. */
  recorded(file: FileAccount): void {
    const completed = this.#completedFile(file);
    if (completed !== undefined) this.#write(this.#ports.memory.recordCompleted(completed));
  }

  /** The run is over: files of which only rejects are left are remembered for the operator who deals with those. */
  ended(files: readonly FileAccount[]): void {
    for (const file of files) {
      const isOver = Number.isFinite(file.toRecord) && file.recorded + file.rejected === file.toRecord;
      const completed = isOver && file.rejected > 0 ? this.#completedFile(file) : undefined;
      if (completed === undefined) continue;
      const { path, rejected } = file;
      this.#write(this.#ports.memory.recordRejected({ ...completed, path, rejected }));
    }
  }

  /** Undefined for what was not read to its end, and for what has no place in the file system. */
  #completedFile(file: FileAccount): CompletedFile | undefined {
    const { run, fingerprint } = this.#settings;
    const identity = this.#identities.get(file);
    if (file.sha256 === undefined || file.damage !== undefined || identity === undefined) return undefined;
    const { sha256, read: records } = file;
    return { sha256, settings: fingerprint, identity, records, run, completedAt: this.#ports.clock.now() };
  }

  #write(written: Promise<void>): void {
    const write = written.catch(this.#ports.onStorageError).finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }

  /** Resolves when everything is written, or could not be and was reported. */
  async written(): Promise<void> {
    await Promise.all(this.#writes);
  }

  #byIdentity(identity: FileIdentity): Promise<CompletedFile | undefined> {
    return this.#ports.memory.completedByIdentity(identity, this.#settings.fingerprint);
  }

  async #byContent(input: Input, { size }: FileIdentity, signal: AbortSignal): Promise<CompletedFile | undefined> {
    const { memory } = this.#ports;
    this.#sizes ??= memory.completedFiles().then((files) => new Set(files.map((file) => file.identity?.size ?? -1)));
    if (!(await this.#sizes).has(size)) return undefined;
    const sha256 = await input.hash?.(signal);
    return sha256 === undefined ? undefined : memory.completedByContent(sha256, this.#settings.fingerprint);
  }
}
