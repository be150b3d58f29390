import { type KeyRange, PREFIX } from './keys.js';

/** One change: a value is put, `undefined` removes. */
export interface Op {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export type Entry = readonly [key: Uint8Array, value: Uint8Array];

/**
 * The ordered key-value store below the ledger. Keys compare as bytes. What it holds when it is opened is on disk:
 * LevelDB turns its log into a synced table then. `level-store.ts` keeps it on disk; tests keep it
 * in memory, with a disk that forgets.
 */
export interface Store {
  /** Where it is, for messages. */
  readonly folder: string;
  /** In the order of the keys, each read not before the one in front of it. Reads throw {LedgerError}. */
  getMany(keys: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
  hasMany(keys: readonly Uint8Array[]): Promise<readonly boolean[]>;
  /** True only when surely no delivered id with this hash is stored or being stored. @param a as in `Ledger.isSurelyNew` */
  isSurelyAbsent?(a: number, b: number, c: number, d: number): boolean;
  /**
   * One atomic write. Once it resolves it survives a killed process; with `sync` (it and all before it) also a power
   * loss. What survives of unsynced writes is a prefix of them.
   */
  batch(ops: readonly Op[], options: { readonly sync: boolean }): Promise<void>;
  /** Pages of entries in the order of keys. */
  iterate(range: KeyRange): AsyncIterable<readonly Entry[]>;
  /** Remembers, outside the store's own files, that the write with this sequence number is on disk. */
  mark(sequence: number): Promise<void>;
  /** What was marked last, when the store was opened; 0 for a new one. */
  readonly marked: number;
  /** Bytes on disk, about. */
  diskBytes(): Promise<number>;
  close(): Promise<void>;
}

/** A place at which something is about to be made durable, or just was. */
export interface StorageEvent {
  /** `write`: reaches the operating system; `sync`: the disk; `mark`: the note beside the store; `file`: a small file. */
  readonly kind: 'write' | 'sync' | 'mark' | 'file';
  /** The first letters of the keys written (see `PREFIX`), sorted; for a file its name. */
  readonly holds: string;
  /** How many delivered ids are written. */
  readonly ids: number;
}

/** Called around every kind of write: tests kill the process there, or throw as a failing disk would. */
export interface StorageHooks {
  before?(event: StorageEvent): void | Promise<void>;
  after?(event: StorageEvent): void | Promise<void>;
}

export function hookedStore(store: Store, hooks: StorageHooks): Store {
  const around = async (event: StorageEvent, act: () => Promise<void>): Promise<void> => {
    await hooks.before?.(event);
    await act();
    await hooks.after?.(event);
  };
  return {
    folder: store.folder,
    marked: store.marked,
    getMany: (keys) => store.getMany(keys),
    hasMany: (keys) => store.hasMany(keys),
    ...(store.isSurelyAbsent === undefined ? {} : { isSurelyAbsent: store.isSurelyAbsent }),
    iterate: (range) => store.iterate(range),
    diskBytes: () => store.diskBytes(),
    close: () => store.close(),
    batch: (ops, options) =>
      around({ kind: options.sync ? 'sync' : 'write', holds: prefixes(ops), ids: idsIn(ops) }, () =>
        store.batch(ops, options),
      ),
    mark: (sequence) => around({ kind: 'mark', holds: '', ids: 0 }, () => store.mark(sequence)),
  };
}

function prefixes(ops: readonly Op[]): string {
  return [...new Set(ops.map((op) => String.fromCharCode(op.key[0]!)))].sort().join('');
}

function idsIn(ops: readonly Op[]): number {
  return ops.filter(({ key, value }) => key[0] === PREFIX.delivered && value !== undefined).length;
}
