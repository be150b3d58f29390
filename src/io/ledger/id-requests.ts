import type { LedgerEntry } from '../../core/ledger.js';
import type { Op } from './store.js';
import type { Request } from './write-queue.js';

/** Everything that can be asked of the write queue. */
export type LedgerRequest = Request &
  (
    | { readonly kind: 'delivered' | 'intents'; readonly entries: readonly LedgerEntry[] }
    /** `forget`: the target clearly did not take it. `arrived`, `release`, `remove`: an operator's word. */
    | { readonly kind: 'forget' | 'arrived' | 'release' | 'remove'; readonly keys: readonly Uint8Array[] }
    /**
     * `undoing`: about to be deleted at the target, so no longer delivered. `undone`: it was deleted. `kept`: it was not,
     * and is delivered again.
     */
    | { readonly kind: 'undoing' | 'undone' | 'kept'; readonly keys: readonly Uint8Array[]; readonly time: number }
    /** Anything but ids. */
    | { readonly kind: 'ops'; readonly ops: readonly Op[] }
  );

export function entriesRequest(kind: 'delivered' | 'intents', entries: readonly LedgerEntry[]): LedgerRequest {
  return { kind, entries, weight: entries.length, sync: kind === 'intents' };
}

export function keysRequest(
  kind: 'forget' | 'arrived' | 'release' | 'remove',
  keys: readonly Uint8Array[],
  sync = false,
): LedgerRequest {
  return { kind, keys, weight: keys.length, sync };
}

export function undoRequest(
  kind: 'undoing' | 'undone' | 'kept',
  keys: readonly Uint8Array[],
  time: number,
): LedgerRequest {
  return { kind, keys, time, weight: keys.length, sync: kind === 'undoing' };
}

export function opsRequest(ops: readonly Op[], sync: boolean): LedgerRequest {
  return { kind: 'ops', ops, weight: ops.length, sync };
}
