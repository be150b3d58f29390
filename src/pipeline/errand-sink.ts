import type { Finding, RejectReason } from '../core/rejection.js';
import type { Target } from '../core/target.js';
import type { Errand } from './errand.js';
import type { Event } from './event.js';
import type { Outlet, Sink, SinkPorts } from './sink.js';

/** Hands the chosen events on, and what becomes of them to the errand. */
export class ErrandSink<Known> implements Sink, Outlet {
  /** Where the chosen events go. */
  onward!: Sink;
  readonly #errand: Errand<Known>;
  readonly #ports: SinkPorts;
  /** Of ids that were looked up and not offered yet, by key. */
  readonly #found: Map<string, Known>;
  readonly #known = new Map<Event, Known>();
  readonly #left = new Set<unknown>();
  #prepared: Promise<void> = Promise.resolve();

  constructor(errand: Errand<Known>, found: Map<string, Known>, ports: SinkPorts) {
    this.#errand = errand;
    this.#found = found;
    this.#ports = ports;
  }

  get inFlight(): number {
    return this.onward.inFlight;
  }

  get concurrency(): number {
    return this.onward.concurrency;
  }

  get waiting(): Sink['waiting'] {
    return this.onward.waiting;
  }

  /** The same target, of which is known which events left. */
  watching(target: Target): Target {
    return {
      ...target,
      encode: (events, token) => {
        for (const event of events) this.#left.add(event);
        return target.encode(events, token);
      },
    };
  }

  async ask(event: Event, signal: AbortSignal): Promise<unknown> {
    return this.#errand.ask?.(event, this.#known.get(event) as Known, signal);
  }

  offer(events: readonly Event[]): void {
    const chosen = events.filter((event) => this.#isChosen(event));
    if (chosen.length === 0) return;
    if (this.#errand.prepare === undefined) {
      this.onward.offer(chosen);
      return;
    }
    this.#prepared = this.#prepared
      .then(() => this.#errand.prepare?.(chosen))
      .then(
        () => this.onward.offer(chosen),
        (error: unknown) => {
          this.#ports.onStorageError(error);
          for (const event of chosen) this.undelivered(event);
        },
      );
  }

  acknowledged(event: Event, hadBefore: boolean, returned: unknown): void {
    this.#errand.told(event, this.#take(event), hadBefore, returned);
    this.#ports.settle.acknowledged(event, hadBefore);
  }

  rejected(event: Event, reason: RejectReason, errors: readonly Finding[]): void {
    this.#errand.refused(event, this.#take(event), errors);
    this.#ports.settle.rejected(event, reason, errors);
  }

  inDoubt(event: Event): void {
    this.undelivered(event);
  }

  undelivered(event: Event): void {
    const left = this.#left.has(event);
    this.#errand.unsent(event, this.#take(event), left);
    this.#ports.settle.undelivered(event);
  }

  holdBack(event: Event): void {
    this.undelivered(event);
  }

  windowIsFull(): void {
    this.onward.windowIsFull();
  }

  stop(): void {
    this.onward.stop();
  }

  cancel(): void {
    this.onward.cancel();
  }

  async end(): Promise<void> {
    await this.#prepared;
    await this.onward.end();
    await this.#errand.end?.().catch(this.#ports.onStorageError);
  }

  #isChosen(event: Event): boolean {
    const key = String(event.keyBytes());
    const known = this.#found.get(key) as Known;
    this.#found.delete(key);
    if (this.#errand.choose(event, known)) {
      this.#known.set(event, known);
      return true;
    }
    this.#ports.settle.known(event, 'ledger');
    return false;
  }

  #take(event: Event): Known {
    const known = this.#known.get(event) as Known;
    this.#known.delete(event);
    this.#left.delete(event);
    return known;
  }
}
