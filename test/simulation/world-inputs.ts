import { createHash } from 'node:crypto';
import { type Chunk, type Input, InputError, type InputInfo, type Inspection } from '../../src/core/input.js';
import type { SeededRandom } from './seeded-random.js';
import type { Life, VirtualTime } from './virtual-time.js';
import type { MadeRecord, RecordMaker } from './world-records.js';

/** A record in its file. */
export interface PlacedRecord extends MadeRecord {
  readonly file: string;
  /** Physical line, from 1. */
  readonly line: number;
}

/** One input of the world. It is the same in every run. */
export interface WorldFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Those that can be read: whole, and before the damage. */
  readonly records: readonly PlacedRecord[];
  readonly damagedAt: number | undefined;
  /** It can be checked before it is read, as compressed files can. */
  readonly checkable: boolean;
  readonly chunkBytes: number;
  /** Most milliseconds between two chunks. */
  readonly pauseMs: number;
}

const LINE_ENDS = ['\n', '\n', '\n', '\r\n', ' \n', '\n\n', '\n \t\n'];

export function makeFile(path: string, count: number, maker: RecordMaker, random: SeededRandom): WorldFile {
  const lines: string[] = [];
  const records: PlacedRecord[] = [];
  const ends: number[] = [];
  let line = 1;
  let size = 0;
  for (let i = 0; i < count; i += 1) {
    const record = maker.next();
    const before = random.chance(0.95) ? '' : random.pick([' ', '\t', '\xef\xbb\xbf']);
    const isLast = i === count - 1;
    const end = isLast && random.chance(0.3) ? '' : random.pick(LINE_ENDS);
    records.push({ ...record, file: path, line });
    lines.push(before + record.text + end);
    size += before.length + record.text.length + end.length;
    ends.push(end === '' ? Number.POSITIVE_INFINITY : size - (end.length - 1 - end.indexOf('\n')));
    line += end.split('\n').length - 1;
  }
  const damagedAt = random.chance(0.06) ? random.whole(0, size) : undefined;
  return {
    path,
    bytes: Buffer.from(lines.join(''), 'latin1'),
    records: damagedAt === undefined ? records : records.filter((_, i) => ends[i]! <= damagedAt),
    damagedAt,
    checkable: random.chance(0.5),
    chunkBytes: Math.ceil(random.scale(30, 40_000)),
    pauseMs: random.weighted([
      [0, 3],
      [2, 4],
      [40, 2],
      [3_000, 1],
    ]),
  };
}

/** An input as one process reads it. */
export class VirtualInput implements Input {
  readonly info: InputInfo;
  readonly #file: WorldFile;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #life: Life;
  #inspected = false;

  constructor(file: WorldFile, time: VirtualTime, random: SeededRandom, life: Life) {
    this.info = { path: file.path, size: file.bytes.length };
    this.#file = file;
    this.#time = time;
    this.#random = random;
    this.#life = life;
  }

  async inspect(signal: AbortSignal): Promise<Inspection | undefined> {
    if (!this.#file.checkable) return undefined;
    await this.#wait(5, signal);
    signal.throwIfAborted();
    this.#inspected = true;
    const { bytes, damagedAt } = this.#file;
    if (damagedAt === undefined) {
      return { sha256: this.sha256(), intactBytes: bytes.length, damage: undefined };
    }
    return { sha256: undefined, intactBytes: this.#intact(damagedAt), damage: this.#damage() };
  }

  async *read(signal: AbortSignal): AsyncGenerator<Chunk> {
    const { bytes, damagedAt, chunkBytes, pauseMs } = this.#file;
    const end = damagedAt === undefined ? bytes.length : this.#inspected ? this.#intact(damagedAt) : damagedAt;
    for (let from = 0; from < end; ) {
      if (pauseMs > 0) await this.#wait(this.#random.next() * pauseMs, signal);
      signal.throwIfAborted();
      const to = Math.min(end, from + this.#random.whole(1, chunkBytes));
      yield { bytes: bytes.slice(from, to), storedBytesRead: to };
      from = to;
    }
    if (damagedAt !== undefined && !this.#inspected) throw new InputError(this.#damage());
  }

  sha256(): string {
    return createHash('sha256').update(this.#file.bytes).digest('hex');
  }

  #intact(damagedAt: number): number {
    return this.#file.bytes.subarray(0, damagedAt).lastIndexOf(10) + 1;
  }

  #damage(): InputError['damage'] {
    return { code: 'damaged', message: `${this.#file.path} is damaged` };
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return this.#time.clockOf(this.#life).sleep(ms, signal);
  }
}
