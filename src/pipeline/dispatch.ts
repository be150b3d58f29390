import { setMaxListeners } from 'node:events';
import pLimit from 'p-limit';
import type { Ledger } from '../core/ledger.js';
import type { Clock, Random, Transport } from '../core/ports.js';
import type { Waiting } from '../core/run.js';
import * as stops from '../core/stops.js';
import type { Target } from '../core/target.js';
import type { Aftermath } from './aftermath.js';
import { Answers } from './answers.js';
import { Batcher } from './batcher.js';
import type { QuotaGate } from './day-quota.js';
import type { DispatchSettings } from './dispatch-settings.js';
import { Endings } from './endings.js';
import type { Event } from './event.js';
import { Intents } from './intents.js';
import type { Pace } from './pace.js';
import { Renewal } from './renewal.js';
import { attempt } from './send.js';
import { Session } from './session.js';
import type { Outlet, Sink, SinkPorts } from './sink.js';
import { Subjects } from './subjects.js';
import { independent, newTask, shorten, type Task } from './task.js';
import { TaskQueue } from './task-queue.js';
import { Timer } from './timer.js';
import { Traffic } from './traffic.js';

export interface DispatchPorts extends Omit<SinkPorts, 'settle'> {
  readonly settle: Outlet;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly target: Target;
  readonly pace: Pace;
  /** How many events may be sent per day; undefined where there is no limit. */
  readonly quota?: QuotaGate;
  /** Something that no rule foresees. */
  readonly onBug: (error: unknown) => void;
}

/** An open batch waits so long for more events while the input is silent. */
const SILENCE_MS = 1_000;

/**
 * Decides what is sent when: keeps subjects in order, fills batches, and starts a request whenever a slot is free, the
 * pace allows it and the target is well. A state machine: every change (events offered, an answer, a wait that is
 * over) ends in `#pump`, which starts all that may start now and sets one timer for the next thing that will.
 */
export class Dispatch implements Sink {
  readonly #settings: DispatchSettings;
  readonly #ports: DispatchPorts;
  readonly #subjects: Subjects;
  readonly #batcher: Batcher;
  readonly #session: Session;
  readonly #renewal: Renewal;
  readonly #traffic: Traffic;
  readonly #answers: Answers;
  readonly #timer: Timer;
  readonly #slots;
  readonly #cancel = new AbortController();
  readonly #intents: Intents;
  readonly #tasks = new TaskQueue();
  readonly #endings: Endings;
  /** The day's quota is being reserved. */
  #refilled: Promise<void> | undefined;
  #inputEnded = false;
  #stopped = false;
  #lastOfferAt = 0;
  #lastTrouble: string | undefined;
  #finish: () => void = () => undefined;
  readonly #finished: Promise<void>;

