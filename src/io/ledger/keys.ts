import { createHash } from 'node:crypto';

/** The first byte of a key says what the entry is. */
export const PREFIX = {
  /** A delivered id. */
  delivered: 0x69,
  /** An id that was sent, or is about to be, and is not known to have arrived. */
  inDoubt: 0x64,
  /** An id that was delivered and taken back, or is about to be: never counts as delivered. */
  undone: 0x75,
  counters: 0x6b,
  meta: 0x6d,
  run: 0x72,
  /** All that is kept of how a run went. */
  account: 0x67,
  /** The name of a file of a run. */
  fileName: 0x6e,
  completedFile: 0x66,
  /** From a file's place to its entry under `completedFile`. */
  completedPath: 0x70,
  /** A file that was read to its end, with records that were rejected. */
  rejectedFile: 0x6a,
  checkpoint: 0x63,
  state: 0x73,
  quota: 0x71,
  audit: 0x61,
} as const;

export type Prefix = (typeof PREFIX)[keyof typeof PREFIX];

/** 128 bits stand for an id, so its key has 17 bytes. */
export const HASH_BYTES = 16;

const KEY_BYTES = 1 + HASH_BYTES;
/** V8 keeps small arrays in its own heap and moves them out, at a cost, when native code looks at them. */
let arena = new Uint8Array(1024 * KEY_BYTES);
let used = 0;

export function idKey(prefix: Prefix, hash: Uint8Array): Uint8Array {
  if (used === arena.length) {
    arena = new Uint8Array(1024 * KEY_BYTES);
    used = 0;
  }
  const key = arena.subarray(used, used + KEY_BYTES);
  used += KEY_BYTES;
  key[0] = prefix;
  for (let at = 0; at < HASH_BYTES; at++) key[at + 1] = hash[at]!;
  return key;
}

export function hashOfKey(key: Uint8Array): Uint8Array {
  return key.subarray(1, 1 + HASH_BYTES);
}

export function textKey(prefix: Prefix, text: string): Uint8Array {
  return Buffer.concat([Uint8Array.of(prefix), Buffer.from(text, 'utf8')]);
}

/** A key for something with a long name, of which only equality counts. */
export function hashedKey(prefix: Prefix, parts: readonly string[]): Uint8Array {
  return idKey(prefix, createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, HASH_BYTES));
}

/** Numbers (below 2^48) in keys are big-endian, so that the store lists them in their order. */
export function numberedKey(prefix: Prefix, ...numbers: readonly number[]): Uint8Array {
  const key = Buffer.alloc(1 + 6 * numbers.length);
  key[0] = prefix;
  numbers.forEach((number, index) => {
    key.writeUIntBE(number, 1 + 6 * index, 6);
  });
  return key;
}

export function numberInKey(key: Uint8Array, index: number): number {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).readUIntBE(1 + 6 * index, 6);
}

export interface KeyRange {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
}

export function rangeOf(prefix: Prefix): KeyRange {
  return { gte: Uint8Array.of(prefix), lt: Uint8Array.of(prefix + 1) };
}

/** One key. */
export function rangeAt(key: Uint8Array): KeyRange {
  return { gte: key, lt: Buffer.concat([key, Uint8Array.of(0)]) };
}

/** All keys that begin with `start` and go on with one number. */
export function numberedRange(start: Uint8Array): KeyRange {
  return { gte: start, lt: Buffer.concat([start, Buffer.alloc(7, 0xff)]) };
}
