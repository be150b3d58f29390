import type { Block } from '../core/block.js';
import { WARNING_NAMES, type WarningName } from '../core/block.js';
import { type Input, type InputDamage, InputError } from '../core/input.js';
import type { Checkpoint } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { FileAccount } from '../core/run.js';
import type { Accountant } from '../core/tally.js';
import type { CheckpointStage, Trail } from './checkpoints.js';
import { beginDecoding, type DecodingPorts } from './decoding.js';
import type { Dedupe } from './dedupe.js';
import { Event } from './event.js';
import { LookBack } from './look-back.js';
import { Part, type PartPorts } from './part.js';
import { originOf, type Place } from './place.js';
import { PERCENT_FROM } from './reject-limit.js';
import { contentOf } from './rejected-content.js';
import type { Settle } from './settle.js';

export interface IntakePorts extends DecodingPorts {
  /** Takes in the events of each block, in file order, also where a block has none. */
  readonly dedupe: Pick<Dedupe, 'accept'>;
  readonly settle: Pick<Settle, 'room' | 'rejectedRecord'>;
  readonly accountant: Accountant;
  /** Where it is remembered how far files are. */
  readonly checkpoints: CheckpointStage | undefined;
  /** Called for each warning of each record. */
  readonly onWarning?: (name: WarningName, where: () => Origin) => void;
  /**
   * Called with how many records were looked at, and what was rejected of them counted: after each block, and within one
   * wherever the share of the rejected may have become too large.
   */
  readonly onRecords: (decoded: number) => void;
}

export interface IntakeSettings {
  readonly maxLineBytes: number;
  readonly skipInputCheck: boolean;
}

/** Reads one input after the other, from its bytes to dedupe, no faster than the window allows. */
export class Intake {
  readonly #settings: IntakeSettings;
  readonly #ports: IntakePorts;
  readonly #lookBack = new LookBack();
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
      const trail = await this.#ports.checkpoints?.open(input);
      const passed = await trail?.passOver(input, signal);
      if (passed !== undefined) this.#ports.accountant.passedOver(file, passed.records);
      const whole = await this.#readBytes(input, file, trail, passed, signal);
      file.sha256 ??= input.sha256();
      this.#ports.accountant.countUnusableEnd(file);
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

  async #readBytes(
    input: Input,
    file: FileAccount,
    trail: Trail | undefined,
    passed: Checkpoint | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { accountant } = this.#ports;
    const ports: PartPorts = {
      maxLineBytes: this.#settings.maxLineBytes,
      ahead: this.#ports.decoder.ahead,
      decode: (slab, flush) => beginDecoding(slab, flush, this.#ports, signal),
      enter: (block, place) => this.#enter(block, place, trail),
    };
    let part: Part | undefined = new Part(file, undefined, ports, passed?.lines);
    let toPass = passed?.decodedEnd ?? 0;
    let isEntry = false;
    let isWhole = true;
    // A stop that comes of the last chunk itself does not keep its end from being seen.
    let isInLast = false;
    const reading = new AbortController();
    const stopReading = (): void => {
      if (!isInLast) reading.abort(signal.reason);
    };
    signal.addEventListener('abort', stopReading);
    if (signal.aborted) stopReading();
    /** What is wrong with an entry does not keep the others from being read. */
    const attempt = async (step: (part: Part) => Promise<void>): Promise<void> => {
      if (part === undefined) return;
      try {
        await step(part);
        isWhole &&= part.isWhole;
      } catch (thrown) {
        const broken: Part = part;
        part = undefined;
        const error = await broken.letGo().then(
          () => thrown,
          (before: unknown) => before,
        );
        if (!isEntry || !(error instanceof InputError)) throw error;
        file.damage = joined(file.damage, error.damage);
      }
    };
    try {
      for await (const chunk of input.read(reading.signal)) {
        if (signal.aborted) return false;
        accountant.tally.bytes.read += chunk.storedBytesRead - file.bytesRead;
        file.bytesRead = chunk.storedBytesRead;
        isInLast = file.bytesRead === input.info.size;
        accountant.tally.bytes.decoded += chunk.bytes.length;
        if (chunk.entryBegins !== undefined) {
          await part?.letGo();
          part = new Part(file, chunk.entryBegins, ports);
          isEntry = true;
        }
        const bytes = chunk.bytes.subarray(Math.min(toPass, chunk.bytes.length));
        toPass -= chunk.bytes.length - bytes.length;
        await attempt((current) => current.push(bytes));
        if (signal.aborted && !isInLast) return false;
        if (chunk.entryEnds) {
          await attempt((current) => current.end(false));
          part = undefined;
        }
        isInLast &&= signal.aborted;
      }
      await attempt((current) => current.end(file.damage !== undefined));
    } finally {
      signal.removeEventListener('abort', stopReading);
      await part?.letGo();
    }
    file.leftOut = input.leftOut?.() ?? [];
    return isWhole;
  }

  /** Counts a block's records, settles the rejected ones, and hands the events to dedupe. */
  #enter(block: Block, place: Place, trail: Trail | undefined): void {
    const { accountant, window, settle } = this.#ports;
    const { file } = place;
    const before = accountant.tally.events.read;
    accountant.read(file, block.count);
    /** From this record on, a percentage is held against what was rejected. */
    const percentAt = PERCENT_FROM - 1 - before;
    file.unwrappedRejects += block.origins.size;
    const hold = window.enter(block.bytes.length);
    hold.mark = place.entry === undefined ? trail?.add(block) : undefined;
    const events: Event[] = [];
    for (let at = 0; at < block.count; at += 1) {
      if (block.warnings[at] !== 0) this.#countWarnings(block.warnings[at]!, () => originOf(block, at, place));
      const rejection = block.rejections.size === 0 ? undefined : block.rejections.get(at);
      if (rejection === undefined) {
        const event = new Event(block, at, place, hold);
        this.#lookBack.see(event);
        window.add(hold, event);
        events.push(event);
      } else {
        settle.rejectedRecord(file, {
          origin: originOf(block, at, place),
          ...rejection,
          content: contentOf(block, at),
        });
      }
      if (at === percentAt || (rejection !== undefined && at > percentAt)) this.#ports.onRecords(before + at + 1);
    }
    this.#ports.dedupe.accept(events);
    window.sealed(hold);
    this.#ports.onRecords(before + block.count);
  }

  #countWarnings(bits: number, where: () => Origin): void {
    WARNING_NAMES.forEach((name, bit) => {
      if ((bits & (1 << bit)) !== 0) this.#ports.onWarning?.(name, where);
    });
  }
}

/** An input has one damage: what is wrong with two of its entries is told in one message. */
function joined(before: InputDamage | undefined, damage: InputDamage): InputDamage {
  return before === undefined ? damage : { code: before.code, message: `${before.message} ${damage.message}` };
}