  constructor(settings: DispatchSettings, ports: DispatchPorts) {
    const { clock, random, pace, target, transport } = ports;
    this.#settings = settings;
    this.#ports = ports;
    // Each request in flight listens; without this, Node warns of a leak from eleven on.
    setMaxListeners(0, this.#cancel.signal);
    this.#subjects = new Subjects(settings.order);
    this.#batcher = new Batcher(settings.batch, this.#subjects, target);
    this.#endings = new Endings(this.#subjects, this.#batcher, ports);
    this.#session = new Session(target.authorizer, transport, clock);
    this.#traffic = new Traffic(settings, pace.pacer, random);
    this.#renewal = new Renewal(this.#session, this.#traffic, { ...ports, onPause: () => this.#savePace() });
    this.#answers = new Answers({
      ...ports,
      traffic: this.#traffic,
      session: this.#session,
      onPause: () => this.#savePace(),
      maxWaitMs: settings.maxWaitMs,
    });
    this.#intents = new Intents({
      ...ports,
      onHandedBack: (task) => {
        this.#tasks.putBack(task);
        this.#pump();
      },
    });
    this.#timer = new Timer(clock, () => this.#pump());
    this.#slots = pLimit(settings.concurrency);
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get inFlight(): number {
    return this.#traffic.inFlight;
  }

  get concurrency(): number {
    return this.#traffic.level;
  }

  get waiting(): Waiting {
    const waiting = this.#traffic.waiting(this.#ports.clock.monotonic());
    return waiting ?? (this.#tasks.length > 0 && this.inFlight === 0 ? { for: 'retry' } : undefined);
  }

  /** Takes in new events, in file order. They all end in settle, whatever happens. */
  offer(events: readonly Event[]): void {
    this.#lastOfferAt = this.#ports.clock.monotonic();
    for (const event of events) {
      if (this.#subjects.isHeldBack(event)) this.#endings.leaveUnsent(event);
      else if (this.#subjects.enter(event)) this.#batcher.add(event);
    }
    this.#pump();
  }

  /** Nothing more will be offered. Resolves when every event is settled and nothing is in flight. */
  async end(): Promise<void> {
    this.#inputEnded = true;
    this.#pump();
    await this.#finished;
    await this.#refilled;
    this.#ports.quota?.close();
    await this.#ports.pace.close().catch(this.#ports.onStorageError);
  }

  /** The reader began to wait for room in the window: a batch that is not full may have to leave. */
  windowIsFull(): void {
    this.#pump();
  }

  /** Starts no further request; what is in flight is finished. */
  stop(): void {
    this.#stopped = true;
    this.#pump();
  }

  holdBack(event: Event): void {
    this.#endings.holdBack(event);
  }

  /** Ends what is in flight at once: its events were sent and not answered. */
  cancel(): void {
    this.#cancel.abort();
  }

  #pump(): void {
    const { clock } = this.#ports;
    this.#slots.concurrency = this.#traffic.level;
    this.#checkLimits(clock.monotonic());
    while (!this.#stopped && this.#engaged < this.#traffic.level && !this.#renewal.isRunning) {
      const now = clock.monotonic();
      if (!this.#hasWork()) break;
      const { earliest } = this.#traffic;
      const prepareAt = earliest - this.#intents.aheadMs;
      if (prepareAt > now) {
        this.#timer.ringAt(prepareAt);
        this.#takeBackAll();
        break;
      }
      // One request at a time is prepared ahead of its turn.
      if (earliest > now && this.#intents.busy > 0) break;
      if (!this.#hasQuota(now)) break;
      const token = this.#session.token;
      if (token === undefined) {
        if (this.#renewal.dueAt > now) this.#timer.ringAt(this.#renewal.dueAt);
        else if (this.#hasSendable(now)) this.#startObtaining(now);
        break;
      }
      const task = this.#nextTask(now);
      if (task === undefined) break;
      if (!this.#intents.ready(task)) continue;
      if (earliest > now) {
        this.#tasks.putBack(task);
        this.#timer.ringAt(earliest);
        break;
      }
      this.#startSending(task, token, now);
    }
    // What has no slot any more intends nothing until it has one again.
    if (this.#engaged >= this.#traffic.level) this.#takeBackAll();
    this.#checkGivingUp();
    this.#checkFinished();
  }

  #takeBackAll(): void {
    this.#tasks.sift((tasks) => this.#intents.takeBack(tasks));
  }

  /** May events leave today? If none are reserved, sees to it, and pumps again. */
  #hasQuota(now: number): boolean {
    const { quota, onStop, onStorageError } = this.#ports;
    if (quota === undefined || quota.available > 0) return true;
    if (quota.refilling || !this.#hasSendable(now)) return false;
    if (quota.exhausted) onStop(stops.dayLimit(quota.limit, quota.nextDayAt));
    else this.#refilled = this.#refill(quota).catch(onStorageError);
    return false;
  }

  async #refill(quota: QuotaGate): Promise<void> {
    await quota.refill();
    this.#pump();
  }

  #savePace(): void {
    this.#ports.pace.save().catch(this.#ports.onStorageError);
  }

  #run(work: () => Promise<void>): void {
    this.#slots(work)
      .catch((error: unknown) => this.#ports.onBug(error))
      .then(() => this.#pump());
  }

  #hasWork(): boolean {
    return this.#tasks.length > 0 || this.#batcher.ready > 0;
  }

  /** Would something be sent now, if there were a token, and quota? If not, what is due later wakes the pump. */
  #hasSendable(now: number): boolean {
    if (this.#tasks.isDue(now)) return true;
    this.#ringWhenDue(now);
    return this.#mayLeave(now);
  }

  #ringWhenDue(now: number): void {
    const next = this.#tasks.nextDueAt(now);
    if (Number.isFinite(next)) this.#timer.ringAt(next);
  }

  /** Requests in flight, and those that are being prepared. */
  get #engaged(): number {
    return this.#traffic.inFlight + this.#intents.busy;
  }

  /** The next batch to send on: a due retry or the rest of a split before new events. */
  #nextTask(now: number): Task | undefined {
    const most = this.#traffic.careful ? 1 : (this.#ports.quota?.available ?? Number.POSITIVE_INFINITY);
    for (;;) {
      const task = this.#tasks.takeDue(now, () => this.#traffic.allowsRetry());
      if (task === undefined) break;
      // Where a resend is harmless, the same request comes again, for the target may have it.
      if (!this.#ports.target.resendIsHarmless) this.#endings.dropHeldBack(task);
      if (task.parts.length > 0) return shorten(task, most);
    }
    this.#ringWhenDue(now);
    if (!this.#mayLeave(now)) return undefined;
    const room = Math.min(this.#roomInLimit(), most);
    if (room <= 0) return undefined;
    const batch = this.#batcher.take(room, (event) =>
      this.#endings.release(event, () => this.#endings.leaveUnsent(event)),
    );
    if (batch === undefined) return undefined;
    this.#endings.underway += batch.parts[0]!.length;
    return newTask(batch);
  }

  /** May a new batch leave: is one full, or is there nothing to wait for? */
  #mayLeave(now: number): boolean {
    if (this.#batcher.ready === 0) return false;
    if (this.#batcher.full || this.#traffic.careful || this.#inputEnded || this.#batcher.ready >= this.#roomInLimit())
      return true;
    // When the window is full nothing more is offered before something settles, which an answer may do.
    if (this.#ports.window.full) return this.#engaged === 0;
    const silentAt = this.#lastOfferAt + SILENCE_MS;
    if (now >= silentAt) return true;
    this.#timer.ringAt(silentAt);
    return false;
  }

  #roomInLimit(): number {
    return this.#settings.limit === undefined
      ? Number.POSITIVE_INFINITY
      : this.#settings.limit - this.#endings.delivered - this.#endings.underway;
  }

  #startObtaining(now: number): void {
    const { isRetry } = this.#renewal;
    const renewing = this.#renewal.run(now, this.#cancel.signal);
    this.#leave(now, isRetry);
    this.#run(async () => {
      try {
        this.#lastTrouble = (await renewing) ?? this.#lastTrouble;
      } finally {
        this.#traffic.returned(isRetry);
      }
    });
  }

  #startSending(task: Task, token: string, now: number): void {
    const { quota } = this.#ports;
    const part = task.parts[0]!;
    const isRetry = task.failures > 0;
    this.#leave(now, isRetry);
    quota?.take(part.length);
    this.#run(async () => {
      try {
        const sent = await attempt(part, token, this.#ports, this.#cancel.signal).catch((error: unknown) => {
          this.#intents.leaveStanding(part);
          throw error;
        });
        quota?.answered(sent, part.length);
        await this.#apply(part, this.#answers.take(task, token, sent));
      } finally {
        if (task.parts.length > 0) this.#tasks.putBack(...independent(task, this.#settings.order));
        this.#traffic.returned(isRetry);
      }
    });
  }

  /** Counts a request that leaves now. */
  #leave(now: number, isRetry: boolean): void {
    const { requests } = this.#ports.tally;
    requests.sent += 1;
    if (isRetry) requests.retried += 1;
    this.#traffic.left(now, isRetry);
    this.#ports.pace.charged();
  }

  async #apply(part: readonly Event[], aftermath: Aftermath): Promise<void> {
    if (aftermath.trouble !== undefined) this.#lastTrouble = aftermath.trouble;
    if (aftermath.stop !== undefined) this.#ports.onStop(aftermath.stop);
    if (part.some((event) => event.intended)) {
      const taken = new Set(aftermath.ended.filter(({ end }) => end.kind !== 'refused').map(({ event }) => event));
      await this.#intents.notTaken(part.filter((event) => !taken.has(event)));
    }
    this.#endings.apply(aftermath.ended);
  }

  /** Ends the run when all is delivered that may be, or when the target asks for too much patience. */
  #checkLimits(now: number): void {
    if (this.#stopped || !this.#hasWork()) return;
    if (this.#roomInLimit() <= 0 && this.#endings.underway === 0)
      this.#ports.onStop(stops.deliveryLimit(this.#endings.delivered));
    const wait = this.#traffic.pausedUntil - now;
    const { maxWaitMs } = this.#settings;
    if (wait > maxWaitMs) this.#ports.onStop(stops.waitTooLong(wait, maxWaitMs));
  }

  #checkGivingUp(): void {
    if (this.#stopped) return;
    if (!this.#hasWork() && this.#engaged === 0) {
      this.#traffic.rests();
      return;
    }
    const at = this.#traffic.giveUpAt;
    if (this.#ports.clock.monotonic() < at) {
      if (Number.isFinite(at)) this.#timer.ringAt(at);
      return;
    }
    this.#ports.onStop(stops.gaveUp(this.#settings.giveUpAfterMs, this.#lastTrouble));
    this.cancel();
  }

  #checkFinished(): void {
    if (this.#engaged > 0 || !this.#inputEnded) return;
    if (!this.#stopped && this.#hasWork()) return;
    this.#takeBackAll();
    if (this.#intents.busy > 0) return;
    this.#settleTheRest();
    this.#timer.cancel();
    this.#finish();
  }

  /** After a stop: everything that was not sent, or not answered, in file order as far as it is known. */
  #settleTheRest(): void {
    const rest = [
      ...this.#tasks.drain().flatMap((task) => task.parts.flat()),
      ...this.#batcher.drain(),
      ...this.#subjects.all(),
    ];
    for (const event of new Set(rest)) if (!event.settled) this.#ports.settle.undelivered(event);
  }
}
