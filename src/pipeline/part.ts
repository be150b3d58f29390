import type { Block, Slab } from '../core/block.js';
import { InputError } from '../core/input.js';
import type { FileAccount } from '../core/run.js';
import { FirstLook } from './first-look.js';
import type { Place } from './place.js';
import { RecordCutter } from './records.js';
import { unclosedArray } from './refused-text.js';

export interface PartPorts {
  readonly maxLineBytes: number;
  /** Decodes a slab when there is room for it; undefined when the run was stopped meanwhile. */
  readonly decode: (slab: Slab) => Promise<Block | undefined>;
  /** Takes in a block that may go on. */
  readonly enter: (block: Block, place: Place) => void;
}

/** What lines are counted in: a file, or an entry of a zip archive. Cuts its bytes into blocks and looks at the first. */
export class Part {
  readonly #file: FileAccount;
  readonly #entry: string | undefined;
  readonly #ports: PartPorts;
  readonly #cutter: RecordCutter;
  readonly #look: FirstLook;
  #line: number;

  /** @param linesPassed physical lines before it that were passed over */
  constructor(file: FileAccount, entry: string | undefined, ports: PartPorts, linesPassed = 0) {
    this.#line = 1 + linesPassed;
    this.#file = file;
    this.#entry = entry;
    this.#ports = ports;
    this.#cutter = new RecordCutter(ports.maxLineBytes);
    this.#look = new FirstLook(this.#path, () => this.#cutter.layout);
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
    this.#enter(this.#look.end());
    if (this.#cutter.endsTorn) this.#file.endsTorn = true;
    this.#file.kind ??= this.#look.kind;
    if (this.#cutter.unclosed && !wasCut) {
      throw new InputError(unclosedArray(this.#path, this.#cutter.elements));
    }
  }

  /** It broke off: what was looked at counts as read; the record that it broke off in does not. */
  letGo(): void {
    this.#enter(this.#look.letGo());
  }

  get #path(): string {
    return this.#entry === undefined ? this.#file.path : `${this.#file.path}/${this.#entry}`;
  }

  async #take(slab: Slab): Promise<void> {
    const block = await this.#ports.decode(slab);
    if (block === undefined) return;
    const place: Place = { file: this.#file, entry: this.#entry, firstLine: this.#line };
    this.#line += block.lines;
    this.#enter(this.#look.at({ block, place }));
    this.#file.kind ??= this.#look.kind;
  }

  #enter(seen: ReturnType<FirstLook['letGo']>): void {
    for (const { block, place } of seen) this.#ports.enter(block, place);
  }
}
