import type { WarningName } from '../core/block.js';
import { PRECEDENCE } from '../core/exit-code.js';
import type { Input } from '../core/input.js';
import { type Checkpoints, type CompletedFiles, type Ledger, LedgerError } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { Clock } from '../core/ports.js';
import type { Deliveries, FileAccount, Progress, Rejects, RunResult, Stop, Tally } from '../core/run.js';
import * as stops from '../core/stops.js';
import { Accountant, newTally } from '../core/tally.js';
import type { RecordRules } from '../core/target.js';
import { CheckpointStage } from './checkpoints.js';
import { CompletedFilesStage } from './completed-files.js';
import { type Decoder, onThisThread } from './decoder.js';
import { Dedupe } from './dedupe.js';
import { Intake } from './intake.js';
import { KnownShare } from './known-share.js';
import { rejectOlder, tellOlder } from './look-back.js';
import { finishFiles, readAll } from './read-all.js';
import { RejectLimit } from './reject-limit.js';
import type { RunSettings } from './run-settings.js';
import { Settle } from './settle.js';
import type { Sink, SinkPorts } from './sink.js';
import { Window } from './window.js';

export interface RunPorts {
  readonly clock: Clock;
  readonly rules: RecordRules;
  /** Decodes by the same rules and settings, on other threads; undefined to decode on this one. */
  readonly decoder?: Decoder | undefined;
  readonly ledger: Ledger;
  readonly rejects: Rejects;
  /** Where delivered events are written down, if anywhere. */
  readonly deliveries?: Deliveries | undefined;
  /** Where completed and half-done files are remembered. */
  readonly files?: CompletedFiles & Checkpoints;
  /** Waited for before the first bytes are read. */
  readonly beforeReading?: (signal: AbortSignal, tally: Tally) => Promise<void>;
  /** Told of each warning about a record. */
  readonly onWarning?: (name: WarningName, where: Origin) => void;
  /**
   * Told once when more than 1 % of the events that the target has answered for, from 100 on, were known to it before
   * this ledger ever sent them.
   * @param over aborts when the run has ended: nothing needs an answer then
   * @returns whether to go on, until when nothing further is sent; undefined to go on at once
   */
  readonly onKnownToTarget?: (
    share: Readonly<Pick<KnownShare, 'known' | 'answered'>>,
    over: AbortSignal,
  ) => Promise<boolean> | undefined;
}

/** A run that was started. */
export interface Running {
  /** Never rejects for anything that a run can meet; its accounts balance, however the run ended. */
  readonly result: Promise<RunResult>;
  progress(): Progress;
  /** The most events and bytes that were ever held between reader and settle. */
  readonly windowPeak: { readonly events: number; readonly bytes: number };
  /** First signal: takes nothing new and finishes what is in flight, within the drain time. Second: stops now. */
  interrupt(signal: 'SIGINT' | 'SIGTERM'): void;
}

/** Joins the stages: source → decompress → lines → decode → dedupe → sink → settle. */
export class Run implements Running {
  readonly result: Promise<RunResult>;
  readonly #inputs: readonly Input[];
  readonly #settings: RunSettings;
  readonly #ports: RunPorts;
  readonly #tally: Tally = newTally();
  readonly #reading = new AbortController();
  readonly #over = new AbortController();
  readonly #settle: Settle;
  readonly #dedupe: Dedupe;
  readonly #intake: Intake;
  readonly #accountant: Accountant;
  readonly #sink: Sink;
  readonly #window: Window;
  readonly #completed: CompletedFilesStage | undefined;
  readonly #checkpoints: CheckpointStage | undefined;
  #stop: Stop | undefined;
  #phase: Progress['phase'] = 'importing';

