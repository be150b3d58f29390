import type { Clock } from '../core/ports.js';
import type { Target } from '../core/target.js';
import { Batcher } from './batcher.js';
import type { DispatchSettings } from './dispatch-settings.js';
import { Endings, type EndingsPorts } from './endings.js';
import type { Event } from './event.js';
import { Subjects } from './subjects.js';
import { independent, newTask, shorten, type Task } from './task.js';
import { TaskQueue } from './task-queue.js';

export interface SupplyPorts extends EndingsPorts {
  readonly clock: Clock;
  readonly target: Target;
  readonly window: { readonly full: boolean; recheck(): void };
  readonly quota?: { readonly available: number };
  readonly traffic: { readonly careful: boolean; readonly mostEvents: number; allowsRetry(): boolean };
  /** Is a request in flight, or being prepared? */
  readonly isEngaged: () => boolean;
  /** Something will be due at this time (monotonic ms): look again then. */
  readonly onDueAt: (at: number) => void;
}

/** An open batch waits so long for more events while the input is silent. */
const SILENCE_MS = 1_000;

/** So many requests' worth is ready before the reader rests; of events that can't share requests, enough for a batch. */
const LEAST_REQUESTS_READY = 10;

/**
 * Holds what is still to be sent, and decides what goes next, were a slot free: keeps subjects in order, lets a due
 * retry or the rest of a split go before new events, and makes a new batch when one is full or waiting brings nothing.
 */
export class Supply {
  readonly endings: Endings;
  readonly #settings: DispatchSettings;
  readonly #ports: SupplyPorts;
  readonly #subjects: Subjects;
  readonly #batcher: Batcher;
  readonly #tasks = new TaskQueue();
  #inputEnded = false;
  #lastOfferAt = 0;

  constructor(settings: DispatchSettings, ports: SupplyPorts) {
    this.#settings = settings;
    this.#ports = ports;
    this.#subjects = new Subjects(settings.order);
    this.#batcher = new Batcher(settings.batch, this.#subjects, ports.target);
    this.endings = new Endings(this.#subjects, this.#batcher, ports);
  }

  /** Is anything left that may be sent, now or later? Events that wait for others of their subject don't count. */
  get isEmpty(): boolean {
    return this.#tasks.length === 0 && this.#batcher.ready === 0;
  }

  /** Can every slot be given a full request, and more, with what is ready? */
  get isSated(): boolean {
    const { batch, concurrency } = this.#settings;
    return this.#batcher.ready >= batch.events * Math.max(concurrency, LEAST_REQUESTS_READY);
  }

  /** Does a retry, or the rest of a split, wait? */
  get hasTasks(): boolean {
    return this.#tasks.length > 0;
  }

  get inputEnded(): boolean {
    return this.#inputEnded;
  }

  /** How many more events may leave until `--limit` is reached, were all that are on their way delivered. */
  get roomInLimit(): number {
    const { limit } = this.#settings;
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return limit - this.endings.delivered - this.endings.underway;
  }

  /** Takes in new events, in file order. */
  offer(events: readonly Event[]): void {
    this.#lastOfferAt = this.#ports.clock.monotonic();
    for (const event of events) {
      if (this.#subjects.isHeldBack(event)) this.endings.leaveUnsent(event);
      else if (this.#subjects.enter(event)) this.#batcher.add(event);
    }
  }

  /** Nothing more will be offered. */
  end(): void {
    this.#inputEnded = true;
  }

  /** What is left to send of a task goes in front: what was begun is ended first, so that a probe tries it again. */
  putBack(task: Task): void {
    if (task.parts.length > 0) this.#tasks.putBack(...independent(task, this.#settings.order));
  }

  /** Keeps of the tasks only what `sift` returns. */
  sift(sift: (tasks: readonly Task[]) => Task[]): void {
    this.#tasks.sift(sift);
  }

  /** Would something be sent now? If not, what is due later is told. */
  hasSendable(now: number): boolean {
    if (this.#tasks.isDue(now)) return true;
    this.#tellWhenDue(now);
    return this.#mayLeave(now);
  }

  /** Takes out what goes next. If nothing may go now, what is due later is told. */
  next(now: number): Task | undefined {
    const { traffic, quota, target } = this.#ports;
    const most = Math.min(traffic.mostEvents, quota?.available ?? Number.POSITIVE_INFINITY);
    for (;;) {
      const task = this.#tasks.takeDue(now, () => traffic.allowsRetry());
      if (task === undefined) break;
      // Where a resend is harmless, the same request comes again, for the target may have it.
      if (!target.resendIsHarmless) this.endings.dropHeldBack(task);
      if (task.parts.length > 0) return shorten(task, most);
    }
    this.#tellWhenDue(now);
    if (!this.#mayLeave(now)) return undefined;
    const made = this.#newTask(Math.min(this.roomInLimit, most));
    this.#ports.window.recheck();
    return made;
  }

  /** Takes out everything that is left; the events of one subject in file order. */
  drain(): Iterable<Event> {
    return new Set([
      ...this.#tasks.drain().flatMap((task) => task.parts.flat()),
      ...this.#batcher.drain(),
      ...this.#subjects.all(),
    ]);
  }

  #newTask(most: number): Task | undefined {
    if (most <= 0) return undefined;
    const { endings } = this;
    const batch = this.#batcher.take(most, (event) => endings.release(event, () => endings.leaveUnsent(event)));
    if (batch === undefined) return undefined;
    endings.underway += batch.parts[0]!.length;
    return newTask(batch);
  }

  /** May a new batch leave: is one full, or is there nothing to wait for? */
  #mayLeave(now: number): boolean {
    const { ready, full } = this.#batcher;
    if (ready === 0) return false;
    if (full || this.#ports.traffic.careful || this.#inputEnded || ready >= this.roomInLimit) return true;
    // When the window is full nothing more is offered before something settles, which an answer may do.
    if (this.#ports.window.full) return !this.#ports.isEngaged();
    const silentAt = this.#lastOfferAt + SILENCE_MS;
    if (now >= silentAt) return true;
    this.#ports.onDueAt(silentAt);
    return false;
  }

  #tellWhenDue(now: number): void {
    const next = this.#tasks.nextDueAt(now);
    if (Number.isFinite(next)) this.#ports.onDueAt(next);
  }
}
