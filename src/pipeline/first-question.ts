import { type Clock, type HttpRequest, type HttpResponse, type Transport, TransportError } from '../core/ports.js';
import type { Tally } from '../core/run.js';
import type { Authorization, Authorizer } from '../core/target.js';
import type { Pace } from './pace.js';

/** What the rules of a target want to know from it, and can do without. */
export interface Question {
  /**
   * Asks, with a session's token. @returns the wait that the answer asked for, if it did
   * @throws what `send` throws
   */
  ask(token: string, send: (request: HttpRequest) => Promise<HttpResponse>): Promise<{ readonly waitMs?: number }>;
  /** It could not be asked, or there was no answer. */
  unanswered(why: string): void;
}

/** How its requests leave, and are counted. */
export interface QuestionWay {
  readonly transport: Transport;
  readonly pace: Pace;
  readonly tally: Pick<Tally, 'requests'>;
}

/** Longest for the session, which the run needs too. */
const MOST_SESSION_MS = 10_000;
/** Longest for the answer: the run waits for it. */
const MOST_ANSWER_MS = 3_000;
/**
 * Longest wait that an answer may ask of the run. A longer one is for the question's route, and kept by not asking again:
 * what the run sends goes another way, and is told itself when it is too much.
 */
const MOST_ASKED_MS = 10_000;
/** At a slower pace the run's own requests need the room. */
const MOST_PACED_MS = 1_000;

/**
 * Asks the target one question, once, before the first new event goes on. It keeps to the pace like any request, never
 * fails the run, and never holds it up for long. The session that it opens is the run's first.
 */
export class FirstQuestion {
  readonly #question: Question;
  readonly #authorizer: Authorizer;
  readonly #clock: Clock;
  /** The answer, or why there will never be one. */
  #session: Authorization | TransportError | undefined;
  #tally: QuestionWay['tally'] | undefined;
  #asked: Promise<void> | undefined;

  constructor(question: Question, authorizer: Authorizer, clock: Clock) {
    this.#question = question;
    this.#authorizer = authorizer;
    this.#clock = clock;
  }

  /** The target's authorizer, whose first answer is the one that it had. */
  get authorizer(): Authorizer {
    return {
      obtain: async (...args) => {
        const session = this.#session;
        this.#session = undefined;
        if (session === undefined) return this.#authorizer.obtain(...args);
        // It was counted when it was sent; whoever asked for it counts it again.
        const isToken = !(session instanceof TransportError) && session.kind === 'token';
        this.#count(-1, isToken ? -1 : 0);
        if (session instanceof TransportError) throw session;
        return session;
      },
    };
  }

  /** Resolves when there is an answer, or will be none. The second time it does nothing; nor when `signal` has aborted. */
  ask(signal: AbortSignal, way: QuestionWay): Promise<void> {
    this.#asked ??= this.#ask(signal, way);
    return this.#asked;
  }

  #count(sent: number, succeeded: number): void {
    if (this.#tally === undefined) return;
    this.#tally.requests.sent += sent;
    this.#tally.requests.succeeded += succeeded;
  }

  async #ask(signal: AbortSignal, { transport, pace, tally }: QuestionWay): Promise<void> {
    if (signal.aborted) return;
    this.#tally = tally;
    const clock = this.#clock;
    const late = new AbortController();
    const ended = AbortSignal.any([signal, late.signal]);
    /** @returns takes it back */
    const lateAfter = (ms: number): (() => void) => {
      const inTime = new AbortController();
      void clock.sleep(ms, inTime.signal).then(() => {
        if (!inTime.signal.aborted) late.abort();
      });
      return () => inTime.abort();
    };
    const paced: Transport = {
      send: async (request) => {
        const wait = pace.pacer.earliest - clock.monotonic();
        if (wait > MOST_PACED_MS) throw new TransportError('cancelled', 'the pace leaves no room for it');
        if (wait > 0) await clock.sleep(wait, ended);
        pace.pacer.charge(clock.monotonic());
        pace.charged();
        this.#count(1, 0);
        const response = await transport.send(request, ended);
        if (response.status >= 200 && response.status < 300) this.#count(0, 1);
        return response;
      },
    };
    let inTime = lateAfter(MOST_SESSION_MS);
    try {
      const session = await this.#authorizer.obtain(paced, clock.now(), ended);
      this.#session = session;
      if (session.kind !== 'token') {
        // The run takes the same answer, and draws the consequences: an end, or another try.
        if (session.kind === 'again') this.#question.unanswered('there was no session');
        return;
      }
      inTime();
      inTime = lateAfter(MOST_ANSWER_MS);
      const { waitMs } = await this.#question.ask(session.token, (request) => paced.send(request));
      if (waitMs === undefined || waitMs > MOST_ASKED_MS) return;
      pace.pacer.pause(clock.monotonic() + waitMs);
      await pace.save();
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      if (error.isLasting && this.#session === undefined) this.#session = error;
      this.#question.unanswered(late.signal.aborted ? 'no answer in time' : error.message);
    } finally {
      inTime();
    }
  }
}
