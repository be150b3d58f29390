import type { Input } from '../core/input.js';
import type { Ledger, LedgerEntry } from '../core/ledger.js';
import type { Clock, Random, Transport } from '../core/ports.js';
import type { Finding, RejectReason } from '../core/rejection.js';
import * as stops from '../core/stops.js';
import type { RecordRules, Target } from '../core/target.js';
import { Asking } from './asking.js';
import { Dispatch } from './dispatch.js';
import type { DispatchSettings } from './dispatch-settings.js';
import { type Event, keyBytes } from './event.js';
import { openPace } from './pace.js';
import { Run, type Running, type RunSettings } from './run.js';
import type { Outlet, Sink, SinkPorts } from './sink.js';

/**
 * What is to be done about records that were imported. `Known` is what the ledger knows of an id.
 *
 * Each valid record is looked up, in file order, and `choose` says whether the target is to be asked about it. One that
 * is ends in `told`, `refused` or `unsent`, once; an equal one that follows while it is open shares that and is not
 * looked at.
 */
export interface Errand<Known> {
  /** One entry per key, in order. @throws {LedgerError} */
  lookup(keys: readonly Uint8Array[]): Promise<readonly Known[]>;
  choose(event: Event, known: Known): boolean;
  /** Resolves when the chosen events may leave. @throws {LedgerError} */
  prepare?(events: readonly Event[]): Promise<void>;
  /**
   * Finds out about one event where that takes more than one request; otherwise `target` is sent it.
   * @throws {AskError} when the target can't be asked
   */
  ask?(event: Event, known: Known, signal: AbortSignal): Promise<unknown>;
  /** The target answered. @param hadBefore its verdict was `duplicate` */
  told(event: Event, known: Known, hadBefore: boolean, returned: unknown): void;
  /** Resolves when it is recorded that the target answered. @throws {LedgerError} */
  record?(entries: readonly LedgerEntry[]): Promise<void>;
  /** The target refused to answer for this event. */
  refused(event: Event, known: Known, errors: readonly Finding[]): void;
  /** The run ended before the target answered. @param left a request with it left */
  unsent(event: Event, known: Known, left: boolean): void;
  /** Nothing more comes. Resolves when all is recorded. @throws {LedgerError} */
  end?(): Promise<void>;
}

export interface RecallSettings
  extends Pick<RunSettings, 'run' | 'maxLineBytes' | 'unwrap' | 'maxDurationMs' | 'drainTimeMs'> {
  readonly dispatch: Omit<DispatchSettings, 'batch' | 'limit'>;
  /** Requests per minute, when set; otherwise the target's published limit holds. */
  readonly maxRequestsPerMinute: number | undefined;
}

export interface RecallPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly rules: RecordRules;
  /** It asks, or deletes, where that of an import sends; undefined where an errand asks by itself, or not at all. */
  readonly asked: { readonly target: Target; readonly transport: Transport } | undefined;
  /** Nothing is recorded in it but the pace. */
  readonly ledger: Ledger;
}

/**
 * Reads inputs once more, as an import does, and carries out an errand about their records: paced, tried again, with the
 * token renewed, stopped and cancelled as an import is. To the run each record is new, so that all of them reach the
 * errand. In its accounts, `delivered` are those that the target answered for, `duplicate` those that it was not asked
 * about.
 * @throws {LedgerError} when the pace of earlier runs can't be read
 */
export async function startRecall<Known>(
  inputs: readonly Input[],
  settings: RecallSettings,
  ports: RecallPorts,
  errand: Errand<Known>,
): Promise<Running> {
  const { clock, ledger, rules, asked: whom } = ports;
  const { dispatch, maxRequestsPerMinute, ...rest } = settings;
  const pace = await openPace(maxRequestsPerMinute ?? whom?.target.limits.requestsPerMinute, ledger, clock);
  const known = new Map<string, Known>();
  const asked: Ledger = {
    secret: ledger.secret,
    size: 0,
    lookup: async (keys) => {
      const found = await errand.lookup(keys);
      for (const [i, key] of keys.entries()) known.set(String(key), found[i]!);
      return keys.map(() => undefined);
    },
    recordDelivered: async (entries) => errand.record?.(entries),
    recordIntents: NOTHING,
    forgetIntents: NOTHING,
    readState: NOTHING,
    writeState: NOTHING,
  };
  return new Run(
    inputs,
    {
      ...{ skipInputCheck: false, onConflict: 'reject', maxRejects: { kind: 'none' }, onInputError: 'continue' },
      ...rest,
    },
    { clock, rules, ledger: asked, rejects: { write: () => undefined, flush: NOTHING } },
    (sinkPorts) => {
      const sink = new ErrandSink(errand, known, sinkPorts);
      const all: DispatchSettings = { ...dispatch, batch: { events: 1, bytes: 1 }, limit: undefined };
      const { onStop } = sinkPorts;
      sink.onward =
        whom === undefined
          ? new Asking(dispatch.concurrency, { outlet: sink, onStop, ask: (event, signal) => sink.ask(event, signal) })
          : new Dispatch(all, {
              ...{ ...sinkPorts, ...ports, ...whom, settle: sink, pace, target: sink.watching(whom.target) },
              onBug: (error) => onStop(stops.bug(error)),
            });
      return sink;
    },
  );
}

/** So many findings of an errand are told one by one. */
export const MOST_FINDINGS = 10_000;

const NOTHING = async (): Promise<void> => undefined;

/** Hands the chosen events on, and what becomes of them to the errand. */
class ErrandSink<Known> implements Sink, Outlet {
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
    const key = String(keyBytes(event.key));
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
