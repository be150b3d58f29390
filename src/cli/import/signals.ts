import type { Running } from '../../pipeline/run-ports.js';
import type { CommandContext, Signal } from '../context.js';
import { draining, stoppingNow } from '../output/messages/run-messages.js';
import type { Reporter } from '../output/reporter.js';
import type { Settings } from '../settings/settings.js';

/**
 * Takes signals from the moment it is made until it is closed. They go to the run that is going on; while there is none
 * yet, the first is kept for the run to begin with, and a second one ends the process, as it does by default.
 */
export class Signals {
  readonly #context: CommandContext;
  readonly #reporter: Reporter;
  readonly #drainTimeMs: number;
  readonly #target: string | undefined;
  #stopListening: () => void = () => undefined;
  #running: Running | undefined;
  #first: Signal | undefined;

  constructor(context: CommandContext, reporter: Reporter, settings: Pick<Settings, 'drainTime' | 'target'>) {
    this.#context = context;
    this.#reporter = reporter;
    this.#drainTimeMs = settings.drainTime;
    this.#target = settings.target;
    this.#listen();
  }

  /** Hands signals to this run until it has ended. */
  async during<Result>(running: Running, ended: Promise<Result>): Promise<Result> {
    this.#running = running;
    if (this.#first !== undefined) {
      this.#listen();
      running.interrupt(this.#first);
    }
    try {
      return await ended;
    } finally {
      this.#running = undefined;
    }
  }

  close(): void {
    this.#stopListening();
  }

  #listen(): void {
    this.#stopListening();
    this.#stopListening = this.#context.onSignal((signal) => this.#take(signal));
  }

  #take(signal: Signal): void {
    const inFlight = this.#running?.progress().inFlight ?? 0;
    this.#reporter.warning(
      this.#first === undefined ? draining(signal, inFlight, this.#drainTimeMs) : stoppingNow(signal, this.#target),
    );
    this.#first ??= signal;
    if (this.#running === undefined) this.#stopListening();
    else this.#running.interrupt(signal);
  }
}
