import { fullJitter, RETRY_BACKOFF } from '../core/backoff.js';
import type { Clock, Random } from '../core/ports.js';
import type { Tally } from '../core/run.js';
import * as stops from '../core/stops.js';
import type { Reading, Target, Verdict } from '../core/target.js';
import { type Aftermath, delivered, type Ended } from './aftermath.js';
import type { Event } from './event.js';
import type { Attempt } from './send.js';
import type { Session } from './session.js';
import { split } from './split.js';
import type { Task } from './task.js';
import type { Traffic } from './traffic.js';

export interface AnswersPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tally: Tally;
  readonly traffic: Traffic;
  readonly session: Session;
  readonly target: Pick<Target, 'name' | 'resendIsHarmless'>;
  readonly maxWaitMs: number;
  /** The target asked for a wait: it must hold across restarts. */
  readonly onPause: () => void;
}

/** How often a 2xx that no such API gives is tried again. */
const MOST_UNINTELLIGIBLE = 3;
/** How often an event is sent again that the target refused for now (a conflict, say), before that is its last word. */
const MOST_REFUSALS_RETRIED = 5;
const UNINTELLIGIBLE = 'a success that is no answer of such an API';

/**
 * Draws the consequences of one answer: for its events, for what the task must still send, and for the traffic. The
 * rules are design section 7's; what a status or body means was decided by the target's `classify`.
 */
export class Answers {
  readonly #ports: AnswersPorts;

  constructor(ports: AnswersPorts) {
    this.#ports = ports;
  }

