import { setMaxListeners } from 'node:events';
import type { Ledger } from '../core/ledger.js';
import type { Clock, Random, Transport } from '../core/ports.js';
import type { Waiting } from '../core/run.js';
import * as stops from '../core/stops.js';
import type { Target } from '../core/target.js';
import { type Aftermath, isAllDelivered } from './aftermath.js';
import { Allowance, type AllowancePorts } from './allowance.js';
import { Answers } from './answers.js';
import type { DispatchSettings } from './dispatch-settings.js';
import type { Event } from './event.js';
import { Intents } from './intents.js';
import type { Pace } from './pace.js';
import { Renewal } from './renewal.js';
import { attempt } from './send.js';
import { Session } from './session.js';
import type { Outlet, Sink, SinkPorts } from './sink.js';
import { Slots } from './slots.js';
import { Supply } from './supply.js';
import type { Task } from './task.js';
import { Timer } from './timer.js';
import { Traffic } from './traffic.js';

export interface DispatchPorts extends Omit<SinkPorts, 'settle'>, AllowancePorts {
  readonly settle: Outlet;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly target: Target;
  readonly pace: Pace;
  /** Something that no rule foresees. */
  readonly onBug: (error: unknown) => void;
}

/**
 * Decides what is sent when: keeps subjects in order, fills batches, and starts a request whenever a slot is free, the
 * pace allows it and the target is well. A state machine: every change (events offered, an answer, a wait that is
 * over) ends in `#pump`, which starts all that may start now and sets one timer for the next thing that will.
 */
export class Dispatch implements Sink {
  readonly #settings: DispatchSettings;
  readonly #ports: DispatchPorts;
  readonly #supply: Supply;
  readonly #session: Session;
  readonly #renewal: Renewal;
  readonly #traffic: Traffic;
  readonly #answers: Answers;
  readonly #timer: Timer;
  readonly #slots: Slots;
  readonly #cancel = new AbortController();
  readonly #intents: Intents;
  readonly #allowance: Allowance;
  #stopped = false;
  /** A question stands whose answer may stop the run. */
  #held = false;
  #lastTrouble: string | undefined;
  #finish: () => void = () => undefined;
  readonly #finished: Promise<void>;

