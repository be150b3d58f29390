import type { Input } from '../core/input.js';
import type { Sendable } from '../core/target.js';
import type { Event } from './event.js';
import { Run } from './run.js';
import type { Running, RunPorts } from './run-ports.js';
import type { RunSettings } from './run-settings.js';
import type { Settle } from './settle.js';
import type { Sink } from './sink.js';

/** An event that an import would send. */
export type AcceptedEvent = Sendable & Pick<Event, 'date'>;

/**
 * Reads and checks the inputs and finds duplicates, without sending anything. The ledger of `ports` only serves to find
 * duplicates and is filled on the way: pass one that is thrown away afterwards.
 * @param accepted is told of each event that an import would send, in order; its bytes are good until it returns
 */
export function startValidation(
  inputs: readonly Input[],
  settings: RunSettings,
  ports: RunPorts,
  accepted: (event: AcceptedEvent) => void = () => undefined,
): Running {
  const repeats = settings.repeats ?? 'duplicate';
  return new Run(inputs, settings, ports, ({ settle }) => new Acceptance(settle, repeats, accepted));
}

/** Where events end that are only checked: valid, and not delivered. */
class Acceptance implements Sink {
  readonly inFlight = 0;
  readonly concurrency = 0;
  readonly waiting = undefined;
  readonly #settle: Settle;
  readonly #repeats: 'duplicate' | 'undelivered';
  readonly #accepted: (event: AcceptedEvent) => void;

  constructor(settle: Settle, repeats: 'duplicate' | 'undelivered', accepted: (event: AcceptedEvent) => void) {
    this.#settle = settle;
    this.#repeats = repeats;
    this.#accepted = accepted;
  }

  offer(events: readonly Event[]): void {
    for (const event of events) {
      this.#accepted(event);
      this.#settle.accepted(event, this.#repeats);
    }
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
