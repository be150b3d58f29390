import { createHash, type Hash } from 'node:crypto';
import type { Block } from '../core/block.js';
import { type Input, InputError } from '../core/input.js';
import type { Checkpoint, Checkpoints } from '../core/ledger.js';

export interface CheckpointSettings {
  /** Stands for the settings that change what is sent. */
  readonly fingerprint: string;
  /** Go on where an earlier run had got to. */
  readonly skip: boolean;
  /** Read half-done files from their start all the same. */
  readonly fromStart?: boolean;
}

/** Remembers how far half-done files are, so that the next run need not decode again what is delivered. */
export class CheckpointStage {
  readonly #settings: CheckpointSettings;
  readonly #memory: Checkpoints;
  readonly #onStorageError: (error: unknown) => void;
  readonly #writes = new Set<Promise<void>>();

  constructor(settings: CheckpointSettings, memory: Checkpoints, onStorageError: (error: unknown) => void) {
    this.#settings = settings;
    this.#memory = memory;
    this.#onStorageError = onStorageError;
  }

  /** Begins a file. Undefined for what has no place in the file system, as standard input. @throws {LedgerError} */
  async open(input: Input): Promise<Trail | undefined> {
    const identity = await input.identity?.();
    if (identity === undefined) return undefined;
    const key = `${identity.path}\n${this.#settings.fingerprint}`;
    const { skip, fromStart = false } = this.#settings;
    const reached = skip && !fromStart ? (await this.#memory.checkpoints(key)).at(-1) : undefined;
    return new Trail(reached, (checkpoint) => this.#put(key, checkpoint));
  }

  /** Resolves when everything is written, or could not be and was reported. */
  async written(): Promise<void> {
    await Promise.all(this.#writes);
  }

  #put(key: string, checkpoint: Checkpoint): void {
    const write = this.#memory
      .putCheckpoint(key, checkpoint)
      .catch(this.#onStorageError)
      .finally(() => this.#writes.delete(write));
    this.#writes.add(write);
  }
}

/**
 * How far one file is: from its beginning, the blocks of which each record stands in the ledger as delivered. One
 * record that does not, and the trail ends before its block. Only text of lines has one, not arrays.
 */
export class Trail {
  /** Where an earlier run had got to. */
  readonly #reached: Checkpoint | undefined;
  readonly #put: (checkpoint: Checkpoint) => void;
  #hash: Hash = createHash('sha256');
  #lines = 0;
  #records = 0;
  #bytes = 0;
  /** Blocks whose records are not all recorded yet, or that stand behind one. */
  #open: Mark[] = [];
  #ended = false;

  constructor(reached: Checkpoint | undefined, put: (checkpoint: Checkpoint) => void) {
    this.#reached = reached;
    this.#put = put;
  }

  /**
   * Reads what an earlier run had delivered, to see that it is the same.
   * @returns the checkpoint, when everything up to it may be passed over
   */
  async passOver(input: Input, signal: AbortSignal): Promise<Checkpoint | undefined> {
    const reached = this.#reached;
    if (reached === undefined) return undefined;
    const hash = createHash('sha256');
    let left = reached.decodedEnd;
    try {
      for await (const { bytes } of input.read(signal)) {
        hash.update(bytes.subarray(0, left));
        left -= Math.min(left, bytes.length);
        if (left === 0) break;
      }
    } catch (error) {
      // Damage is found again, and told, when the file is read from its beginning.
      if (!(error instanceof InputError)) throw error;
    }
    if (left > 0 || hash.copy().digest('hex') !== reached.runningHash) return undefined;
    this.#hash = hash;
    this.#bytes = reached.decodedEnd;
    this.#lines = reached.lines;
    this.#records = reached.records;
    return reached;
  }

  /** Takes in the next block, in file order. Each of its events ends in `Mark.ended`. */
  add(block: Block): Mark | undefined {
    if (this.#ended) return undefined;
    if (block.element !== undefined || block.rejections.size > 0) {
      this.#ended = true;
      return undefined;
    }
    this.#hash.update(block.bytes);
    this.#bytes += block.bytes.length;
    this.#lines += block.lines;
    this.#records += block.count;
    const mark = new Mark(block.count, this.#checkpoint(), () => this.#advance());
    this.#open.push(mark);
    if (block.count === 0) this.#advance();
    return mark;
  }

  #checkpoint(): Checkpoint {
    return {
      firstLine: 1,
      lines: this.#lines,
      records: this.#records,
      decodedStart: 0,
      decodedEnd: this.#bytes,
      runningHash: this.#hash.copy().digest('hex'),
    };
  }

  #advance(): void {
    let passed: Mark | undefined;
    while (this.#open[0]?.isRecorded) passed = this.#open.shift();
    if (passed !== undefined) this.#put(passed.checkpoint);
  }
}

/** One block on a trail. */
export class Mark {
  /** Where the trail is when this block is behind it. */
  readonly checkpoint: Checkpoint;
  readonly #onRecorded: () => void;
  #left: number;

  constructor(records: number, checkpoint: Checkpoint, onRecorded: () => void) {
    this.#left = records;
    this.checkpoint = checkpoint;
    this.#onRecorded = onRecorded;
  }

  get isRecorded(): boolean {
    return this.#left === 0;
  }

  /** One of its records ended; one that does not stand in the ledger as delivered keeps the trail from going on. */
  ended(isRecorded: boolean): void {
    if (!isRecorded) return;
    this.#left -= 1;
    if (this.#left === 0) this.#onRecorded();
  }
}
