import { type Entry, fromFdPromise, getFileNameLowLevel } from 'yauzl';
import type { ArchiveFile } from './archive-file.js';
import type { ZipEntry } from './zip-entry.js';

/** More entries than this are not listed: the list would not fit into constant memory. */
export const MOST_ENTRIES = 100_000;

/** An archive's directory as far as it can be read. */
export interface Directory {
  readonly entries: readonly ZipEntry[];
  /** It could be read to its end. */
  readonly whole: boolean;
}

/**
 * Reads the directory at the end of a zip archive, in the order in which it lists the entries. Undefined when there is
 * none: then the archive is cut off, or goes on with something else.
 */
export async function readDirectory(file: ArchiveFile): Promise<Directory | undefined> {
  const options = { autoClose: false, decodeStrings: false, validateEntrySizes: false };
  const archive = await fromFdPromise(file.descriptor, options).catch(() => undefined);
  if (archive === undefined) return undefined;
  const entries: ZipEntry[] = [];
  try {
    for await (const entry of archive.eachEntry()) {
      if (entries.length === MOST_ENTRIES) return { entries, whole: false };
      entries.push(described(entry));
    }
  } catch {
    return entries.length === 0 ? undefined : { entries, whole: false };
  }
  return { entries, whole: true };
}

function described(entry: Entry): ZipEntry {
  return {
    name: getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, false),
    method: entry.compressionMethod,
    isEncrypted: entry.isEncrypted(),
    crc: entry.crc32,
    storedSize: entry.compressedSize,
    size: entry.uncompressedSize,
    headerStart: entry.relativeOffsetOfLocalHeader,
    dataStart: undefined,
  };
}

/** A name as a local header holds it. */
export function decodedName(flags: number, raw: Buffer): string {
  return getFileNameLowLevel(flags, raw, [], false);
}
