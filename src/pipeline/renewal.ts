import { fullJitter, RETRY_BACKOFF } from '../core/backoff.js';
import { type Clock, type Random, TransportError } from '../core/ports.js';
import type { Stop, Tally } from '../core/run.js';
import * as stops from '../core/stops.js';
import type { Authorization } from '../core/target.js';
import type { Session } from './session.js';
import type { Traffic } from './traffic.js';

export interface RenewalPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly tally: Tally;
  readonly onStop: (stop: Stop) => void;
  /** The target asked for a wait: it must hold across restarts. */
  readonly onPause: () => void;
}

/** Gets a new token when one is needed: one request at a time, tried again like any other. */
export class Renewal {
  readonly #session: Session;
  readonly #traffic: Traffic;
  readonly #ports: RenewalPorts;
  #running = false;
  #failures = 0;
  #dueAt = 0;

  constructor(session: Session, traffic: Traffic, ports: RenewalPorts) {
    this.#session = session;
    this.#traffic = traffic;
    this.#ports = ports;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** Did the last try fail? */
  get isRetry(): boolean {
    return this.#failures > 0;
  }

  /** Monotonic ms before which it may not be tried again. */
  get dueAt(): number {
    return this.#dueAt;
  }

  /**
   * Asks for a token, by a request that leaves now.
   * @returns what went wrong, in words, when it is to be tried again
   */
  async run(sentAt: number, signal: AbortSignal): Promise<string | undefined> {
    this.#running = true;
    let trouble = 'no session token was handed out';
    try {
      const authorization = await this.#session.obtain(signal).catch((error: unknown): Authorization => {
        if (!(error instanceof TransportError)) throw error;
        trouble = error.message;
        if (error.isLasting) this.#ports.onStop(stops.cantConnect(trouble));
        return { kind: 'again' };
      });
      this.#take(authorization, sentAt);
      return authorization.kind === 'again' ? trouble : undefined;
    } finally {
      this.#running = false;
    }
  }

  #take(authorization: Authorization, sentAt: number): void {
    const { clock, random, tally, onStop, onPause } = this.#ports;
    const now = clock.monotonic();
    switch (authorization.kind) {
      case 'token':
        this.#failures = 0;
        tally.requests.succeeded += 1;
        this.#traffic.answered(now, now - sentAt);
        break;
      case 'again':
        this.#failures += 1;
        this.#dueAt = now + fullJitter(RETRY_BACKOFF, this.#failures, random);
        this.#traffic.failed(now, now - sentAt);
        if (authorization.waitMs === undefined) break;
        this.#traffic.pause(now + authorization.waitMs, now);
        onPause();
        break;
      case 'refused':
        onStop(stops.sessionRefused(authorization.status));
        break;
      case 'wrong':
        onStop(stops.noSuchApi(authorization.status, 'the sessions route'));
        break;
    }
  }
}
