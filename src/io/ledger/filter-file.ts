import { readFile, rm, writeFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { IdFilter } from './id-filter.js';

const HEAD_BYTES = 16;
/**
 * A filter of another kind, such as an older program's (CIF2) or that of a machine which orders bytes the other way, is not
 * taken: it is made anew.
 */
const MAGIC = endianness() === 'LE' ? 0x33464943 : 0x42464943; // 'CIF3', 'CIFB'

/**
 * Keeps the filter between runs. The file exists only while no run has the store open and the last one closed it in
 * order; else the filter is made anew from the store. So it can't be older than the store.
 */
export class FilterFile {
  readonly #path: string;

  /** @param data the store's folder */
  constructor(data: string) {
    this.#path = join(data, 'filter');
  }

  /** Takes the filter out, if there is one and it belongs to the store as it was at the write `sequence`. */
  async take(sequence: number): Promise<IdFilter | undefined> {
    const bytes = await readFile(this.#path).catch(() => undefined);
    await this.remove();
    if (bytes === undefined || bytes.length < HEAD_BYTES || bytes.readUInt32LE(0) !== MAGIC) return undefined;
    const body = bytes.subarray(HEAD_BYTES);
    if (bytes.readDoubleLE(4) !== sequence || bytes.readUInt32LE(12) !== crc32(body)) return undefined;
    return IdFilter.decode(body);
  }

  /** Keeps the filter. That it can't be kept harms nothing. */
  async keep(filter: IdFilter, sequence: number): Promise<void> {
    const pieces = filter.encode();
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt32LE(MAGIC, 0);
    head.writeDoubleLE(sequence, 4);
    head.writeUInt32LE(
      pieces.reduce((crc, piece) => crc32(piece, crc), 0),
      12,
    );
    await writeFile(this.#path, [head, ...pieces], { mode: 0o600 }).catch(() => this.remove());
  }

  /** A filter that is older than the store would hide ids, so an error here must end the opening. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
