import type { LedgerError } from '../../core/ledger.js';
import type { Clock } from '../../core/ports.js';
import { COUNTERS_KEY, type Counters, encodeCounters } from './counters.js';
import { storageFailure } from './errors.js';
import type { Op, Store } from './store.js';

/** What a group of requests changes. */
export interface Plan {
  readonly ops: readonly Op[];
  readonly delivered: number;
  readonly inDoubt: number;
}

/** Something to be written, with its weight (how many entries) so that a group stays bounded. */
export interface Request {
  readonly weight: number;
  /** The answer waits until it is on disk. */
  readonly sync: boolean;
}

interface Waiting<R> {
  readonly request: R;
  resolve(): void;
  reject(error: LedgerError): void;
}

/** Written but unsynced data is synced after this long at the latest: well within the second that is promised. */
const SYNC_EVERY_MS = 800;
const GROUP_WEIGHT = 5000;

/**
 * Group commit. One write is on its way at a time; what is submitted meanwhile makes the next group, one atomic batch.
 * So nothing waits for a timer, and the slower the disk, the larger the groups.
 *
 * After one failed write nothing is known of the store's end, so every later call fails with the same error.
 */
export class WriteQueue<R extends Request> {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #plan: (group: readonly R[]) => Promise<Plan>;
  #waiting: Waiting<R>[] = [];
  #counters: Counters;
  #failure: LedgerError | undefined;
  #busy: Promise<void> | undefined;
  #unsyncedSince: number | undefined;
  #timer: AbortController | undefined;

  constructor(store: Store, clock: Clock, counters: Counters, plan: (group: readonly R[]) => Promise<Plan>) {
    this.#store = store;
    this.#clock = clock;
    this.#counters = counters;
    this.#plan = plan;
  }

  /** As of the last write that succeeded. */
  get counters(): Counters {
    return this.#counters;
  }

  /** No write has failed so far. */
  get works(): boolean {
    return this.#failure === undefined;
  }

  /** @throws {LedgerError} when an earlier write failed. */
  assertWorks(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Resolves when the request is written (with `sync`: on disk). Requests are written in the order of the calls. */
  submit(request: R): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#start();
    });
  }

  /** Resolves when everything submitted so far is on disk. */
  async sync(): Promise<void> {
    while (this.#busy !== undefined) await this.#busy;
    this.assertWorks();
    if (this.#unsyncedSince === undefined) return;
    this.#busy = this.#guarded(() => this.#commit([], { ops: [], ...this.#counters }, true));
    await this.#busy;
    this.assertWorks();
  }

  /** Writes and syncs what is left, unless a write failed. */
  async close(): Promise<void> {
    try {
      await this.sync();
    } finally {
      this.#timer?.abort();
    }
  }

  #start(): void {
    this.#busy ??= this.#guarded(async () => {
      // What is submitted in the same turn of the event loop belongs to the same group.
      await Promise.resolve();
      while (this.#waiting.length > 0) await this.#writeGroup();
    });
  }

  async #guarded(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (cause) {
      this.#failure = storageFailure(this.#store.folder, 'written', cause);
    }
    this.#busy = undefined;
    if (this.#failure !== undefined) {
      for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
    } else if (this.#waiting.length > 0) {
      this.#start();
    }
  }

  async #writeGroup(): Promise<void> {
    let weight = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || weight < GROUP_WEIGHT)) {
      weight += this.#waiting[count++]!.request.weight;
    }
    const group = this.#waiting.slice(0, count);
    const requests = group.map(({ request }) => request);
    const plan = await this.#plan(requests);
    const overdue = this.#unsyncedSince !== undefined && this.#clock.monotonic() - this.#unsyncedSince >= SYNC_EVERY_MS;
    await this.#commit(group, plan, overdue || requests.some((request) => request.sync));
  }

  async #commit(group: readonly Waiting<R>[], plan: Plan, sync: boolean): Promise<void> {
    const { delivered, inDoubt } = plan;
    const counters = { sequence: this.#counters.sequence + 1, delivered, inDoubt };
    // In front, where the check of a log finds them.
    const ops = [{ key: COUNTERS_KEY, value: encodeCounters(counters) }, ...plan.ops];
    await this.#store.batch(ops, { sync });
    this.#counters = counters;
    if (sync) {
      this.#unsyncedSince = undefined;
      await this.#store.mark(counters.sequence);
    } else {
      this.#unsyncedSince ??= this.#clock.monotonic();
      this.#watch();
    }
    this.#waiting.splice(0, group.length);
    for (const { resolve } of group) resolve();
  }

  /** Syncs when writes have stopped and the last ones are not on disk. */
  #watch(afterMs = SYNC_EVERY_MS): void {
    if (this.#timer !== undefined) return;
    const timer = new AbortController();
    this.#timer = timer;
    void this.#clock.sleep(afterMs, timer.signal).then(async () => {
      this.#timer = undefined;
      if (timer.signal.aborted || this.#unsyncedSince === undefined) return;
      // Another write synced meanwhile, and what was written since is younger than this timer.
      const leftMs = SYNC_EVERY_MS - (this.#clock.monotonic() - this.#unsyncedSince);
      if (leftMs >= 1) this.#watch(leftMs);
      else await this.sync().catch(() => undefined); // The failure is kept for the next call.
    });
  }
}
