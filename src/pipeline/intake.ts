import type { Block } from '../core/block.js';
import { WARNING_NAMES } from '../core/block.js';
import { type Input, InputError } from '../core/input.js';
import type { Clock } from '../core/ports.js';
import type { FileAccount, RejectedRecord } from '../core/run.js';
import type { Accountant } from '../core/tally.js';
import type { Decode } from './decode.js';
import type { Dedupe } from './dedupe.js';
import { Event } from './event.js';
import { FirstLook } from './first-look.js';
import { LineCutter } from './lines.js';
import type { RejectLimit } from './reject-limit.js';
import type { Settle } from './settle.js';
import type { Window } from './window.js';

export interface IntakePorts {
  readonly clock: Clock;
  readonly decode: Decode;
  readonly dedupe: Dedupe;
  readonly settle: Settle;
  readonly window: Window;
  readonly accountant: Accountant;
  readonly rejectLimit: RejectLimit;
  /** Called when the reader must wait for the window. */
  readonly onFull: () => void;
  /** Called after each block, with what was rejected counted. */
  readonly onBlock: () => void;
}

export interface IntakeSettings {
  readonly maxLineBytes: number;
  readonly skipInputCheck: boolean;
}

/** How much of an over-long record is kept, to be recognised. */
const HEAD_BYTES = 1024;

/** Reads one input after the other, from its bytes to dedupe, no faster than the window allows. */
export class Intake {
  readonly #settings: IntakeSettings;
  readonly #ports: IntakePorts;
  #bytesChecked = 0;
  #checking = false;

  constructor(settings: IntakeSettings, ports: IntakePorts) {
    this.#settings = settings;
    this.#ports = ports;
  }

  /** Stored bytes that were checked before their events leave. */
  get bytesChecked(): number {
    return this.#bytesChecked;
  }

  /** Is an input being checked now? */
  get checking(): boolean {
    return this.#checking;
  }

  /**
   * Reads one input as far as it can be read, or until `signal` aborts. What is wrong with it ends in `file.damage`.
   * @returns true when everything of it that may be imported was read
   */
  async read(input: Input, file: FileAccount, signal: AbortSignal): Promise<boolean> {
    try {
      if (!this.#settings.skipInputCheck) await this.#check(input, file, signal);
      const whole = await this.#readBytes(input, file, signal);
      file.sha256 ??= input.sha256();
      return whole;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof InputError)) throw error;
      file.damage = error.damage;
      return true;
    }
  }

  async #check(input: Input, file: FileAccount, signal: AbortSignal): Promise<void> {
    const before = this.#bytesChecked;
    this.#checking = true;
    const inspection = await input
      .inspect(signal, (bytes) => {
        this.#bytesChecked = before + bytes;
      })
      .finally(() => {
        this.#checking = false;
      });
    file.sha256 = inspection?.sha256;
    file.damage = inspection?.damage;
  }

  async #readBytes(input: Input, file: FileAccount, signal: AbortSignal): Promise<boolean> {
    const { accountant, clock } = this.#ports;
    const cutter = new LineCutter(this.#settings.maxLineBytes);
    const look = new FirstLook(file.path);
    let line = 1;
    const take = async (slab: Parameters<Decode>[0]): Promise<void> => {
      const size = slab.kind === 'lines' ? slab.bytes.length : slab.head.length;
      const room = this.#ports.window.room(size);
      if (room !== undefined) {
        this.#ports.onFull();
        await room;
      }
      if (signal.aborted) return;
      const block = this.#ports.decode(slab);
      for (const seen of look.at({ block, firstLine: line })) this.#enter(seen.block, file, seen.firstLine);
      line += block.lines;
      await this.#ports.settle.room();
      await clock.yield();
    };
    try {
      for await (const chunk of input.read(signal)) {
        accountant.tally.bytes.read += chunk.storedBytesRead - file.bytesRead;
        file.bytesRead = chunk.storedBytesRead;
        accountant.tally.bytes.decoded += chunk.bytes.length;
        for (const slab of cutter.push(chunk.bytes)) await take(slab);
        if (signal.aborted) return false;
      }
      for (const slab of cutter.end()) await take(slab);
    } finally {
      // What was looked at counts as read, also when the input breaks off early.
      for (const seen of look.end()) this.#enter(seen.block, file, seen.firstLine);
    }
    return !signal.aborted;
  }

  /** Counts a block's records, settles the rejected ones, and hands the events to dedupe. */
  #enter(block: Block, file: FileAccount, firstLine: number): void {
    const { accountant, window, settle, rejectLimit } = this.#ports;
    accountant.read(file, block.count);
    rejectLimit.decoded(block.count);
    file.unwrappedRejects += block.origins.size;
    const hold = window.enter(block.bytes.length);
    const events: Event[] = [];
    for (let at = 0; at < block.count; at += 1) {
      if (block.warnings[at] !== 0) this.#countWarnings(block.warnings[at]!);
      const rejection = block.rejections.size === 0 ? undefined : block.rejections.get(at);
      if (rejection === undefined) {
        const event = new Event(block, at, file, firstLine, hold);
        window.add(hold, event);
        events.push(event);
      } else {
        rejectLimit.rejectedHere();
        const origin = block.origins.get(at) ?? { file: file.path, line: firstLine + block.line[at]! };
        settle.rejectedRecord(file, { origin, ...rejection, content: contentOf(block, at) });
      }
    }
    this.#ports.dedupe.accept(events);
    window.sealed(hold);
    this.#ports.onBlock();
  }

  #countWarnings(bits: number): void {
    WARNING_NAMES.forEach((name, bit) => {
      if ((bits & (1 << bit)) !== 0) this.#ports.accountant.warned(name);
    });
  }
}

/** What the rejects file shows of a record. */
function contentOf(block: Block, at: number): RejectedRecord['content'] {
  const start = block.start[at]!;
  const end = block.end[at]!;
  if (block.rejectLines.has(at)) return { kind: 'rejectLine', bytes: block.bytes, start, end };
  const overlong = block.overlong.get(at);
  if (overlong === undefined) return { kind: 'record', bytes: block.bytes, start, end };
  return { kind: 'overlong', ...overlong, head: block.bytes.slice(start, Math.min(end, start + HEAD_BYTES)) };
}
