import { type FileHandle, open, readFile } from 'node:fs/promises';
import { crc32c } from './crc32c.js';

/** What was surely on disk when it was noted. LevelDB opens a store whose end was cut off without a word; this tells. */
export interface Head {
  readonly sequence: number;
  /** LevelDB's manifest: its number, and its size at that time. It only grows. */
  readonly manifest: number;
  readonly manifestSize: number;
}

const MAGIC = 0x31484443;
const SLOT = 32;
/** The slots stand in different sectors: a torn write costs one of them. */
const DISTANCE = 512;

/** A file of two slots, written in turn and in place. */
export class HeadFile {
  readonly #file: FileHandle;
  #turn: number;

  private constructor(file: FileHandle, turn: number) {
    this.#file = file;
    this.#turn = turn;
  }

  /** @param turn which slot to write next: the one that does not hold the newest head */
  static async open(path: string, turn: 0 | 1): Promise<HeadFile> {
    return new HeadFile(await open(path, 'r+'), turn);
  }

  static async create(path: string): Promise<void> {
    const file = await open(path, 'w', 0o600);
    try {
      const bytes = Buffer.alloc(DISTANCE + SLOT);
      encode({ sequence: 0, manifest: 0, manifestSize: 0 }).copy(bytes, 0);
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /**
   * Not synced: what it notes is on disk already, so a power loss leaves at worst an older, equally true head.
   */
  async write(head: Head): Promise<void> {
    await this.#file.write(encode(head), 0, SLOT, this.#turn * DISTANCE);
    this.#turn = 1 - this.#turn;
  }

  async close(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }
}

/** The newest intact head and the slot to write next, or undefined when there is none. */
export async function readHead(path: string): Promise<{ readonly head: Head; readonly turn: 0 | 1 } | undefined> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const first = decode(bytes.subarray(0, SLOT));
  const second = decode(bytes.subarray(DISTANCE, DISTANCE + SLOT));
  if (first !== undefined && (second === undefined || !isNewer(second, first))) return { head: first, turn: 1 };
  return second === undefined ? undefined : { head: second, turn: 0 };
}

/** At the end the same sequence is noted again, when the manifest has grown. */
function isNewer(one: Head, other: Head): boolean {
  if (one.sequence !== other.sequence) return one.sequence > other.sequence;
  if (one.manifest !== other.manifest) return one.manifest > other.manifest;
  return one.manifestSize > other.manifestSize;
}

function encode(head: Head): Buffer {
  const slot = Buffer.alloc(SLOT);
  slot.writeUInt32LE(MAGIC, 0);
  slot.writeUIntLE(head.sequence, 4, 6);
  slot.writeUIntLE(head.manifest, 10, 6);
  slot.writeUIntLE(head.manifestSize, 16, 6);
  slot.writeUInt32LE(crc32c(slot, 0, SLOT - 4), SLOT - 4);
  return slot;
}

function decode(slot: Buffer): Head | undefined {
  if (slot.length < SLOT || slot.readUInt32LE(0) !== MAGIC) return undefined;
  if (slot.readUInt32LE(SLOT - 4) !== crc32c(slot, 0, SLOT - 4)) return undefined;
  return {
    sequence: slot.readUIntLE(4, 6),
    manifest: slot.readUIntLE(10, 6),
    manifestSize: slot.readUIntLE(16, 6),
  };
}
