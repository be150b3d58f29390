import { PRECEDENCE } from '../core/exit-code.js';
import type { Input } from '../core/input.js';
import { LedgerError } from '../core/ledger.js';
import type { FileAccount, Progress, RunResult, Stop, Tally } from '../core/run.js';
import * as stops from '../core/stops.js';
import { Accountant, newTally } from '../core/tally.js';
import { askBeforeNew } from './ask-before-new.js';
import { CheckpointStage } from './checkpoints.js';
import { CompletedFilesStage } from './completed-files.js';
import { type Decoder, onThisThread } from './decoder.js';
import { Dedupe } from './dedupe.js';
import { Intake } from './intake.js';
import { KnownShare } from './known-share.js';
import { inOrder } from './look-back.js';
import { finishFiles, readAll } from './read-all.js';
import { RejectLimit } from './reject-limit.js';
import type { Running, RunPorts } from './run-ports.js';
import type { RunSettings } from './run-settings.js';
import { Settle } from './settle.js';
import type { Sink, SinkPorts } from './sink.js';
import { Window } from './window.js';

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
    const window = new Window(settings.window, () => this.#sink.isSated === true);
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
      this.#checkpoints = new CheckpointStage(settings.files, ports.files, onStorageError);
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
        sink.offer(inOrder(events, settings, accountant, settle));
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
      ...{ decoder: this.#decoder(), onFull: () => sink.windowIsFull(), onRecords: checkRejects },
      areStarting: () => sink.areStarting === true,
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

  #decoder(): Decoder {
    const { rules, ledger, deliveries, beforeNew, decoder } = this.#ports;
    const keepIds = deliveries !== undefined;
    const before = onThisThread({ ...this.#settings, secret: ledger.secret, keepIds }, rules);
    const after = decoder ?? before;
    if (beforeNew === undefined) return after;
    const ask = () => beforeNew(this.#reading.signal, this.#tally);
    return askBeforeNew({ before, after, ledger, strict: this.#settings.strict ?? false, ask });
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