  /** Changes `task.parts` to what is still to be sent. */
  take(task: Task, token: string, sent: Attempt): Aftermath {
    const { clock, traffic, session, tally, onPause } = this.#ports;
    const now = clock.monotonic();
    if (sent.kind === 'failed') {
      const { failure, message, isLasting } = sent.error;
      if (isLasting) return { ended: [], stop: stops.cantConnect(message) };
      if (failure !== 'unreachable' && this.#mustNotBeSentTwice) return this.#doubtAll(task, now, sent.rttMs, message);
      if (failure === 'cancelled') return NOTHING;
      traffic.failed(now, sent.rttMs);
      if (failure !== 'unreachable') mayHaveBeenTaken(task);
      return this.#again(task, now, message);
    }
    const { reading, limits } = sent.classified;
    if (limits !== undefined && traffic.learn(limits, now)) onPause();
    if (reading.kind !== 'token') task.unauthorized = 0;
    switch (reading.kind) {
      case 'verdicts':
        session.accepted(token);
        return this.#judge(task, reading.verdicts, sent.rttMs, now);
      case 'refused':
        session.accepted(token);
        if (task.parts[0]!.length === 1) {
          return this.#judge(task, [{ kind: 'rejected', errors: reading.errors }], sent.rttMs, now);
        }
        traffic.answered(now, sent.rttMs);
        traffic.progressed(now);
        tally.requests.split += 1;
        return this.#goOn(task, split(task.parts[0]!, reading.suspects));
      case 'again':
        return this.#transient(task, reading, sent, now);
      case 'unintelligible':
        if (this.#mustNotBeSentTwice) return this.#doubtAll(task, now, sent.rttMs, UNINTELLIGIBLE);
        traffic.failed(now, sent.rttMs);
        task.unintelligible += 1;
        mayHaveBeenTaken(task);
        if (task.unintelligible > MOST_UNINTELLIGIBLE)
          return { ended: [], stop: stops.unintelligible(task.unintelligible) };
        return this.#again(task, now, UNINTELLIGIBLE);
      case 'token':
        return this.#unauthorized(task, token, sent.rttMs, now);
      case 'end':
        traffic.answered(now, sent.rttMs);
        return {
          ended: [],
          stop:
            reading.reason === 'auth'
              ? stops.forbidden(reading.status, this.#ports.target.name)
              : stops.noSuchApi(reading.status, 'the target'),
        };
    }
  }

  #judge(task: Task, verdicts: readonly Verdict[], rttMs: number, now: number): Aftermath {
    const { traffic, tally } = this.#ports;
    const part = task.parts[0]!;
    if (verdicts.length !== part.length) throw new Error(`${verdicts.length} verdicts for ${part.length} events`);
    const ended: Ended[] = [];
    const again: Event[] = [];
    verdicts.forEach((verdict, i) => {
      const event = part[i]!;
      switch (verdict.kind) {
        case 'delivered':
          ended.push({ event, end: delivered(verdict.returned) });
          break;
        case 'duplicate':
          // Sent before in this run and not clearly answered: then it is this run that delivered it, most likely.
          event.maybeHadBefore = event.maybeTaken;
          ended.push({
            event,
            end: event.maybeTaken ? delivered(undefined) : { kind: 'duplicate' },
          });
          break;
        case 'rejected':
          ended.push({ event, end: { kind: 'refused', errors: verdict.errors } });
          break;
        case 'unknown':
          if (this.#mustNotBeSentTwice) {
            ended.push({ event, end: { kind: 'inDoubt' } });
            break;
          }
          event.maybeTaken = true;
          again.push(event);
          break;
        case 'retry':
          if (verdict.errors !== undefined && task.failures >= MOST_REFUSALS_RETRIED) {
            ended.push({ event, end: { kind: 'refused', errors: verdict.errors } });
          } else {
            again.push(event);
          }
      }
    });
    const isUnclear = ended.some(({ end }) => end.kind === 'inDoubt');
    if (isUnclear) traffic.unclear(now, rttMs);
    else {
      tally.requests.succeeded += 1;
      traffic.answered(now, rttMs);
    }
    if (!isUnclear && ended.some(({ end }) => end.kind === 'delivered')) traffic.acknowledged(now, rttMs);
    if (ended.some(({ end }) => end.kind !== 'inDoubt')) traffic.progressed(now);
    const trouble = isUnclear ? { trouble: UNCLEAR } : {};
    if (again.length === 0) return { ...this.#goOn(task, []), ...trouble, ended };
    task.parts[0] = again;
    return { ...this.#again(task, now, 'the target did not take all events of a request'), ended };
  }

  #transient(
    task: Task,
    reading: Reading & { kind: 'again' },
    sent: Attempt & { kind: 'answered' },
    now: number,
  ): Aftermath {
    const { traffic, tally, maxWaitMs, onPause } = this.#ports;
    const { status } = sent.response;
    const wait = reading.waitMs;
    if (reading.strain === 'throttled') {
      tally.requests.rateLimited += 1;
      traffic.throttled(now, sent.rttMs, wait);
    } else {
      mayHaveBeenTaken(task);
      traffic.failed(now, sent.rttMs);
      if (wait !== undefined) traffic.pause(now + wait, now);
    }
    if (wait !== undefined) onPause();
    const aftermath = this.#again(task, now, `status ${status}`);
    // It is the target that was asked to wait, not the batch.
    if (reading.strain === 'throttled') task.dueAt = now;
    return wait !== undefined && wait > maxWaitMs
      ? { ...aftermath, stop: stops.waitTooLong(wait, maxWaitMs) }
      : aftermath;
  }

  #unauthorized(task: Task, token: string, rttMs: number, now: number): Aftermath {
    const { traffic, session } = this.#ports;
    traffic.answered(now, rttMs);
    const verdict = session.refused(token);
    if (verdict === 'renew') task.unauthorized += 1;
    if (verdict === 'end' || task.unauthorized > 1) return { ended: [], stop: stops.tokenRefused() };
    task.dueAt = now;
    return NOTHING;
  }

  get #mustNotBeSentTwice(): boolean {
    return !this.#ports.target.resendIsHarmless;
  }

  /** The request left, and whether it was taken can't be told: none of its events is sent again. */
  #doubtAll(task: Task, now: number, rttMs: number, trouble: string): Aftermath {
    const ended = task.parts[0]!.map((event) => ({ event, end: { kind: 'inDoubt' } as const }));
    this.#ports.traffic.unclear(now, rttMs);
    return { ...this.#goOn(task, []), ended, trouble };
  }

  /** The first part once more, after a wait; what the target asked for is kept by the traffic. */
  #again(task: Task, now: number, trouble: string): Aftermath {
    task.failures += 1;
    task.dueAt = now + fullJitter(RETRY_BACKOFF, task.failures, this.#ports.random);
    return { ended: [], trouble };
  }

  /** The first part is done with; `pieces` of it stand in its place. */
  #goOn(task: Task, pieces: Event[][]): Aftermath {
    task.parts.splice(0, 1, ...pieces);
    task.failures = 0;
    task.unintelligible = 0;
    return NOTHING;
  }
}

/** The request left and was not clearly answered. */
function mayHaveBeenTaken(task: Task): void {
  for (const event of task.parts[0]!) event.maybeTaken = true;
}

const UNCLEAR = 'an answer that does not tell whether events were taken';
const NOTHING: Aftermath = { ended: [] };
