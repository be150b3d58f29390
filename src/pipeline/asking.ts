import { AskError } from '../core/ask.js';
import type { Stop } from '../core/run.js';
import * as stops from '../core/stops.js';
import type { Event } from './event.js';
import type { Outlet, Sink } from './sink.js';

export interface AskingPorts {
  readonly outlet: Outlet;
  readonly onStop: (stop: Stop) => void;
  /** Finds out about one event. @throws {AskError} when the target can't be asked */
  readonly ask: (event: Event, signal: AbortSignal) => Promise<unknown>;
}

/**
 * Where events end of which something is to be found out, and that takes more than one request each: so many at a time.
 * Pace, tries and tokens are the business of whoever asks.
 */
export class Asking implements Sink {
  readonly waiting = undefined;
  readonly concurrency: number;
  readonly #ports: AskingPorts;
  readonly #cancel = new AbortController();
  #queue: Event[] = [];
  #inFlight = 0;
  #stopped = false;
  #rest: () => void = () => undefined;

  constructor(concurrency: number, ports: AskingPorts) {
    this.concurrency = concurrency;
    this.#ports = ports;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  offer(events: readonly Event[]): void {
    this.#queue.push(...events);
    this.#pump();
  }

  holdBack(event: Event): void {
    this.#ports.outlet.undelivered(event);
  }

  windowIsFull(): void {
    // Nothing waits here for a fuller batch.
  }

  stop(): void {
    this.#stopped = true;
    this.#pump();
  }

  cancel(): void {
    this.#cancel.abort();
  }

  async end(): Promise<void> {
    if (this.#inFlight === 0) return;
    await new Promise<void>((resolve) => {
      this.#rest = resolve;
    });
  }

  #pump(): void {
    if (this.#stopped) for (const event of this.#queue.splice(0)) this.#ports.outlet.undelivered(event);
    while (this.#inFlight < this.concurrency && this.#queue.length > 0) {
      this.#inFlight += 1;
      void this.#ask(this.#queue.shift()!).then(() => {
        this.#inFlight -= 1;
        this.#pump();
        if (this.#inFlight === 0) this.#rest();
      });
    }
  }

  async #ask(event: Event): Promise<void> {
    const { outlet, onStop, ask } = this.#ports;
    try {
      outlet.acknowledged(event, false, await ask(event, this.#cancel.signal));
    } catch (error) {
      if (!(error instanceof AskError)) onStop(stops.bug(error));
      // The run was interrupted already, or nothing would have been.
      else if (error.reason !== 'interrupted') onStop({ reason: error.reason, message: error.message });
      if (!event.settled) outlet.undelivered(event);
    }
  }
}
