import type { Undoing, UndoneRecord } from '../../core/ledger.js';
import type { Clock } from '../../core/ports.js';
import { type LedgerRequest, undoRequest } from './id-requests.js';
import { idKey, PREFIX } from './keys.js';
import type { Records } from './records.js';
import type { Store } from './store.js';
import type { WriteQueue } from './write-queue.js';

/** Takes delivered ids back, in the store. */
export class StoredUndoing implements Undoing {
  readonly #store: Store;
  readonly #queue: WriteQueue<LedgerRequest>;
  readonly #records: Records;
  readonly #clock: Clock;

  constructor(store: Store, queue: WriteQueue<LedgerRequest>, records: Records, clock: Clock) {
    this.#store = store;
    this.#queue = queue;
    this.#records = records;
    this.#clock = clock;
  }

  async undone(keys: readonly Uint8Array[]): Promise<readonly (UndoneRecord | undefined)[]> {
    this.#queue.assertWorks();
    const stored = keys.map((hash) => idKey(PREFIX.undone, hash));
    const values = await this.#store.getMany(stored);
    return this.#records.decodeUndone(
      stored.map((key, at) => (values[at] === undefined ? undefined : [key, values[at]])),
    );
  }

  begin(keys: readonly Uint8Array[]): Promise<void> {
    return this.#queue.submit(undoRequest('undoing', keys, this.#clock.now()));
  }

  done(keys: readonly Uint8Array[]): Promise<void> {
    return this.#queue.submit(undoRequest('undone', keys, this.#clock.now()));
  }

  giveUp(keys: readonly Uint8Array[]): Promise<void> {
    return this.#queue.submit(undoRequest('kept', keys, this.#clock.now()));
  }
}
