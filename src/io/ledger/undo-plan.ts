import type { Touched } from './id-plan.js';
import type { LedgerRequest } from './id-requests.js';
import { hashOfKey, idKey, PREFIX } from './keys.js';
import type { RunRegister } from './run-register.js';
import type { Op, Store } from './store.js';
import { decodeUndone, deliveredIn, encodeUndone } from './undone-format.js';

type UndoRequest = Extract<LedgerRequest, { readonly time: number }>;

/** What a group of requests takes back: how the store has each id under `delivered` and under `undone`. */
export type UndoStates = ReadonlyMap<UndoRequest, readonly UndoState[]>;

interface UndoState {
  readonly id: Touched;
  readonly delivered: Uint8Array | undefined;
  readonly undone: Uint8Array | undefined;
}

export async function readUndoStates(
  group: readonly LedgerRequest[],
  find: (hash: Uint8Array) => Touched,
  store: Store,
): Promise<UndoStates> {
  const states = new Map<UndoRequest, readonly UndoState[]>();
  for (const request of group) {
    if (!('time' in request)) continue;
    const keys = request.keys.flatMap((hash) => [idKey(PREFIX.delivered, hash), idKey(PREFIX.undone, hash)]);
    const values = await store.getMany(keys);
    states.set(
      request,
      request.keys.map((hash, i) => ({ id: find(hash), delivered: values[2 * i], undone: values[2 * i + 1] })),
    );
  }
  return states;
}

/**
 * Moves ids between `delivered` and `undone`. A request about one id waits for the one before it, so what the store holds
 * is how the id is.
 */
export function planUndo(request: UndoRequest, states: UndoStates, register: RunRegister): Op[] {
  const { kind, time } = request;
  return (states.get(request) ?? []).flatMap(({ id, delivered, undone }): Op[] => {
    const hash = hashOfKey(id.delivered);
    const key = idKey(PREFIX.undone, hash);
    if (kind === 'undoing') {
      if (delivered === undefined) return [];
      id.isDelivered = false;
      return [{ key, value: encodeUndone(delivered, hash, { undoing: true, ...register.moment(time) }) }];
    }
    if (undone === undefined || !decodeUndone(undone, hash).undoing) return [];
    if (kind === 'undone') {
      const moment = register.moment(time);
      return [{ key, value: encodeUndone(deliveredIn(undone, hash), hash, { undoing: false, ...moment }) }];
    }
    if (delivered !== undefined) return [{ key, value: undefined }];
    id.isDelivered = true;
    id.newDelivered = deliveredIn(undone, hash);
    return [{ key, value: undefined }];
  });
}
