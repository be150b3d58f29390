import { type Ask, AskError } from '../core/ask.js';
import { equalJitter, fullJitter, PROBE_BACKOFF, RETRY_BACKOFF } from '../core/backoff.js';
import { Pacer } from '../core/pacer.js';
import {
  type Clock,
  type HttpRequest,
  type HttpResponse,
  type Random,
  type Transport,
  TransportError,
} from '../core/ports.js';
import type { Authorization, Authorizer, ToldLimits } from '../core/target.js';
import { Session } from './session.js';

export interface PatientAskPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly authorizer: Authorizer;
  /** What an answer's headers tell of limits. @param nowMs the epoch time */
  readonly readLimits: (headers: HttpResponse['headers'], nowMs: number) => ToldLimits | undefined;
}

export interface PatientAskSettings {
  readonly requestsPerMinute: number | undefined;
  /** Nothing was answered for so long (ms; waits that the target asked for don't count): give up. */
  readonly giveUpAfterMs: number;
  /** Longest single wait that the target may ask for (ms). */
  readonly maxWaitMs: number;
}

const MINUTE_MS = 60_000;

/** What one attempt came to: an answer, or why another one is needed and how long the target wants it to wait. */
type Attempt = { readonly answer: HttpResponse } | { readonly trouble: string; readonly waitMs: number };

/**
 * Makes what reads from a target. Reading twice is harmless, so all that may pass is tried again: lost connections,
 * 408, 429, 5xx. A 401 renews the token once; a second one right after is the end.
 */
export function createPatientAsk(settings: PatientAskSettings, ports: PatientAskPorts): Ask {
  const { clock, random } = ports;
  const { requestsPerMinute: perMinute } = settings;
  const limit = perMinute === undefined ? undefined : { requests: perMinute, windowMs: MINUTE_MS };
  const pacer = new Pacer(limit, undefined, clock.monotonic());
  const session = new Session(ports.authorizer, ports.transport, clock);
  /** One renewal at a time, however many wait for it. */
  let renewal: Promise<Attempt | undefined> | undefined;

  async function turn(signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw new AskError('interrupted', 'interrupted');
      const waitMs = pacer.earliest - clock.monotonic();
      if (waitMs <= 0) break;
      await clock.sleep(waitMs, signal);
    }
    pacer.charge(clock.monotonic());
  }

  /** @returns the wait that is asked for (ms) @throws {AskError} when it is too long */
  function heed(limits: ToldLimits | undefined): number {
    if (limits === undefined) return 0;
    pacer.learn(limits, 0, clock.monotonic());
    const waitMs = limits.retryAfterMs ?? 0;
    return pause(waitMs);
  }

  function pause(waitMs: number): number {
    if (waitMs > settings.maxWaitMs) {
      throw new AskError(
        'unavailable',
        `the target asks to wait ${Math.ceil(waitMs / 1000)} s, longer than is allowed`,
      );
    }
    if (waitMs > 0) pacer.pause(clock.monotonic() + waitMs);
    return waitMs;
  }

  async function renew(signal: AbortSignal): Promise<Attempt | undefined> {
    await turn(signal);
    let trouble = 'no session token was handed out';
    const authorization = await session.obtain(signal).catch((error: unknown): Authorization => {
      if (!(error instanceof TransportError)) throw error;
      trouble = error.message;
      return { kind: 'again' };
    });
    switch (authorization.kind) {
      case 'token':
        return undefined;
      case 'again':
        return { trouble, waitMs: pause(authorization.waitMs ?? 0) };
      case 'refused':
        throw new AskError('auth', `the target refused the credentials for reading (${authorization.status})`);
      case 'wrong':
        throw new AskError(
          'unavailable',
          `the address answers a request for a token as no such API does (${authorization.status})`,
        );
    }
  }

  async function attempt(request: (token: string) => HttpRequest, signal: AbortSignal): Promise<Attempt> {
    const { token } = session;
    if (token === undefined) {
      renewal ??= renew(signal).finally(() => {
        renewal = undefined;
      });
      return (await renewal) ?? attempt(request, signal);
    }
    await turn(signal);
    let response: HttpResponse;
    try {
      response = await ports.transport.send(request(token), signal);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return { trouble: error.message, waitMs: 0 };
    }
    const { status } = response;
    const waitMs = heed(ports.readLimits(response.headers, clock.now()));
    if (status === 401) {
      if (session.refused(token) === 'end') {
        throw new AskError('auth', 'the target refused a fresh token (401)');
      }
      return attempt(request, signal);
    }
    if (status === 429 || status === 408 || status === 425 || status >= 500) {
      return { trouble: `the target answered ${status}`, waitMs };
    }
    session.accepted(token);
    return { answer: response };
  }

  return async (request, signal = new AbortController().signal) => {
    const since = clock.monotonic();
    let askedMs = 0;
    for (let failures = 1; ; failures += 1) {
      const result = await attempt(request, signal);
      if ('answer' in result) return result.answer;
      if (signal.aborted) throw new AskError('interrupted', 'interrupted');
      askedMs += result.waitMs;
      if (clock.monotonic() - since - askedMs >= settings.giveUpAfterMs) {
        throw new AskError('unavailable', `nothing could be read: ${result.trouble}`);
      }
      const pauseMs =
        failures < QUICK_TRIES
          ? fullJitter(RETRY_BACKOFF, failures, random)
          : equalJitter(PROBE_BACKOFF, failures - QUICK_TRIES, random);
      await clock.sleep(Math.max(result.waitMs, pauseMs), signal);
    }
  };
}

/** So many tries follow each other at short waits. */
const QUICK_TRIES = 4;
