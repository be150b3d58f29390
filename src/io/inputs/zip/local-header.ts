import type { ArchiveFile } from './archive-file.js';
import { decodedName } from './directory.js';

const SIGNATURE = 0x04034b50;
const FIXED_BYTES = 30;
const ZIP64_EXTRA = 0x0001;
const TOO_LARGE = 0xffffffff;

/** What stands in front of an entry's data (APPNOTE.TXT, section 4.3.7). */
export interface LocalHeader {
  readonly name: string;
  readonly method: number;
  readonly isEncrypted: boolean;
  /** Checksum and sizes stand behind the data, in a descriptor, because they were not known before. */
  readonly hasDescriptor: boolean;
  readonly crc: number;
  readonly storedSize: number;
  readonly size: number;
  readonly dataStart: number;
}

/** Undefined when no local header begins at `start`, or the file ends in it. Rejects with {ReadFailure}. */
export async function readLocalHeader(file: ArchiveFile, start: number): Promise<LocalHeader | undefined> {
  const fixed = await file.read(start, FIXED_BYTES);
  if (fixed.length < FIXED_BYTES || fixed.readUInt32LE(0) !== SIGNATURE) return undefined;
  const flags = fixed.readUInt16LE(6);
  const nameLength = fixed.readUInt16LE(26);
  const extraLength = fixed.readUInt16LE(28);
  const variable = await file.read(start + FIXED_BYTES, nameLength + extraLength);
  if (variable.length < nameLength + extraLength) return undefined;
  return {
    name: decodedName(flags, variable.subarray(0, nameLength)),
    method: fixed.readUInt16LE(8),
    isEncrypted: (flags & 0x41) !== 0,
    hasDescriptor: (flags & 0x08) !== 0,
    crc: fixed.readUInt32LE(14),
    ...sizes(fixed, variable.subarray(nameLength)),
    dataStart: start + FIXED_BYTES + nameLength + extraLength,
  };
}

/** The sizes, which stand in an extra field where 32 bits don't hold them (section 4.5.3). */
function sizes(fixed: Buffer, extra: Buffer): { storedSize: number; size: number } {
  const [storedSize, size] = [fixed.readUInt32LE(18), fixed.readUInt32LE(22)];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) !== ZIP64_EXTRA || length < 16 || at + 20 > extra.length) continue;
    return {
      size: size === TOO_LARGE ? Number(extra.readBigUInt64LE(at + 4)) : size,
      storedSize: storedSize === TOO_LARGE ? Number(extra.readBigUInt64LE(at + 12)) : storedSize,
    };
  }
  return { storedSize, size };
}