  constructor(
    inputs: readonly Input[],
    settings: RunSettings,
    ports: RunPorts,
    createSink: (ports: SinkPorts) => Sink,
  ) {
    const { clock, ledger, rejects, rules, deliveries } = ports;
    this.#inputs = inputs;
    this.#settings = settings;
    this.#ports = ports;
    const accountant = new Accountant(this.#tally, (path) => rules.generalPath(path));
    const window = new Window(settings.window);
    this.#window = window;
    const rejectLimit = new RejectLimit(settings.maxRejects, this.#tally);
    const knownShare = new KnownShare();
    const checkRejects = (decoded?: number): void => {
      const exceeded = rejectLimit.exceeded(decoded);
      if (exceeded !== undefined) this.#halt(stops.tooManyRejects(exceeded));
    };
    const onStorageError = (error: unknown): void =>
      this.#halt(stops.storageFailed(error instanceof Error ? error.message : String(error)));
    if (ports.files !== undefined && settings.files !== undefined) {
      this.#completed = new CompletedFilesStage(
        { ...settings.files, run: settings.run },
        { memory: ports.files, clock, accountant, onStorageError },
      );
      // What is dated earlier would not be found again behind a part that is passed over.
      const skip = settings.files.skip && settings.strict !== true;
      this.#checkpoints = new CheckpointStage({ ...settings.files, skip }, ports.files, onStorageError);
    }
    const onFileRecorded = (file: FileAccount): void => this.#completed?.recorded(file);
    const settle = new Settle(
      { accountant, ledger, rejects, deliveries, window, clock, onStorageError, onFileRecorded },
      () => this.#dedupe,
    );
    const sink = createSink({
      ...{ settle, window, tally: this.#tally, onStorageError },
      onStop: (stop) => this.#halt(stop),
      onAnswered: (how) => {
        rejectLimit.answered(how === 'refused');
        checkRejects();
        if (knownShare.passes(how === 'duplicate')) this.#askAboutKnown(knownShare);
      },
    });
    const dedupe = new Dedupe(ledger, settings, {
      fresh: (events) => {
        if (settings.strict !== true) {
          tellOlder(events, accountant);
          sink.offer(events);
          return;
        }
        const inOrder = rejectOlder(events, (event, errors) => settle.rejected(event, 'schema_violation', errors));
        if (inOrder.length > 0) sink.offer(inOrder);
        checkRejects();
      },
      known: (event, record) => {
        if (record.run !== settings.run) settle.known(event, 'ledger');
        else if (settings.repeats === 'undelivered') settle.undelivered(event);
        else settle.known(event, 'input');
      },
      inDoubt: (event) => sink.holdBack(event),
      conflicting: (event, errors) => {
        settle.rejected(event, 'conflicting_duplicate', errors);
        checkRejects();
      },
      refusedBefore: (event, errors) => {
        settle.rejected(event, 'refused', errors);
        checkRejects();
      },
      unsentBefore: (event) => settle.undelivered(event),
      failed: onStorageError,
      bug: (error) => this.#halt(stops.bug(error)),
    });
    this.#intake = new Intake(settings, {
      ...{ clock, dedupe, settle, window, accountant, checkpoints: this.#checkpoints },
      decoder:
        ports.decoder ?? onThisThread({ ...settings, secret: ledger.secret, keepIds: deliveries !== undefined }, rules),
      ...{ onFull: () => sink.windowIsFull(), onRecords: checkRejects, beforeReading: ports.beforeReading },
      onWarning: (name, where) => {
        accountant.warned(name);
        ports.onWarning?.(name, where());
      },
    });
    this.#accountant = accountant;
    this.#settle = settle;
    this.#dedupe = dedupe;
    this.#sink = sink;
    this.#reading.signal.addEventListener('abort', () => window.giveWay(), { once: true });
    this.result = this.#go();
  }

  get windowPeak(): { readonly events: number; readonly bytes: number } {
    return this.#window.peak;
  }

  interrupt(signal: 'SIGINT' | 'SIGTERM'): void {
    if (this.#phase === 'done') return;
    if (this.#phase === 'draining') {
      this.#sink.cancel();
      return;
    }
    this.#drain(stops.interrupted(signal));
  }

  progress(): Progress {
    // A file that is passed over is not read, and would leave the share that was read short of the whole.
    const toRead = this.#inputs.filter((_, i) => this.#tally.files[i]?.state !== 'skipped');
    const sizes = toRead.map((input) => input.info.size);
    return {
      phase: this.#phase === 'importing' && this.#intake.checking ? 'checking' : this.#phase,
      tally: this.#tally,
      bytesTotal: sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0),
      bytesChecked: this.#intake.bytesChecked,
      inFlight: this.#sink.inFlight,
      concurrency: this.#sink.concurrency,
      waiting: this.#sink.waiting,
    };
  }

  async #go(): Promise<RunResult> {
    const { onInputError } = this.#settings;
    this.#limitDuration();
    const { signal } = this.#reading;
    const reading = readAll(this.#inputs, this.#accountant, this.#intake, signal, onInputError, this.#completed);
    const complete = await reading.catch((error: unknown) => {
      this.#halt(error instanceof LedgerError ? stops.storageFailed(error.message) : stops.bug(error));
      return false;
    });
    await this.#dedupe.settled();
    await this.#sink.end();
    await this.#settle.written();
    this.#completed?.ended(this.#tally.files);
    await this.#completed?.written();
    await this.#checkpoints?.written();
    this.#over.abort();
    this.#phase = 'done';
    finishFiles(this.#tally);
    return { stop: this.#stop, complete, tally: this.#tally };
  }

  /** Stops reading and sending. Of several reasons the one stands that decides the exit code. */
  #halt(stop: Stop): void {
    const rank = ({ reason }: Stop): number => PRECEDENCE.indexOf(reason);
    if (this.#stop === undefined || rank(stop) < rank(this.#stop)) this.#stop = stop;
    this.#reading.abort();
    this.#sink.stop();
  }

  /** Takes nothing new and finishes what is in flight, within the drain time. */
  #drain(stop: Stop): void {
    this.#phase = 'draining';
    this.#halt(stop);
    const { clock } = this.#ports;
    void clock.sleep(this.#settings.drainTimeMs, this.#over.signal).then(() => this.#sink.cancel());
  }

  #askAboutKnown({ known, answered }: KnownShare): void {
    if (this.#stop !== undefined) return;
    const goOn = this.#ports.onKnownToTarget?.({ known, answered }, this.#over.signal);
    const decided = goOn?.then((yes) => {
      if (!yes && this.#stop === undefined) this.#drain(stops.knownToTarget(known, answered));
    });
    if (decided !== undefined) this.#sink.hold?.(decided);
  }

  #limitDuration(): void {
    const ms = this.#settings.maxDurationMs;
    if (ms === undefined) return;
    void this.#ports.clock.sleep(ms, this.#over.signal).then(() => {
      if (!this.#over.signal.aborted) this.#halt(stops.durationLimit(ms));
    });
  }
}
