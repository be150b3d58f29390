import { crc32 } from 'node:zlib';
import { StoredBytes } from '../stored-bytes.js';
import type { ArchiveFile } from './archive-file.js';
import { decompress, type PlacedEntry } from './decode-entry.js';
import { MOST_ENTRIES } from './directory.js';
import { type LocalHeader, readLocalHeader } from './local-header.js';
import { DEFLATE, DEFLATE64, EntryDamage, STORED } from './zip-entry.js';

/** An entry that was found by its local header. */
export interface Scanned {
  readonly entries: readonly PlacedEntry[];
  /** The entry behind which nothing more can be found, and why; undefined when nothing follows the others. */
  readonly broken: { readonly name: string; readonly what: string } | undefined;
}

const DESCRIPTOR_SIGNATURE = 0x08074b50;
/** Signature, checksum, two sizes of 8 bytes. */
const MOST_DESCRIPTOR_BYTES = 24;

/**
 * Finds the entries of an archive whose directory is missing, one behind the other from the file's start. Only what
 * a header or a descriptor says is taken over: whether it is true is found out when the entry is decoded.
 */
export async function scanLocalHeaders(file: ArchiveFile, signal: AbortSignal): Promise<Scanned> {
  const entries: PlacedEntry[] = [];
  let start = 0;
  while (entries.length < MOST_ENTRIES) {
    const header = await readLocalHeader(file, start);
    if (header === undefined) break;
    const broken = (what: string): Scanned => ({ entries, broken: { name: header.name, what } });
    let found: Measured | undefined;
    try {
      found = await measure(file, header, signal);
    } catch (error) {
      if (!(error instanceof EntryDamage)) throw error;
      return broken(error.what);
    }
    if (found === undefined) return broken('nothing tells where it ends');
    if (header.dataStart + found.storedSize > file.size) return broken('it is cut off');
    const { name, method, isEncrypted, dataStart } = header;
    const { crc, storedSize, size, end } = found;
    entries.push({ name, method, isEncrypted, dataStart, crc, storedSize, size, headerStart: start });
    start = end;
  }
  return { entries, broken: undefined };
}

interface Measured {
  readonly crc: number;
  readonly storedSize: number;
  readonly size: number;
  /** Where the next entry begins. */
  readonly end: number;
}

/** Checksum and sizes of an entry. Undefined when its end can't be told. @throws {EntryDamage} */
async function measure(file: ArchiveFile, header: LocalHeader, signal: AbortSignal): Promise<Measured | undefined> {
  const { crc, storedSize, size, dataStart } = header;
  if (!header.hasDescriptor) return { crc, storedSize, size, end: dataStart + storedSize };
  if (header.isEncrypted || ![DEFLATE, DEFLATE64].includes(header.method)) {
    const isEmpty = header.method === STORED && storedSize > 0;
    return isEmpty ? { crc, storedSize, size, end: dataStart + storedSize } : undefined;
  }
  const stored = new StoredBytes(file.chunks(dataStart, file.size, signal), { hash: false });
  try {
    let decoded = 0;
    let sum = 0;
    for await (const bytes of decompress(stored, header.method)) {
      decoded += bytes.length;
      sum = crc32(bytes, sum);
    }
    const dataEnd = dataStart + stored.taken;
    const length = descriptorLength(await file.read(dataEnd, MOST_DESCRIPTOR_BYTES), sum, stored.taken, decoded);
    if (length === undefined) throw new EntryDamage('its checksum or size is wrong');
    return { crc: sum, storedSize: stored.taken, size: decoded, end: dataEnd + length };
  } finally {
    await stored.close();
  }
}

/** How long the descriptor is that says just this (APPNOTE.TXT, section 4.3.9); undefined when none does. */
function descriptorLength(bytes: Buffer, crc: number, storedSize: number, size: number): number | undefined {
  for (const signed of [4, 0]) {
    if (signed > 0 && (bytes.length < 4 || bytes.readUInt32LE(0) !== DESCRIPTOR_SIGNATURE)) continue;
    for (const wide of [false, true]) {
      const length = signed + (wide ? 20 : 12);
      if (bytes.length < length || bytes.readUInt32LE(signed) !== crc) continue;
      const at = signed + 4;
      const stored = wide ? Number(bytes.readBigUInt64LE(at)) : bytes.readUInt32LE(at);
      const decoded = wide ? Number(bytes.readBigUInt64LE(at + 8)) : bytes.readUInt32LE(at + 4);
      const modulo = (n: number): number => (wide ? n : n % 2 ** 32);
      if (stored === modulo(storedSize) && decoded === modulo(size)) return length;
    }
  }
  return undefined;
}
