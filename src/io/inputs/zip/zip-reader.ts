import { createHash } from 'node:crypto';
import { type Chunk, InputError, type Inspection } from '../../../core/input.js';
import { changed } from '../damage.js';
import type { LeftOut } from '../left-out.js';
import { ArchiveFile } from './archive-file.js';
import { checkEntry } from './check-entry.js';
import type { PlacedEntry } from './decode-entry.js';
import { type Plan, planArchive } from './plan.js';
import { readCheckedEntry, readUncheckedEntry } from './read-entry.js';
import { together } from './zip-damage.js';

/** An entry that may be imported, and how much of it. */
interface Checked {
  readonly entry: PlacedEntry;
  /** Decoded bytes; undefined when it was not checked. */
  readonly intactBytes: number | undefined;
}

const NOTHING = new Uint8Array(0);

/**
 * One zip archive in a regular file: read by its directory, entry by entry, in constant memory. The file is opened for
 * each pass and closed after it. All methods reject with {ReadFailure} where the system fails.
 */
export class ZipReader {
  readonly #path: string;
  readonly #storedAt: string;
  #leftOut: readonly LeftOut[] = [];
  #state: string | undefined;
  #checked: readonly Checked[] | undefined;
  #sha256: string | undefined;

  /** @param storedAt where its bytes are; `path` is what it is known by */
  constructor(path: string, storedAt: string) {
    this.#path = path;
    this.#storedAt = storedAt;
  }

  /** What is in the archive and is not imported, once it was inspected or read. */
  get leftOut(): readonly LeftOut[] {
    return this.#leftOut;
  }

  sha256(): string | undefined {
    return this.#sha256;
  }

  /** Decodes every entry and checks it. @throws {InputError} 'changed' */
  async inspect(signal: AbortSignal, onProgress: (storedBytesRead: number) => void): Promise<Inspection> {
    const file = await ArchiveFile.open(this.#storedAt);
    try {
      this.#state = await file.state();
      const sha256 = await hashOf(file, signal);
      const plan = await planArchive(this.#path, file, signal);
      this.#leftOut = plan.leftOut;
      const problems = [...plan.problems];
      const checked: Checked[] = [];
      let passed = 0;
      for (const entry of plan.entries) {
        const { intactBytes, problem } = await checkEntry(this.#path, file, entry, signal, (bytes) =>
          onProgress(passed + bytes),
        );
        passed += entry.storedSize;
        if (problem !== undefined) problems.push(problem);
        if (intactBytes > 0 || problem === undefined) checked.push({ entry, intactBytes });
      }
      if (this.#state !== (await file.state())) throw new InputError(changed(this.#path));
      this.#checked = checked;
      const damage = together(this.#path, problems);
      if (damage === undefined) this.#sha256 = sha256;
      const intactBytes = checked.reduce((sum, { intactBytes: bytes = 0 }) => sum + bytes, 0);
      return { sha256: this.#sha256, intactBytes, damage };
    } finally {
      await file.close();
    }
  }

  /**
   * After an inspection: what it called intact, of each entry. Without one: every entry as it comes.
   * @throws {InputError} 'changed'; without an inspection, at the end, what is wrong with the archive
   */
  async *read(signal: AbortSignal): AsyncGenerator<Chunk, void, undefined> {
    const file = await ArchiveFile.open(this.#storedAt);
    try {
      const state = await file.state();
      if (this.#checked !== undefined && state !== this.#state) throw new InputError(changed(this.#path));
      const plan = this.#checked === undefined ? await planArchive(this.#path, file, signal) : undefined;
      const problems = [...(plan?.problems ?? [])];
      if (plan !== undefined) this.#leftOut = plan.leftOut;
      let told = 0;
      for (const { entry, intactBytes } of this.#checked ?? unchecked(plan!)) {
        const before = told;
        const chunks =
          intactBytes === undefined
            ? readUncheckedEntry(this.#path, file, entry, signal, problems)
            : readCheckedEntry(this.#path, file, entry, intactBytes, signal);
        for await (const chunk of chunks) {
          told = before + chunk.storedBytesRead;
          yield { ...chunk, storedBytesRead: told };
        }
        told = before + entry.storedSize;
      }
      if (state !== (await file.state())) throw new InputError(changed(this.#path));
      yield { bytes: NOTHING, storedBytesRead: file.size };
      if (plan === undefined) return;
      const damage = together(this.#path, problems);
      if (damage !== undefined) throw new InputError(damage);
      this.#sha256 = await hashOf(file, signal);
    } finally {
      await file.close();
    }
  }
}

function unchecked({ entries }: Plan): readonly Checked[] {
  return entries.map((entry) => ({ entry, intactBytes: undefined }));
}

/** SHA-256 of the file's bytes, in hex. */
async function hashOf(file: ArchiveFile, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of file.chunks(0, file.size, signal)) hash.update(chunk);
  return hash.digest('hex');
}