  constructor(settings: DispatchSettings, ports: DispatchPorts) {
    const { clock, random, pace, target, transport } = ports;
    this.#settings = settings;
    this.#ports = ports;
    // Each request in flight listens; without this, Node warns of a leak from eleven on.
    setMaxListeners(0, this.#cancel.signal);
    this.#session = new Session(target.authorizer, transport, clock);
    this.#traffic = new Traffic(settings, pace.pacer, random);
    this.#timer = new Timer(clock, () => this.#pump());
    this.#supply = new Supply(settings, {
      ...ports,
      traffic: this.#traffic,
      isEngaged: () => this.#engaged > 0 || this.#slots.haveLeft,
      onDueAt: (at) => this.#timer.ringAt(at),
    });
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
        this.#supply.putBack(task);
        this.#pump();
      },
    });
    this.#allowance = new Allowance(ports, () => this.#pump());
    this.#slots = new Slots(settings.concurrency, clock, ports.onBug, () => this.#pump());
    this.#finished = new Promise((resolve) => {
      this.#finish = resolve;
    });
  }

  get inFlight(): number {
    return this.#traffic.inFlight;
  }

  get isSated(): boolean {
    return this.#supply.isSated;
  }

  get areStarting(): boolean {
    return (this.#ports.transport.starting ?? 0) > 0;
  }

  get concurrency(): number {
    return this.#traffic.level;
  }

  get waiting(): Waiting {
    if (this.#held && !this.#stopped) return { for: 'answer' };
    const waiting = this.#traffic.waiting(this.#ports.clock.monotonic());
    return waiting ?? (this.#supply.hasTasks && this.inFlight === 0 ? { for: 'retry' } : undefined);
  }

  /** Takes in new events, in file order. They all end in settle, whatever happens. */
  offer(events: readonly Event[]): void {
    this.#supply.offer(events);
    this.#pump();
  }

  /** Nothing more will be offered. Resolves when every event is settled and nothing is in flight. */
  async end(): Promise<void> {
    this.#supply.end();
    this.#pump();
    await this.#finished;
    await this.#allowance.close();
    await this.#ports.pace.close().catch(this.#ports.onStorageError);
  }

  /** The reader began to wait for room in the window: a batch that is not full may have to leave. */
  windowIsFull(): void {
    this.#pump();
  }

  /** Starts no further request until this resolves; the time does not count for giving up. */
  hold(until: Promise<void>): void {
    this.#held = true;
    void until.then(() => {
      this.#held = false;
      this.#pump();
    });
  }

  /** Starts no further request; what is in flight is finished. */
  stop(): void {
    this.#stopped = true;
    this.#pump();
  }

  holdBack(event: Event): void {
    this.#supply.endings.holdBack(event);
  }

  /** Ends what is in flight at once: its events were sent and not answered. */
  cancel(): void {
    this.#cancel.abort();
  }

  #pump(): void {
    const { clock } = this.#ports;
    this.#slots.concurrency = this.#traffic.level;
    this.#checkLimits(clock.monotonic());
    while (!this.#stopped && !this.#held && this.#engaged < this.#traffic.level && !this.#renewal.isRunning) {
      const now = clock.monotonic();
      if (this.#supply.isEmpty) break;
      const { earliest } = this.#traffic;
      const prepareAt = earliest - this.#intents.aheadMs;
      if (prepareAt > now) {
        this.#timer.ringAt(prepareAt);
        this.#takeBackAll();
        break;
      }
      // One request at a time is prepared ahead of its turn.
      if (earliest > now && this.#intents.busy > 0) break;
      if (!this.#allowance.has(() => this.#supply.hasSendable(now))) break;
      const token = this.#session.token;
      if (token === undefined) {
        if (this.#renewal.dueAt > now) this.#timer.ringAt(this.#renewal.dueAt);
        else if (this.#supply.hasSendable(now)) this.#startObtaining(now);
        break;
      }
      const task = this.#supply.next(now);
      if (task === undefined) break;
      if (!this.#intents.ready(task)) continue;
      if (earliest > now) {
        this.#supply.putBack(task);
        this.#timer.ringAt(earliest);
        break;
      }
      this.#startSending(task, token, now);
    }
    // What has no slot any more intends nothing until it has one again.
    if (this.#held || this.#engaged >= this.#traffic.level) this.#takeBackAll();
    this.#checkGivingUp();
    this.#checkFinished();
  }

  #takeBackAll(): void {
    this.#supply.sift((tasks) => this.#intents.takeBack(tasks));
  }

  #savePace(): void {
    this.#ports.pace.save().catch(this.#ports.onStorageError);
  }

  /** Requests in flight, and those that are being prepared. */
  get #engaged(): number {
    return this.#traffic.inFlight + this.#intents.busy;
  }

  #startObtaining(now: number): void {
    const { isRetry } = this.#renewal;
    const renewing = this.#renewal.run(now, this.#cancel.signal);
    this.#leave(now, isRetry);
    this.#slots.run(async () => {
      try {
        this.#lastTrouble = (await renewing) ?? this.#lastTrouble;
      } finally {
        this.#traffic.returned(isRetry);
      }
    });
  }

  #startSending(task: Task, token: string, now: number): void {
    const { quota, target } = this.#ports;
    const part = task.parts[0]!;
    const isRetry = task.failures > 0;
    this.#leave(now, isRetry);
    quota?.take(part.length);
    this.#slots.run(async () => {
      try {
        const sent = await attempt(part, token, this.#ports, this.#cancel.signal).catch((error: unknown) => {
          this.#intents.leaveStanding(part);
          throw error;
        });
        quota?.answered(sent, part.length);
        const aftermath = this.#answers.take(task, token, sent);
        // What an answer means for what goes next must be seen to first; that all was taken means nothing. But where a
        // resend does harm, it stands in the ledger before the next intent, so that a kill leaves less in doubt.
        if (target.resendIsHarmless && isAllDelivered(aftermath, part))
          this.#slots.leave(() => this.#supply.endings.apply(aftermath.ended));
        else await this.#apply(part, aftermath);
      } finally {
        this.#supply.putBack(task);
        this.#traffic.returned(isRetry);
      }
      this.#pump();
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
    this.#slots.doWhatIsLeft();
    if (aftermath.trouble !== undefined) this.#lastTrouble = aftermath.trouble;
    if (aftermath.stop !== undefined) this.#ports.onStop(aftermath.stop);
    if (part.some((event) => event.intended)) {
      const taken = new Set(aftermath.ended.filter(({ end }) => end.kind !== 'refused').map(({ event }) => event));
      await this.#intents.notTaken(part.filter((event) => !taken.has(event)));
    }
    this.#supply.endings.apply(aftermath.ended);
  }

  /** Ends the run when all is delivered that may be, or when the target asks for too much patience. */
  #checkLimits(now: number): void {
    if (this.#stopped || this.#supply.isEmpty) return;
    const { endings, roomInLimit } = this.#supply;
    if (roomInLimit <= 0 && endings.underway === 0) this.#ports.onStop(stops.deliveryLimit(endings.delivered));
    const wait = this.#traffic.pausedUntil - now;
    const { maxWaitMs } = this.#settings;
    if (wait > maxWaitMs) this.#ports.onStop(stops.waitTooLong(wait, maxWaitMs));
  }

  #checkGivingUp(): void {
    if (this.#stopped) return;
    if ((this.#supply.isEmpty || this.#held) && this.#engaged === 0) {
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
    if (this.#engaged > 0 || this.#slots.haveLeft || !this.#supply.inputEnded) return;
    if (!this.#stopped && !this.#supply.isEmpty) return;
    this.#takeBackAll();
    if (this.#intents.busy > 0) return;
    this.#settleTheRest();
    this.#timer.cancel();
    this.#finish();
  }

  /** After a stop: everything that was not sent, or not answered; the events of one subject in file order. */
  #settleTheRest(): void {
    for (const event of this.#supply.drain()) if (!event.settled) this.#ports.settle.undelivered(event);
  }
}
