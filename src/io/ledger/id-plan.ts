import type { LedgerEntry } from '../../core/ledger.js';
import type { Counters } from './counters.js';
import { deliveredFlags, onlyDelivers, planDelivered } from './delivered-plan.js';
import type { LedgerRequest } from './id-requests.js';
import { HASH_BYTES, hashOfKey, idKey, PREFIX } from './keys.js';
import { decodeRecord, FLAG, withFlag } from './record-format.js';
import type { RunRegister } from './run-register.js';
import type { Op, Store } from './store.js';
import { planUndo, readUndoStates, type UndoStates } from './undo-plan.js';
import type { Plan } from './write-queue.js';

/**
 * One id that a group of requests is about: how the store has it, and how it will. An id stands under `delivered`,
 * under `inDoubt`, or nowhere; never under both.
 */
export interface Touched {
  readonly delivered: Uint8Array;
  hadDelivered: boolean;
  isDelivered: boolean;
  newDelivered: Uint8Array | undefined;
  hadDoubt: boolean;
  doubt: Uint8Array | undefined;
  doubtChanged: boolean;
}

/** Works out what a group of requests changes, so that the counters stay exact whatever is asked. */
export async function planGroup(
  group: readonly LedgerRequest[],
  counters: Counters,
  store: Store,
  register: RunRegister,
): Promise<Plan> {
  if (counters.inDoubt === 0 && onlyDelivers(group)) {
    const { ops, added } = await planDelivered(group, store, register);
    return { ops, delivered: counters.delivered + added, inDoubt: 0 };
  }
  const touched: Group = new Map();
  // The ids of each request, in its order.
  const ids = group.map((request) => collect(request, touched));
  await readStates(touched, counters, store);
  const undos: UndoStates = await readUndoStates(group, (hash) => find(touched, hash), store);

  const ops: Op[] = [];
  group.forEach((request, at) => {
    if (request.kind === 'ops') for (const op of request.ops) ops.push(op);
    else if ('entries' in request) {
      const { kind } = request;
      request.entries.forEach((entry, i) => {
        put(kind, entry, ids[at]![i]!, register);
      });
    } else if ('time' in request) ops.push(...planUndo(request, undos, register));
    else for (const id of ids[at]!) change(request.kind, id);
  });
  ops.push(...register.takeOps());

  let { delivered, inDoubt } = counters;
  for (const id of touched.values()) {
    delivered += Number(id.isDelivered) - Number(id.hadDelivered);
    if (id.newDelivered !== undefined) ops.push({ key: id.delivered, value: id.newDelivered });
    else if (id.hadDelivered && !id.isDelivered) ops.push({ key: id.delivered, value: undefined });
    if (!id.doubtChanged) continue;
    inDoubt += Number(id.doubt !== undefined) - Number(id.hadDoubt);
    ops.push({ key: idKey(PREFIX.inDoubt, hashOfKey(id.delivered)), value: id.doubt });
  }
  return { ops, delivered, inDoubt };
}

type Group = Map<number, Touched>;

function collect(request: LedgerRequest, touched: Group): readonly Touched[] {
  if (request.kind === 'ops') return [];
  if ('entries' in request) return request.entries.map(({ key }) => find(touched, key));
  return request.keys.map((key) => find(touched, key));
}

/** By 31 bits of the hash, which V8 keeps in place; when two ids share them, the second takes the next free number. */
function find(touched: Group, hash: Uint8Array): Touched {
  let slot = hash[0]! | (hash[1]! << 8) | (hash[2]! << 16) | ((hash[3]! & 0x7f) << 24);
  for (;;) {
    const known = touched.get(slot);
    if (known === undefined) {
      const id: Touched = {
        delivered: idKey(PREFIX.delivered, hash),
        hadDelivered: false,
        isDelivered: false,
        newDelivered: undefined,
        hadDoubt: false,
        doubt: undefined,
        doubtChanged: false,
      };
      touched.set(slot, id);
      return id;
    }
    if (isKeyOf(known.delivered, hash)) return known;
    slot = (slot + 1) & 0x7fff_ffff;
  }
}

function isKeyOf(key: Uint8Array, hash: Uint8Array): boolean {
  for (let at = 0; at < HASH_BYTES; at++) if (key[at + 1] !== hash[at]) return false;
  return true;
}

async function readStates(touched: Group, counters: Counters, store: Store): Promise<void> {
  if (touched.size === 0) return;
  const ids = [...touched.values()];
  const [present, doubts] = await Promise.all([
    store.hasMany(ids.map((id) => id.delivered)),
    counters.inDoubt === 0 ? undefined : store.getMany(ids.map((id) => idKey(PREFIX.inDoubt, hashOfKey(id.delivered)))),
  ]);
  for (const [position, id] of ids.entries()) {
    id.hadDelivered = id.isDelivered = present[position]!;
    id.doubt = doubts?.[position];
    id.hadDoubt = id.doubt !== undefined;
  }
}

function put(kind: 'delivered' | 'intents', entry: LedgerEntry, id: Touched, register: RunRegister): void {
  if (kind === 'delivered') {
    id.newDelivered = register.encode(entry, deliveredFlags(entry));
    id.isDelivered = true;
    setDoubt(id, undefined);
    return;
  }
  // What is known to have arrived stays so, whatever becomes of another sending.
  if (id.isDelivered) return;
  let flags = 0;
  if (id.doubt !== undefined) {
    const before = decodeRecord(id.doubt, entry.key);
    flags = before.run === register.run ? before.flags & FLAG.doubtBefore : FLAG.doubtBefore;
  }
  setDoubt(id, register.encode(entry, flags));
}

function change(kind: 'forget' | 'arrived' | 'release' | 'remove', id: Touched): void {
  const hash = hashOfKey(id.delivered);
  if (kind === 'remove') {
    id.isDelivered = false;
    id.newDelivered = undefined;
  } else if (id.doubt === undefined) {
    return;
  } else if (kind === 'arrived') {
    id.newDelivered = withFlag(id.doubt, hash, FLAG.settledByOperator);
    id.isDelivered = true;
    setDoubt(id, undefined);
  } else if (kind === 'release' || (decodeRecord(id.doubt, hash).flags & FLAG.doubtBefore) === 0) {
    // That this sending was refused says nothing of an earlier one that was never answered.
    setDoubt(id, undefined);
  }
}

function setDoubt(id: Touched, doubt: Uint8Array | undefined): void {
  if (id.doubt === undefined && doubt === undefined) return;
  id.doubt = doubt;
  id.doubtChanged = true;
}
