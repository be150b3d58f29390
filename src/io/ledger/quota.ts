import type { DayQuota } from '../../core/ledger.js';
import { type LedgerRequest, opsRequest } from './id-requests.js';
import { PREFIX, rangeOf, textKey } from './keys.js';
import { seal, unseal } from './sealed-json.js';
import type { Op, Store } from './store.js';
import type { WriteQueue } from './write-queue.js';

/** Reserved on disk beyond what was asked for, so that not every request pays a sync. A kill forfeits at most this. */
const AHEAD = 1000;
/** Days that are looked at again at most: the target's clock may be in another day than ours. */
const DAYS_KEPT = 40;

/** Events sent per UTC day. What stands on disk is never less than what was granted. */
export class StoredQuota implements DayQuota {
  readonly #store: Store;
  readonly #queue: WriteQueue<LedgerRequest>;
  readonly #used = new Map<string, number>();
  readonly #onDisk = new Map<string, number>();
  #turn: Promise<unknown> = Promise.resolve();

  constructor(store: Store, queue: WriteQueue<LedgerRequest>) {
    this.#store = store;
    this.#queue = queue;
  }

  reserve(day: string, events: number, limit: number): Promise<number> {
    // One at a time, so that two can't be granted the same rest.
    const granted = this.#turn.then(() => this.#reserve(day, events, limit));
    this.#turn = granted.catch(() => undefined);
    return granted;
  }

  giveBack(day: string, events: number): void {
    const used = this.#used.get(day);
    if (used !== undefined) this.#used.set(day, Math.max(0, used - events));
  }

  async usedToday(day: string): Promise<number> {
    const known = this.#used.get(day);
    if (known !== undefined) return known;
    const [value] = await this.#store.getMany([textKey(PREFIX.quota, day)]);
    const stored = value === undefined ? 0 : (unseal(value, this.#store.folder) as number);
    // Someone else may have asked, and counted, meanwhile.
    const used = this.#used.get(day) ?? stored;
    this.#used.set(day, used);
    if (!this.#onDisk.has(day)) this.#onDisk.set(day, stored);
    return used;
  }

  /** Writes down what was really used, so that a clean end forfeits nothing. */
  async settle(): Promise<void> {
    await this.#turn;
    const ops: Op[] = [];
    for (const [day, used] of this.#used) {
      if (used === this.#onDisk.get(day)) continue;
      this.#onDisk.set(day, used);
      ops.push({ key: textKey(PREFIX.quota, day), value: seal(used) });
    }
    if (ops.length > 0) await this.#queue.submit(opsRequest(ops, true));
  }

  async #reserve(day: string, events: number, limit: number): Promise<number> {
    await this.usedToday(day);
    const granted = Math.max(0, Math.min(events, limit - this.#used.get(day)!));
    const used = this.#used.get(day)! + granted;
    this.#used.set(day, used);
    if (used > this.#onDisk.get(day)!) {
      const ahead = Math.max(used, Math.min(limit, used + AHEAD));
      const forget = await this.#oldDays();
      const op = { key: textKey(PREFIX.quota, day), value: seal(ahead) };
      await this.#queue.submit(opsRequest([op, ...forget], true));
      this.#onDisk.set(day, ahead);
    }
    return granted;
  }

  async #oldDays(): Promise<Op[]> {
    const keys: Uint8Array[] = [];
    for await (const page of this.#store.iterate(rangeOf(PREFIX.quota))) for (const [key] of page) keys.push(key);
    return keys.slice(0, Math.max(0, keys.length - DAYS_KEPT)).map((key) => ({ key, value: undefined }));
  }
}
