import type { Block, Slab } from '../core/block.js';
import { InputError } from '../core/input.js';
import type { FileAccount } from '../core/run.js';
import { FirstLook } from './first-look.js';
import type { Place } from './place.js';
import { RecordCutter } from './records.js';
import { unclosedArray } from './refused-text.js';

export interface PartPorts {
  readonly maxLineBytes: number;
  /** How many slabs may be decoded beside the one that is waited for. */
  readonly ahead: number;
  /**
   * Begins to decode a slab when there is room for it; undefined when the run was stopped meanwhile.
   * @param flush hands on what is being decoded, for nothing can leave that has not arrived
   */
  readonly decode: (slab: Slab, flush: () => Promise<void>) => Promise<Coming | undefined>;
  /** Takes in a block that may go on. */
  readonly enter: (block: Block, place: Place) => void;
}

/** A block that is being decoded. One of the two is called, once. */
export interface Coming {
  /** Resolves to undefined when the run was stopped meanwhile. */
  arrive(): Block | Promise<Block | undefined>;
  /** It is not wanted any more. */
  drop(): void;
}

/** What lines are counted in: a file, or an entry of a zip archive. Cuts its bytes into blocks and looks at the first. */
export class Part {
  readonly #file: FileAccount;
  readonly #entry: string | undefined;
  readonly #ports: PartPorts;
  readonly #cutter: RecordCutter;
  readonly #look: FirstLook;
  /** Blocks that are being decoded, in the order of their slabs. */
  readonly #coming: Coming[] = [];
  #line: number;
  #isWhole = true;

  /** @param linesPassed physical lines before it that were passed over */
  constructor(file: FileAccount, entry: string | undefined, ports: PartPorts, linesPassed = 0) {
    this.#line = 1 + linesPassed;
    this.#file = file;
    this.#entry = entry;
    this.#ports = ports;
    this.#cutter = new RecordCutter(ports.maxLineBytes);
    this.#look = new FirstLook(this.#path, () => this.#cutter.layout);
  }

  /** Everything that was pushed was decoded: no stop of the run came between. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** @throws {InputError} when it is refused as a whole: nothing of it was let through then */
  async push(bytes: Uint8Array): Promise<void> {
    for (const slab of this.#cutter.push(bytes)) await this.#take(slab);
  }

  /**
   * It has ended.
   * @param wasCut where it is known that its end is missing
   * @throws {InputError} when it is refused as a whole, or ends inside an array
   */
  async end(wasCut: boolean): Promise<void> {
    for (const slab of this.#cutter.end(wasCut)) await this.#take(slab);
    await this.#receiveAll();
    if (!this.#isWhole) return this.#enter(this.#look.letGo());
    this.#enter(this.#look.end());
    if (this.#cutter.endsTorn) this.#file.endsTorn = true;
    this.#file.kind ??= this.#look.kind;
    if (this.#cutter.unclosed && !wasCut) {
      throw new InputError(unclosedArray(this.#path, this.#cutter.elements));
    }
  }

  /**
   * It broke off: what was looked at counts as read; the record that it broke off in does not.
   * @throws {InputError} when it is refused as a whole for what came before
   */
  async letGo(): Promise<void> {
    await this.#receiveAll();
    this.#enter(this.#look.letGo());
  }

  get #path(): string {
    return this.#entry === undefined ? this.#file.path : `${this.#file.path}/${this.#entry}`;
  }

  async #take(slab: Slab): Promise<void> {
    const coming = await this.#ports.decode(slab, () => this.#receiveAll());
    if (coming === undefined) {
      this.#isWhole = false;
      return;
    }
    this.#coming.push(coming);
    // What is refused as a whole is refused before more of it is read.
    while (this.#coming.length > (this.#look.decided ? this.#ports.ahead : 0)) await this.#receive();
  }

  async #receiveAll(): Promise<void> {
    while (this.#coming.length > 0) await this.#receive();
  }

  async #receive(): Promise<void> {
    try {
      const arriving = this.#coming.shift()!.arrive();
      const block = arriving instanceof Promise ? await arriving : arriving;
      if (block === undefined) {
        this.#isWhole = false;
        return;
      }
      const place: Place = { file: this.#file, entry: this.#entry, firstLine: this.#line };
      this.#line += block.lines;
      this.#enter(this.#look.at({ block, place }));
      this.#file.kind ??= this.#look.kind;
    } catch (error) {
      for (const coming of this.#coming.splice(0)) coming.drop();
      throw error;
    }
  }

  #enter(seen: ReturnType<FirstLook['letGo']>): void {
    for (const { block, place } of seen) this.#ports.enter(block, place);
  }
}
