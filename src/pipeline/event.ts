import type { Block } from '../core/block.js';
import type { LedgerEntry, LedgerRecord } from '../core/ledger.js';
import type { Origin } from '../core/origin.js';
import type { FileAccount, RejectedRecord } from '../core/run.js';
import type { Stamp } from '../core/stamp.js';
import type { Sendable } from '../core/target.js';
import { origin, type Place } from './place.js';
import type { Hold } from './window.js';

/** One valid record on its way from decode to settle. */
export class Event implements Sendable {
  readonly file: FileAccount;
  readonly line: number;
  readonly #entry: string | undefined;
  readonly #element: number;
  readonly #index: number;
  /** Where it stood first, when it came wrapped. */
  readonly #firstOrigin: Origin | undefined;
  /** The 128-bit hash of the event id: four words, signed, for V8 keeps those in place. */
  readonly idA: number;
  readonly idB: number;
  readonly idC: number;
  readonly idD: number;
  readonly #contentLow: number;
  readonly #contentHigh: number;
  /** Hashes of the subjects it belongs to; 0 stands for none. */
  readonly subjectA: number;
  readonly subjectB: number;
  /** When the person chose: epoch milliseconds; NaN where the record does not say. */
  readonly date: number;
  /** The event id; undefined where ids are not kept. */
  readonly id: string | undefined;
  /** What the ledger holds of it as delivered, where it was looked up before it came here. */
  readonly known: LedgerRecord | undefined;
  /** It is dated before an event of the same subject that was read before it. */
  isOlderThanPrevious = false;
  readonly splice: Uint8Array | undefined;
  readonly stamp: Stamp | undefined;
  /** Where its bytes stand: in its block, or in a copy of its own when the block was let go. */
  bytes: Uint8Array;
  start: number;
  end: number;
  readonly hold: Hold;
  /** Where it stands among the events of its hold. */
  holdAt = 0;
  /** A request with it was not clearly answered: the target may have it from us. */
  maybeTaken = false;
  /** Then the target said that it had it: from us, or from before. */
  maybeHadBefore = false;
  /** The ledger holds that it is about to be sent. */
  intended = false;
  settled = false;
  /** What the ledger knows of its id was found out. */
  lookedUp = false;
  /** Equal records that came while this one was open: they share its outcome. */
  followers: Event[] | undefined;
  /** In how many of its subjects' queues another event stands before it. */
  blockers = 0;
  /** The batch that it was put in. */
  batch: object | undefined;

  constructor(block: Block, at: number, { file, entry, firstLine }: Place, hold: Hold) {
    this.file = file;
    this.line = firstLine + block.line[at]!;
    this.#entry = entry;
    this.#element = block.element?.[at] ?? 0;
    this.#index = block.index?.[at] ?? 0;
    this.#firstOrigin = block.origins.size === 0 ? undefined : block.origins.get(at);
    this.idA = block.idHash[at * 4]! | 0;
    this.idB = block.idHash[at * 4 + 1]! | 0;
    this.idC = block.idHash[at * 4 + 2]! | 0;
    this.idD = block.idHash[at * 4 + 3]! | 0;
    this.#contentLow = block.fingerprint[at * 2]! | 0;
    this.#contentHigh = block.fingerprint[at * 2 + 1]! | 0;
    this.subjectA = block.subjects[at * 2]!;
    this.subjectB = block.subjects[at * 2 + 1]!;
    this.date = block.dates[at]!;
    this.id = block.ids?.get(at);
    this.known = block.known?.get(at);
    this.splice = block.splices.size === 0 ? undefined : block.splices.get(at);
    this.stamp = block.stamps.size === 0 ? undefined : block.stamps.get(at);
    this.bytes = block.bytes;
    this.start = block.start[at]!;
    this.end = block.end[at]!;
    this.hold = hold;
  }

  get origin(): Origin {
    return this.#firstOrigin ?? origin(this.file, this.#entry, this.line, this.#element, this.#index);
  }

  /** The keyed 64-bit hash of its bytes: two words. */
  get fingerprint(): readonly [number, number] {
    return [this.#contentLow >>> 0, this.#contentHigh >>> 0];
  }

  hasSameContentAs(fingerprint: readonly [number, number]): boolean {
    return this.#contentLow === (fingerprint[0] | 0) && this.#contentHigh === (fingerprint[1] | 0);
  }

  hasSameIdAs(other: Event): boolean {
    return this.idA === other.idA && this.idB === other.idB && this.idC === other.idC && this.idD === other.idD;
  }

  /** The hash of its id as 8 UTF-16 units: a key for a Map. */
  get key(): string {
    const [a, b, c, d] = [this.idA, this.idB, this.idC, this.idD];
    return String.fromCharCode(a & 0xffff, a >>> 16, b & 0xffff, b >>> 16, c & 0xffff, c >>> 16, d & 0xffff, d >>> 16);
  }

  /** The hash of its id as 16 bytes. */
  keyBytes(): Uint8Array {
    const bytes = new Uint8Array(16);
    this.writeKey(bytes, 0);
    return bytes;
  }

  /** Writes these 16 bytes. */
  writeKey(into: Uint8Array, at: number): void {
    writeWord(into, at, this.idA);
    writeWord(into, at + 4, this.idB);
    writeWord(into, at + 8, this.idC);
    writeWord(into, at + 12, this.idD);
  }

  ledgerEntry(time: number, hadBefore: boolean): LedgerEntry {
    return {
      key: this.keyBytes(),
      fingerprint: this.fingerprint,
      origin: this.origin,
      time,
      hadBefore,
      ...(this.maybeHadBefore && { maybeHadBefore: true }),
    };
  }

  /** Its record for the rejects file. */
  content(): RejectedRecord['content'] {
    return { kind: 'record', bytes: this.bytes, start: this.start, end: this.end };
  }
}

/** The hash of the id of a block's record, as an event's `keyBytes` has it. */
export function keyBytesOf(idHash: Uint32Array, at: number): Uint8Array {
  const bytes = new Uint8Array(16);
  for (let word = 0; word < 4; word += 1) writeWord(bytes, 4 * word, idHash[at * 4 + word]!);
  return bytes;
}

function writeWord(into: Uint8Array, at: number, word: number): void {
  into[at] = word;
  into[at + 1] = word >>> 8;
  into[at + 2] = word >>> 16;
  into[at + 3] = word >>> 24;
}

/** A copy of [start, end). A Buffer's own `slice` would be a view that keeps the whole block's memory alive. */
export function copyOf(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.subarray(start, end));
}

/** Bytes that an event needs in a request. */
export function sentSize(event: Sendable): number {
  return event.end - event.start + (event.splice?.length ?? 0) + (event.stamp?.bytes.length ?? 0);
}

/** The key of 16 bytes: as `key` has it. */
export function keyOfBytes(bytes: Uint8Array): string {
  const unit = (i: number): number => bytes[2 * i]! | (bytes[2 * i + 1]! << 8);
  return String.fromCharCode(unit(0), unit(1), unit(2), unit(3), unit(4), unit(5), unit(6), unit(7));
}
