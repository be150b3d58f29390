import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { codeOf, storageFailure } from './errors.js';
import { HeadFile, readHead } from './head-file.js';
import type { KeyRange } from './keys.js';
import type { Entry, Op, Store } from './store.js';

type Level = ClassicLevel<Uint8Array, Uint8Array>;

const OPTIONS = {
  keyEncoding: 'view',
  valueEncoding: 'view',
  // Keys are hashes: compressing them costs time and saves nothing.
  compression: false,
  cacheSize: 4 * 1024 * 1024,
  // Two of these are held in memory, and each becomes a table that is mapped: with 8 MiB a million ids take 30 MB more of
  // resident memory, and no less time.
  writeBufferSize: 4 * 1024 * 1024,
  // LevelDB maps its open tables into memory, so these two bound what is resident: 64 tables of 1 MiB, the least it takes.
  maxFileSize: 1024 * 1024,
  maxOpenFiles: 74,
} as const;

const PAGE = 1000;

/** Where the parts of a store stand in its folder. */
export function storePaths(folder: string): { readonly level: string; readonly head: string } {
  return { level: join(folder, 'level'), head: join(folder, 'head') };
}

/** Makes an empty store; its folder is made too. */
export async function createLevelStore(folder: string, shown = folder): Promise<Store> {
  const { level, head } = storePaths(folder);
  await mkdir(level, { recursive: true, mode: 0o700 });
  await HeadFile.create(head);
  return openLevel(folder, shown, true);
}

/**
 * Opens an existing store. Check it first: LevelDB does not.
 * @param shown the folder that messages name
 */
export async function openLevelStore(folder: string, shown = folder): Promise<Store> {
  return openLevel(folder, shown, false);
}

async function openLevel(folder: string, shown: string, create: boolean): Promise<Store> {
  const paths = storePaths(folder);
  const level: Level = new ClassicLevel(paths.level, { ...OPTIONS, createIfMissing: create });
  await level.open();
  try {
    const found = await readHead(paths.head);
    const head = await HeadFile.open(paths.head, found?.turn ?? 0);
    const current = (await readFile(join(paths.level, 'CURRENT'), 'latin1')).trim();
    return new LevelStore(shown, level, head, join(paths.level, current), found?.head.sequence ?? 0);
  } catch (error) {
    await level.close();
    throw error;
  }
}

class LevelStore implements Store {
  readonly folder: string;
  readonly marked: number;
  readonly #level: Level;
  readonly #head: HeadFile;
  readonly #manifest: string;
  readonly #manifestNumber: number;
  #newestMark: number | undefined;

  constructor(folder: string, level: Level, head: HeadFile, manifest: string, marked: number) {
    this.folder = folder;
    this.#level = level;
    this.#head = head;
    this.#manifest = manifest;
    this.#manifestNumber = Number(/\d+$/.exec(manifest)?.[0] ?? 0);
    this.marked = marked;
  }

  async getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#reading(inKeyOrder(keys, (sorted) => this.#level.getMany(sorted)));
  }

  async hasMany(keys: readonly Uint8Array[]): Promise<readonly boolean[]> {
    return this.#reading(inKeyOrder(keys, (sorted) => this.#level.hasMany(sorted)));
  }

  async batch(ops: readonly Op[], options: { readonly sync: boolean }): Promise<void> {
    // A chained batch takes a tenth of an array batch's time on the main thread (0.6 against 6 µs per entry).
    const batch = this.#level.batch();
    for (const { key, value } of ops) {
      if (value === undefined) batch.del(key);
      else batch.put(key, value);
    }
    await batch.write(options);
  }

  async *iterate(range: KeyRange): AsyncIterable<readonly Entry[]> {
    const iterator = this.#level.iterator(range);
    try {
      for (;;) {
        const page = await this.#reading(iterator.nextv(PAGE));
        if (page.length === 0) return;
        yield page;
      }
    } finally {
      await iterator.close();
    }
  }

  async mark(sequence: number): Promise<void> {
    const { size } = await stat(this.#manifest);
    await this.#head.write({ sequence, manifest: this.#manifestNumber, manifestSize: size });
    this.#newestMark = sequence;
  }

  async diskBytes(): Promise<number> {
    let bytes = 0;
    for (const name of await readdir(this.#level.location)) {
      // A file may go away between the listing and the look.
      bytes += (await stat(join(this.#level.location, name)).catch(() => undefined))?.size ?? 0;
    }
    return bytes;
  }

  async #reading<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      throw storageFailure(this.folder, 'read', cause);
    }
  }

  async close(): Promise<void> {
    try {
      await this.#level.close();
      // What LevelDB did in the background since the last mark stands in the manifest too, which now is final. Where
      // that can't be noted (the folder is gone, say), the last mark stands, which is as true.
      if (this.#newestMark !== undefined) await this.mark(this.#newestMark).catch(() => undefined);
    } finally {
      await this.#head.close();
    }
  }
}

/** Reads in the order of the keys, so that each table is opened once however few may be open, and answers in theirs. */
async function inKeyOrder<T>(keys: readonly Uint8Array[], read: (keys: Uint8Array[]) => Promise<T[]>): Promise<T[]> {
  if (keys.length < 2) return read([...keys]);
  const order = keys.map((_, at) => at).sort((a, b) => Buffer.compare(keys[a]!, keys[b]!));
  const found = await read(order.map((at) => keys[at]!));
  const answers = new Array<T>(keys.length);
  order.forEach((at, i) => {
    answers[at] = found[i]!;
  });
  return answers;
}

/** Lets LevelDB make of a damaged store what it can. It checks nothing that it keeps. */
export async function rebuildLevel(folder: string): Promise<void> {
  await ClassicLevel.repair(storePaths(folder).level);
}

/** Rewrites a store, so that it holds nothing that was removed, and no compressed tables. */
export async function compactLevel(folder: string): Promise<void> {
  const level: Level = new ClassicLevel(storePaths(folder).level, { ...OPTIONS, createIfMissing: false });
  await level.open();
  try {
    await level.compactRange(Uint8Array.of(0), Uint8Array.of(0xff));
  } finally {
    await level.close();
  }
}

/** A lock that dies with its process, and that nobody else in this process or another can hold. */
export interface FolderLock {
  release(): Promise<void>;
}

/**
 * Locks a folder. Node has no file locks but LevelDB has one, so the lock is an empty LevelDB. It is not the ledger's
 * own store, because that must be checked before LevelDB opens it, and nobody else may write it meanwhile.
 * @returns undefined when it is held.
 */
export async function lockFolder(folder: string): Promise<FolderLock | undefined> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const open = async (): Promise<ClassicLevel> => {
    const level = new ClassicLevel(folder);
    await level.open();
    return level;
  };
  let level: ClassicLevel;
  try {
    level = await open();
  } catch (error) {
    if (codeOf(error) === 'LEVEL_LOCKED') return undefined;
    // It holds nothing, so when its files are damaged it is made anew (which fails while it is held).
    await ClassicLevel.destroy(folder);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    level = await open();
  }
  return { release: () => level.close() };
}
