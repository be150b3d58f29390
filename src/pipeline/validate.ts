import type { Input } from '../core/input.js';
import type { Event } from './event.js';
import { Run, type Running, type RunPorts } from './run.js';
import type { RunSettings } from './run-settings.js';
import type { Settle } from './settle.js';
import type { Sink } from './sink.js';

/**
 * Reads and checks the inputs and finds duplicates, without sending anything. The ledger of `ports` only serves to find
 * duplicates and is filled on the way: pass one that is thrown away afterwards.
 */
export function startValidation(inputs: readonly Input[], settings: RunSettings, ports: RunPorts): Running {
  return new Run(inputs, settings, ports, ({ settle }) => new Acceptance(settle, settings.repeats ?? 'duplicate'));
}

/** Where events end that are only checked: valid, and not delivered. */
class Acceptance implements Sink {
  readonly inFlight = 0;
  readonly concurrency = 0;
  readonly waiting = undefined;
  readonly #settle: Settle;
  readonly #repeats: 'duplicate' | 'undelivered';

  constructor(settle: Settle, repeats: 'duplicate' | 'undelivered') {
    this.#settle = settle;
    this.#repeats = repeats;
  }

  offer(events: readonly Event[]): void {
    for (const event of events) this.#settle.accepted(event, this.#repeats);
  }

  holdBack(event: Event): void {
    this.#settle.inDoubt(event);
  }

  async end(): Promise<void> {
    // Every event was settled as it was offered.
  }

  windowIsFull(): void {
    // Nothing waits here for a fuller batch.
  }

  stop(): void {
    // Nothing is on its way.
  }

  cancel(): void {
    // Nothing is on its way.
  }
}
