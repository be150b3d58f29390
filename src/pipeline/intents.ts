import type { Ledger } from '../core/ledger.js';
import type { Clock } from '../core/ports.js';
import type { Event } from './event.js';
import type { Task } from './task.js';

export interface IntentsPorts {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly target: { readonly resendIsHarmless: boolean };
  readonly onStorageError: (error: unknown) => void;
  /** A task was prepared, or taken back: it may be looked at again. */
  readonly onHandedBack: (task: Task) => void;
}

/** An intent may be written so long (ms) before its request may leave, so that a paced request need not wait for it. */
const AHEAD_MS = 100;

/**
 * At most once, for targets that take the same event twice: that an event is about to be sent stands in the ledger,
 * synced, before its request leaves, and is taken out again only when the event clearly was not taken, or never left.
 * So whatever happens, what may have been taken is found in the ledger as in doubt.
 *
 * While an intent is written or taken back, its task is held here. Where a resend is harmless, nothing is done at all.
 */
export class Intents {
  readonly #ports: IntentsPorts;
  readonly #needed: boolean;
  #busy = 0;

  constructor(ports: IntentsPorts) {
    this.#ports = ports;
    this.#needed = !ports.target.resendIsHarmless;
  }

  /** How many tasks are held here. */
  get busy(): number {
    return this.#busy;
  }

  /** How long before a request may leave its task is to be prepared (ms). */
  get aheadMs(): number {
    return this.#needed ? AHEAD_MS : 0;
  }

  /** May the task's first part leave? If not, sees to it: the task is kept, and handed back later. */
  ready(task: Task): boolean {
    if (!this.#needed) return true;
    const [first, ...others] = task.parts;
    if (others.some((part) => part.some((event) => event.intended))) {
      this.takeBack([task]);
      return false;
    }
    const missing = first!.filter((event) => !event.intended);
    if (missing.length === 0) return true;
    this.#hold(task, async () => {
      const now = this.#ports.clock.now();
      await this.#ports.ledger.recordIntents(missing.map((event) => event.ledgerEntry(now, false)));
      for (const event of missing) event.intended = true;
    });
    return false;
  }

  /**
   * Takes back what the tasks intend, for they can't leave now.
   * @returns the tasks that intend nothing; the others are kept, and handed back later
   */
  takeBack(tasks: readonly Task[]): Task[] {
    return tasks.filter((task) => {
      const standing = task.parts.flat().filter((event) => event.intended);
      if (standing.length === 0) return true;
      this.#hold(task, () => this.#forget(standing));
      return false;
    });
  }

  /** Of events that were sent: those that clearly were not taken intend nothing any more. @throws nothing: it is told */
  async notTaken(events: readonly Event[]): Promise<void> {
    const standing = events.filter((event) => event.intended);
    if (standing.length > 0) await this.#forget(standing).catch(this.#ports.onStorageError);
  }

  /** A bug came between the request and its answer: that these were sent stays in the ledger. */
  leaveStanding(events: readonly Event[]): void {
    for (const event of events) event.intended = false;
  }

  async #forget(events: readonly Event[]): Promise<void> {
    // Also when the ledger can't be written: the run ends then, and must not try for ever.
    for (const event of events) event.intended = false;
    await this.#ports.ledger.forgetIntents(events.map((event) => event.keyBytes()));
  }

  #hold(task: Task, work: () => Promise<void>): void {
    const { onStorageError, onHandedBack } = this.#ports;
    this.#busy += 1;
    void work()
      .catch(onStorageError)
      .then(() => {
        this.#busy -= 1;
        onHandedBack(task);
      });
  }
}
