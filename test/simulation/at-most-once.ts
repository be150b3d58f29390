import type { Input } from '../../src/core/input.js';
import type { Ledger } from '../../src/core/ledger.js';
import type { RunResult } from '../../src/core/run.js';
import { findImbalance } from '../../src/core/tally.js';
import { StoredLedger } from '../../src/io/ledger/ledger.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { startImport } from '../../src/pipeline/import.js';
import { type Doubt, reconcile } from '../../src/pipeline/reconcile.js';
import type { Running } from '../../src/pipeline/run-ports.js';
import { SHOWN_AFTER_MS } from '../../src/targets/onetrust/inquiry.js';
import { createOneTrustRules } from '../../src/targets/onetrust/rules.js';
import { createOneTrustTarget } from '../../src/targets/onetrust/target.js';
import { DecoderAhead } from '../fakes/decoder-ahead.js';
import { POINT_TOKEN, receiptLine } from '../fakes/fake-onetrust.js';
import { memoryInput } from '../fakes/memory-input.js';
import { MemoryRejects } from '../fakes/memory-rejects.js';
import { VirtualClock } from '../fakes/virtual-clock.js';
import { settingsWith } from '../fakes/world.js';
import { MemoryDisk } from '../io/ledger/memory-store.js';
import { SimulatedPlatform } from './platform.js';
import { SeededRandom } from './seeded-random.js';
import { StrictTarget } from './strict-target.js';

/** What became of one seed in which nothing may be sent twice. */
export interface ReceiptsOutcome {
  readonly seed: number;
  readonly failure: string | undefined;
  readonly seen: ReadonlySet<string>;
}

/** What must have been seen over all seeds. */
export const RECEIPT_SIGHTS = [
  ...['lost', 'timeout', 'incomplete', 'unreachable', '429', '500', 'portal', 'short', '401', 'refused'],
  ...['kill', 'power-loss', 'signal', 'second signal', 'in doubt', 'held back', 'single', 'taken, never answered'],
  ...['decoded on the main thread', 'decoded ahead', 'a later slab decoded first'],
  ...['arrived', 'not_taken', 'too_soon', 'ambiguous', 'unproved', 'settled by the platform'],
] as const;

const HOUR_MS = 3_600_000;
const FIRST_DATE = Date.UTC(2024, 4, 6, 7, 8, 9);
const META = { format: 1, destination: ['d'], idRule: 'r', secret: '0123456789abcdef'.repeat(2), createdAt: 0 };
const RULES = createOneTrustRules({ token: POINT_TOKEN, idPointer: '/customPayload/row' });
/** What happened so short before a kill need not be on disk (ms): writing takes a while, and intents go ahead. */
const UNSETTLED_MS = 250;
/** A power loss takes what was not synced, too: at most a second's writes. */
const UNSYNCED_MS = 1_000;

class Broken extends Error {}

/**
 * Plays one seed: receipts, a target that takes everything it is given and keys on nothing, faults, kills, signals, run
 * after run; then what is in doubt is settled by what the target really has, and a last run must complete the import.
 */
export async function simulateReceipts(seed: number): Promise<ReceiptsOutcome> {
  const play = new Play(seed);
  try {
    await play.all();
  } catch (error) {
    const failure = error instanceof Broken ? error.message : String((error as Error).stack);
    return { seed, failure, seen: play.seen };
  }
  return { seed, failure: undefined, seen: play.seen };
}

class Play {
  readonly seen = new Set<string>();
  readonly #clock = new VirtualClock();
  readonly #disk = new MemoryDisk();
  readonly #random: SeededRandom;
  readonly #decodeRandom: SeededRandom;
  readonly #target: StrictTarget;
  readonly #rows: string[];
  readonly #lines: string[];
  readonly #poison: Set<string>;
  readonly #order: 'strict' | 'batch';
  readonly #body: 'array' | 'object';
  readonly #platform: SimulatedPlatform;
  /** Where receipts are recognised by: the id in their payload, or person, date and purposes. */
  readonly #payloadName: 'row' | undefined;
  readonly #rowOfKey = new Map<string, string>();
  /** When the intent of a row was written last. */
  readonly #intendedAt = new Map<string, number>();
  #run = 0;

