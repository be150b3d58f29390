import type { LedgerEntry } from '../../core/ledger.js';
import type { LedgerRequest } from './id-requests.js';
import { HASH_BYTES, PREFIX } from './keys.js';
import { FLAG } from './record-format.js';
import type { RunRegister } from './run-register.js';
import type { Op, Store } from './store.js';

const KEY_BYTES = 1 + HASH_BYTES;

/** What a group of requests changes, where it only delivers. */
export interface DeliveredPlan {
  readonly ops: Op[];
  /** Ids that stood nowhere before: a repeat within the group counts once. */
  readonly added: number;
}

/** Does the group only deliver ids, besides what has nothing to do with ids? Nearly every group does. */
export function onlyDelivers(group: readonly LedgerRequest[]): boolean {
  return group.every(({ kind }) => kind === 'delivered' || kind === 'ops');
}

/**
 * Plans such a group on a ledger that holds nothing in doubt: then all there is to find out is which ids are new. The keys
 * of all stand in one array, and numbers are kept instead of objects.
 */
export async function planDelivered(
  group: readonly LedgerRequest[],
  store: Store,
  register: RunRegister,
): Promise<DeliveredPlan> {
  const ops: Op[] = [];
  const entries: LedgerEntry[] = [];
  for (const request of group) {
    if (request.kind === 'ops') for (const op of request.ops) ops.push(op);
    else if (request.kind === 'delivered') for (const entry of request.entries) entries.push(entry);
  }
  const keys = new Uint8Array(entries.length * KEY_BYTES);
  const asked: Uint8Array[] = [];
  const firsts = new Firsts(keys, entries.length);
  let added = 0;
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i]!;
    const at = i * KEY_BYTES;
    keys[at] = PREFIX.delivered;
    writeKey(entry, keys, at + 1);
    const key = new Uint8Array(keys.buffer, at, KEY_BYTES);
    ops.push({ key, value: register.encode(entry, deliveredFlags(entry), keys, at + 1) });
    if (!firsts.isFirst(i)) continue;
    added += 1;
    if (!isSurelyAbsent(store, keys, at + 1)) asked.push(key);
  }
  if (asked.length > 0) for (const isHeld of await store.hasMany(asked)) added -= Number(isHeld);
  for (const op of register.takeOps()) ops.push(op);
  return { ops, added };
}

export function deliveredFlags({ hadBefore, maybeHadBefore }: LedgerEntry): number {
  return (hadBefore === true ? FLAG.hadBefore : 0) | (maybeHadBefore === true ? FLAG.maybeHadBefore : 0);
}

function writeKey(entry: LedgerEntry, into: Uint8Array, at: number): void {
  if (entry.writeKey !== undefined) {
    entry.writeKey(into, at);
    return;
  }
  const { key } = entry;
  for (let byte = 0; byte < HASH_BYTES; byte += 1) into[at + byte] = key[byte]!;
}

function isSurelyAbsent(store: Store, keys: Uint8Array, at: number): boolean {
  return store.isSurelyAbsent?.(word(keys, at), word(keys, at + 4), word(keys, at + 8), word(keys, at + 12)) === true;
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Tells of each key in turn whether an equal one came before: a table with open addressing, by bits of the hash. */
class Firsts {
  readonly #keys: Uint8Array;
  /** Positions, from 1; 0 where nothing stands. */
  readonly #slots: Uint32Array;

  constructor(keys: Uint8Array, count: number) {
    this.#keys = keys;
    this.#slots = new Uint32Array(2 ** Math.ceil(Math.log2(2 * count + 1)));
  }

  isFirst(position: number): boolean {
    const mask = this.#slots.length - 1;
    const at = position * KEY_BYTES;
    let slot = word(this.#keys, at + 1) & mask;
    for (let other = this.#slots[slot]!; other !== 0; other = this.#slots[slot]!) {
      if (this.#isSame((other - 1) * KEY_BYTES, at)) return false;
      slot = (slot + 1) & mask;
    }
    this.#slots[slot] = position + 1;
    return true;
  }

  #isSame(one: number, other: number): boolean {
    for (let byte = 1; byte < KEY_BYTES; byte += 1) {
      if (this.#keys[one + byte] !== this.#keys[other + byte]) return false;
    }
    return true;
  }
}
