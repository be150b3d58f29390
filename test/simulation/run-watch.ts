import type { RunResult, Tally } from '../../src/core/run.js';
import type { Running } from '../../src/pipeline/run-ports.js';
import type { DecoderAhead } from '../fakes/decoder-ahead.js';
import type { RequestWatch } from './request-watch.js';
import type { RunPlan } from './scenario.js';
import type { World } from './simulated-run.js';
import { type Life, quiet } from './virtual-time.js';

/** So many happenings, or so much time, and a run will never end. */
const MOST_STEPS = 300_000;
const LONGEST_RUN_MS = 20 * 24 * 3_600_000;
/** What a run that must end now may take to write and to close. */
const CLOSING_MS = 500;

/** Moves the world while a run goes on: disturbs it as planned, and looks at it after every step. */
export class RunWatch {
  readonly #world: World;
  readonly #plan: RunPlan;
  readonly #life: Life;
  readonly #watch: RequestWatch;
  readonly #firstStep: number;
  readonly #startedAt: number;
  readonly #largestBlock: number;
  #running: Running | undefined;
  #decoder: DecoderAhead | undefined;
  #deadline = Number.POSITIVE_INFINITY;
  #disturbed = false;
  #read = 0;
  #mostAtOnce = 0;

  constructor(world: World, plan: RunPlan, life: Life, watch: RequestWatch) {
    this.#world = world;
    this.#plan = plan;
    this.#life = life;
    this.#watch = watch;
    this.#firstStep = world.time.steps;
    this.#startedAt = world.time.now;
    const { maxLineBytes } = plan.settings;
    this.#largestBlock = Math.max(...world.scenario.files.map((file) => file.chunkBytes + maxLineBytes + 2));
  }

  started(running: Running, decoder: DecoderAhead | undefined): void {
    const { time } = this.#world;
    const { maxDurationMs } = this.#plan.settings;
    this.#running = running;
    this.#decoder = decoder;
    if (maxDurationMs !== undefined) time.after(maxDurationMs, () => this.#watch.close('--max-duration'), this.#life);
  }

  /** @returns what the run returned; undefined when it was killed, or a check failed */
  async follow<T>(run: Promise<T>): Promise<T | undefined> {
    const { time, journal } = this.#world;
    let ended: { readonly value: T } | undefined;
    run.then(
      (value) => {
        ended = { value };
      },
      (error: unknown) => journal.fail('bug', error instanceof Error ? (error.stack ?? '') : String(error)),
    );
    await quiet();
    while (ended === undefined && journal.failure === undefined) {
      if (!(await time.step())) journal.fail('hang', 'the run is not over, and nothing will ever happen');
      if (ended !== undefined || journal.failure !== undefined) break;
      this.#look();
      this.#disturb();
      if (this.#life.over) return undefined;
      await quiet();
    }
    this.#life.over = true;
    return journal.failure === undefined ? ended?.value : undefined;
  }

  markWhatWasSeen({ tally, stop }: RunResult): void {
    const { journal } = this.#world;
    if (tally.requests.retried > 0) journal.mark('retry');
    if (tally.requests.split > 0) journal.mark('split');
    if (tally.duplicates.target > 0) journal.mark('duplicate of the target');
    if (tally.duplicates.ledger > 0) journal.mark('resume');
    if (this.#watch.renewals > 0) journal.mark('renewal');
    if (this.#watch.inDoubt.size > 0 && tally.events.undelivered > 0) journal.mark('hold-back');
    journal.mark(`ends: ${stop?.reason ?? 'completed'}`);
  }

  #look(): void {
    const { time, journal } = this.#world;
    if (time.steps - this.#firstStep > MOST_STEPS) journal.fail('hang', `more than ${MOST_STEPS} steps`);
    if (time.now - this.#startedAt > LONGEST_RUN_MS) journal.fail('hang', 'the run takes weeks');
    if (time.now > this.#deadline) journal.fail('drain', 'the run goes on after the drain time, or a second signal');
    if (this.#running === undefined) return;
    const { tally, waiting, inFlight } = this.#running.progress();
    if (waiting !== undefined) journal.mark(`waiting: ${waiting.for}`);
    if (waiting?.for === 'outage' && inFlight > 0) journal.mark('probe');
    this.#lookAtWindow(tally);
  }

  #lookAtWindow({ events }: Readonly<Tally>): void {
    const { journal } = this.#world;
    const { window } = this.#plan.settings;
    if (window === undefined) return;
    this.#mostAtOnce = Math.max(this.#mostAtOnce, events.read - this.#read);
    this.#read = events.read;
    const { delivered, duplicate, rejected, inDoubt, undelivered } = events;
    const open = events.read - delivered - duplicate - rejected - inDoubt - undelivered;
    const { windowPeak: peak } = this.#running!;
    if (Math.max(open, peak.events) > window.events + this.#mostAtOnce) {
      journal.fail('window', `${Math.max(open, peak.events)} events were held, and ${window.events} are allowed`);
    }
    if (peak.bytes > Math.max(window.bytes, this.#largestBlock)) {
      journal.fail('window', `${peak.bytes} bytes were held, and ${window.bytes} are allowed`);
    }
  }

  #disturb(): void {
    const { time, journal, disk } = this.#world;
    const { disturbance } = this.#plan;
    if (disturbance === undefined || this.#disturbed || time.steps - this.#firstStep < disturbance.step) return;
    this.#disturbed = true;
    journal.note(disturbance.kind);
    journal.mark(disturbance.kind);
    if ((this.#decoder?.inWork ?? 0) > 1) journal.mark(`${disturbance.kind} while decoding ahead`);
    if (disturbance.kind === 'signal') this.#signal(disturbance.secondAfterMs);
    else if (disturbance.kind === 'disk-full') disk.full = true;
    else this.#life.over = true;
  }

  #signal(secondAfterMs: number | undefined): void {
    const { time, journal } = this.#world;
    if (this.#running === undefined) return;
    this.#deadline = time.now + this.#plan.settings.drainTimeMs + CLOSING_MS;
    this.#watch.mayCancelFrom = time.now + this.#plan.settings.drainTimeMs;
    this.#running.interrupt('SIGINT');
    this.#watch.close('the first signal');
    if (secondAfterMs === undefined) return;
    const second = (): void => {
      journal.note('second signal');
      journal.mark('second signal');
      this.#deadline = Math.min(this.#deadline, time.now + CLOSING_MS);
      this.#watch.mayCancelFrom = Math.min(this.#watch.mayCancelFrom, time.now);
      this.#running?.interrupt('SIGINT');
    };
    time.after(secondAfterMs, second, this.#life);
  }
}