  constructor(seed: number) {
    const random = new SeededRandom(seed);
    this.#random = random;
    this.#decodeRandom = new SeededRandom(~seed);
    const count = Math.ceil(random.scale(1, 600));
    const persons = Math.ceil(random.scale(1, count));
    const poison = random.chance(0.3) ? random.next() * 0.1 : 0;
    this.#rows = Array.from({ length: count }, (_, i) => `r${i}`);
    this.#poison = new Set(this.#rows.filter(() => random.chance(poison)));
    const sameDates = random.chance(0.5);
    this.#lines = this.#rows.map((row, i) => {
      const interactionDate = new Date(FIRST_DATE + (sameDates ? i % 3 : i) * 1000).toISOString();
      return receiptLine(row, `p${random.whole(1, persons)}`, { interactionDate });
    });
    const repeats = random.chance(0.3) ? random.whole(1, 20) : 0;
    for (let i = 0; i < repeats; i += 1) this.#lines.push(random.pick(this.#lines));
    this.#order = random.pick(['strict', 'batch']);
    this.#body = random.chance(0.8) ? 'array' : 'object';
    this.#payloadName = random.chance(0.5) ? 'row' : undefined;
    this.#platform = new SimulatedPlatform(this.#clock, random.fork());
    this.#target = new StrictTarget(this.#clock, random.fork(), this.#poison, this.seen, (call) =>
      this.#platform.take(call),
    );
  }

  async all(): Promise<void> {
    const faulty = this.#random.whole(1, 4);
    for (let i = 0; i < faulty; i += 1) await this.#import(this.#random.next() ** 2 * 0.5);
    await this.#import(0);
    await this.#askPlatform(0);
    await this.#askPlatform(SHOWN_AFTER_MS + 1);
    await this.#settleDoubts();
    const last = await this.#import(0);
    const { events } = last.tally;
    const repeats = this.#lines.length - this.#rows.length;
    const rejectedRows = events.rejected > 0 ? this.#poison.size : 0;
    this.#check(last.stop === undefined, `without faults: ${last.stop?.message}`);
    this.#check(events.inDoubt + events.undelivered === 0, `left at the end: ${JSON.stringify(events)}`);
    this.#check(rejectedRows === this.#poison.size || repeats === 0, 'poison was not rejected');
    for (const row of this.#rows) {
      const times = this.#target.takenTimes(row);
      this.#check(times === (this.#poison.has(row) ? 0 : 1), `lost: ${row} was taken ${times} times`);
    }
  }

  async #import(trouble: number): Promise<RunResult> {
    const random = this.#random;
    const clock = this.#clock;
    this.#run += 1;
    this.#target.trouble = trouble;
    this.#target.newRun();
    const ledger = await clock.run(this.#open());
    if (this.#rowOfKey.size === 0) for (const row of this.#rows) this.#rowOfKey.set(hex(ledger.hashOf(row)), row);
    const decoder = this.#decoder(ledger.secret);
    const running = await clock.run(
      startImport(
        [memoryInput('a.jsonl', this.#lines.join('\n'), clock, { chunkBytes: random.whole(500, 20_000) })],
        settingsWith({
          run: `run-${this.#run}`,
          ...(trouble > 0 && random.chance(0.2) && { maxRequestsPerMinute: random.whole(100, 3_000) }),
          dispatch: {
            order: this.#order,
            concurrency: random.whole(1, 8),
            batch: { events: random.whole(1, 100), bytes: 1_000_000 },
            giveUpAfterMs: 60_000,
          },
        }),
        {
          ...{ clock, rules: RULES, transport: this.#target, rejects: new MemoryRejects(), random: random.fork().next },
          ledger: this.#watched(ledger),
          ...{ quota: ledger.quota, decoder },
          target: createOneTrustTarget({ body: this.#body, token: POINT_TOKEN }),
        },
      ),
    );
    const unsettledSince = trouble > 0 ? this.#disturb(running) : () => undefined;
    const result = await clock.run(running.result);
    const imbalance = findImbalance(result.tally);
    this.#check(imbalance === undefined, imbalance ?? '');
    this.#check(result.stop?.reason !== 'bug', result.stop?.message ?? '');
    await clock.run(ledger.close().catch(() => undefined));
    // What was on its way arrives, or it does not.
    await clock.run(clock.sleep(random.pick([120_000, 120_000, 2 * HOUR_MS, 5 * HOUR_MS])));
    if (result.tally.events.inDoubt > 0) this.seen.add('in doubt');
    if (result.tally.events.inDoubt > 0 && result.tally.events.undelivered > 0) this.seen.add('held back');
    await this.#compare(unsettledSince(), result);
    return result;
  }

  /** On the main thread in half of the runs, else ahead, as on other threads. */
  #decoder(secret: Uint32Array): DecoderAhead | undefined {
    const random = this.#decodeRandom;
    if (random.chance(0.5)) {
      this.seen.add('decoded on the main thread');
      return undefined;
    }
    const decode = createDecode({ ...settingsWith(), secret }, RULES);
    const later = (act: () => void): unknown => this.#clock.after(random.next() * 10, act);
    return new DecoderAhead(random.whole(1, 4), decode, later, (sight) => this.seen.add(sight));
  }

  /** Compares what is in doubt with what was really left unanswered. */
  async #compare(unsettledSince: number | undefined, result: RunResult): Promise<void> {
    const twice = this.#target.takenTwice();
    this.#check(twice.length === 0, `taken twice: ${twice.join(' ')}`);
    const ledger = await this.#clock.run(this.#open());
    const doubts = await this.#clock.run(this.#doubts(ledger));
    for (const row of this.#target.unanswered) {
      this.#check(doubts.has(row), `${row} was not clearly answered, and is not in doubt`);
    }
    for (const row of doubts) {
      const mayBe =
        this.#target.unanswered.has(row) || (unsettledSince !== undefined && this.#unsettled(row, unsettledSince));
      this.#check(mayBe, `${row} is in doubt, and was clearly answered`);
      // From now on it stays in doubt until it is settled.
      this.#target.unanswered.add(row);
    }
    // A run that ended before it had read everything can't tell of what it did not read.
    if (unsettledSince === undefined && result.complete && result.stop?.reason !== 'storage') {
      const told = result.tally.events.inDoubt;
      this.#check(told >= doubts.size, `${doubts.size} are in doubt, and ${told} were told`);
    }
    await this.#clock.run(ledger.close());
  }

  /** @param since from when on it need not be on disk */
  #unsettled(row: string, since: number): boolean {
    const intended = this.#intendedAt.get(row) ?? Number.NEGATIVE_INFINITY;
    return this.#target.isRecent(row, since) || intended >= since;
  }

  /** `ledger resolve --reconcile`: what it settles must be right, and what stays in doubt must have a reason to. */
  async #askPlatform(afterMs: number): Promise<void> {
    const clock = this.#clock;
    await clock.run(clock.sleep(afterMs));
    this.#platform.trouble = this.#random.chance(0.5) ? 0.2 : 0;
    const ledger = await clock.run(this.#open());
    const doubts: Doubt[] = [];
    await clock.run(
      (async () => {
        for await (const page of ledger.operator.inDoubt()) doubts.push(...page);
      })(),
    );
    const input = (): Input => memoryInput('a.jsonl', this.#lines.join('\n'), clock);
    const inquiry = this.#platform.inquiry(this.#payloadName);
    const settings = { run: `run-${this.#run}`, maxLineBytes: 100_000, unwrap: undefined };
    const { answers, reading } = await clock.run(
      reconcile([input()], doubts, settings, { clock, rules: RULES, ledger, inquiry }),
    );
    this.#check(reading.complete && answers !== undefined, 'the inputs were not read to their end');
    const delivered = new Set(this.#rows.filter((row) => this.#target.takenTimes(row) > 0));
    for (const { key } of doubts) delivered.delete(this.#rowOfKey.get(hex(key))!);
    for (const [i, answer] of answers!.entries()) {
      this.seen.add(answer);
      const row = this.#rowOfKey.get(hex(doubts[i]!.key))!;
      const taken = this.#target.takenTimes(row) > 0;
      this.#check(answer !== 'arrived' || taken, `${row} is told to have arrived, and did not`);
      this.#check(answer !== 'not_taken' || !taken, `${row} is told not to have arrived, and did`);
      if (answer === 'arrived' || answer === 'not_taken') continue;
      const isGood =
        (answer === 'too_soon' && afterMs === 0) ||
        (answer === 'unproved' && ![...delivered].some((other) => this.#personOf(other) !== this.#personOf(row))) ||
        (answer === 'ambiguous' && this.#payloadName === undefined && this.#hasTwin(row));
      this.#check(isGood || (taken && afterMs === 0), `${row} stays in doubt, ${answer}, ${taken ? '' : 'not '}taken`);
    }
    for (const [answer, as] of [
      ['arrived', 'delivered'],
      ['not_taken', 'retry'],
    ] as const) {
      const keys = doubts.filter((_, i) => answers![i] === answer).map(({ key }) => key);
      const by = { time: clock.now(), user: 'u', what: 'resolve --reconcile' };
      const settled = await clock.run(ledger.operator.resolve({ keys }, as, by));
      this.#check(settled === keys.length, `${settled} of ${keys.length} were settled`);
      for (const key of keys) this.#target.unanswered.delete(this.#rowOfKey.get(hex(key))!);
    }
    if (doubts.length > 0 && (await clock.run(this.#doubts(ledger))).size === 0)
      this.seen.add('settled by the platform');
    await clock.run(ledger.close());
  }

  /** Only other people's receipts are looked for to prove that the platform shows what it has. */
  #personOf(row: string): unknown {
    return (JSON.parse(this.#lines[this.#rows.indexOf(row)]!) as Record<string, unknown>)['identifier'];
  }

  /** Is there another receipt of the same person and date? Without an id, the two can't be told apart. */
  #hasTwin(row: string): boolean {
    const likeness = (line: string): string => {
      const { identifier, interactionDate } = JSON.parse(line) as Record<string, unknown>;
      return JSON.stringify([identifier, interactionDate]);
    };
    const at = this.#rows.indexOf(row);
    const mine = likeness(this.#lines[at]!);
    return this.#rows.some((_, i) => i !== at && likeness(this.#lines[i]!) === mine);
  }

  /** What an operator does who can see what the target has. */
  async #settleDoubts(): Promise<void> {
    const ledger = await this.#clock.run(this.#open());
    const doubts = await this.#clock.run(this.#doubts(ledger));
    for (const as of ['delivered', 'retry'] as const) {
      const rows = [...doubts].filter((row) => this.#target.takenTimes(row) > 0 === (as === 'delivered'));
      const keys = rows.map((row) => ledger.hashOf(row));
      const by = { time: this.#clock.now(), user: 'u', what: `resolve --${as}` };
      const settled = await this.#clock.run(ledger.operator.resolve({ keys }, as, by));
      this.#check(settled === rows.length, `${settled} of ${rows.length} were settled`);
    }
    this.#target.unanswered.clear();
    await this.#clock.run(ledger.close());
  }

  #disturb(running: Running): () => number | undefined {
    const random = this.#random;
    const clock = this.#clock;
    let unsettledSince: number | undefined;
    const kind = random.weighted([
      ['none', 2],
      ['kill', 4],
      ['power-loss', 2],
      ['signal', 2],
    ] as const);
    if (kind === 'none') return () => undefined;
    clock.after(random.scale(1, 3_000), () => {
      if (running.progress().phase === 'done') return;
      this.seen.add(kind);
      if (kind === 'signal') {
        running.interrupt('SIGINT');
        if (random.chance(0.5)) return;
        this.seen.add('second signal');
        running.interrupt('SIGINT');
        return;
      }
      unsettledSince = clock.monotonic() - UNSETTLED_MS - (kind === 'power-loss' ? UNSYNCED_MS : 0);
      this.#disk.losePower(kind === 'kill' ? 0 : random.whole(0, 5));
      this.#target.processDied();
    });
    return () => unsettledSince;
  }

  #watched(ledger: StoredLedger): Ledger {
    return {
      secret: ledger.secret,
      get size() {
        return ledger.size;
      },
      isSurelyNew: (a, b, c, d) => ledger.isSurelyNew(a, b, c, d),
      lookup: (keys) => ledger.lookup(keys),
      recordDelivered: (entries) => ledger.recordDelivered(entries),
      recordIntents: (entries) => {
        for (const { key } of entries) this.#intendedAt.set(this.#rowOfKey.get(hex(key))!, this.#clock.monotonic());
        return ledger.recordIntents(entries);
      },
      forgetIntents: (keys) => ledger.forgetIntents(keys),
      readState: (name) => ledger.readState(name),
      writeState: (name, value) => ledger.writeState(name, value),
    };
  }

  async #doubts(ledger: StoredLedger): Promise<Set<string>> {
    const rows = new Set<string>();
    for await (const page of ledger.operator.inDoubt()) {
      for (const { key } of page) rows.add(this.#rowOfKey.get(hex(key))!);
    }
    return rows;
  }

  #open(): Promise<StoredLedger> {
    const identity = {
      id: `run-${this.#run}`,
      pid: 1,
      host: 'h',
      user: 'u',
      startedAt: this.#clock.now(),
      command: 'i',
    };
    return StoredLedger.open(this.#disk.open(), META, identity, this.#clock);
  }

  #check(isRight: boolean, what: string): void {
    if (!isRight) throw new Broken(`run ${this.#run}: ${what}`);
  }
}

function hex(key: Uint8Array): string {
  return Buffer.from(key).toString('hex');
}
