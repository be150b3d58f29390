import type { InputDamage } from '../../../core/input.js';
import { AGAIN, count, NOT_TWICE } from '../damage.js';
import type { LinePosition } from '../line-tally.js';
import { AS_LINES, OFFICE_DOCUMENT } from '../signature.js';
import { DEFLATE, DEFLATE64, STORED, type ZipEntry } from './zip-entry.js';

/** So many problems are told in full; what comes after them is counted. */
const MOST_TOLD = 5;

const UNPACK = 'Unpack the archive and import the files in it';

/** Names of compression methods that are met (APPNOTE.TXT, section 4.4.5). */
const METHODS: Readonly<Record<number, string>> = {
  1: 'Shrink',
  6: 'Implode',
  12: 'bzip2',
  14: 'LZMA',
  93: 'zstd',
  95: 'xz',
  98: 'PPMd',
};

/** Why an entry can't be imported whatever its bytes are; undefined when it can. */
export function refusedEntry(path: string, entry: ZipEntry): InputDamage | undefined {
  const where = `${path}/${entry.name}`;
  if (entry.isEncrypted) {
    const message = `${where} is encrypted. Unpack the archive with its password and import the files in it.`;
    return { code: 'not_importable', message };
  }
  if ([STORED, DEFLATE, DEFLATE64].includes(entry.method)) return undefined;
  const name = METHODS[entry.method] ?? `method ${entry.method}`;
  const message = `${where} is compressed with ${name}, which this program can't read. ${UNPACK}.`;
  return { code: 'not_importable', message };
}

/** An entry whose bytes are not those that were put into the archive. */
export function damagedEntry(path: string, name: string, what: string): InputDamage {
  return {
    code: 'damaged',
    message: `${path}/${name} is damaged: ${what}. Nothing of it is imported. ${AGAIN}; ${NOT_TWICE}.`,
  };
}

/** The same, found only when its lines were read already. */
export function damagedUncheckedEntry(path: string, name: string, what: string, seen: LinePosition): InputDamage {
  if (seen.lines === 0) return damagedEntry(path, name, what);
  const lines = seen.lines === 1 ? 'Line 1' : `Lines 1 to ${count(seen.lines)}`;
  return {
    code: 'damaged',
    message: `${path}/${name} is damaged: ${what}. ${AGAIN}; ${NOT_TWICE}. ${lines} left unchecked, for the input was not checked before it was read: compare with the good file.`,
  };
}

/** An archive that was cut off, or whose directory is damaged. */
export function noDirectory(
  path: string,
  found: number,
  broken: { readonly name: string; readonly what: string } | undefined,
): InputDamage {
  const files = found === 1 ? 'one file' : `${count(found)} files`;
  const held = found === 0 ? 'No file in it is whole' : `It is read by the headers of the ${files} found in it`;
  const last = broken === undefined ? '' : `; nothing of ${broken.name} is imported (${broken.what})`;
  return {
    code: 'cut_off',
    message: `${path} is cut off or damaged: the directory at its end is missing. ${held}${last}. ${AGAIN}; ${NOT_TWICE}.`,
  };
}

export function overlapping(path: string): InputDamage {
  return {
    code: 'damaged',
    message: `${path} is damaged: the files in it overlap, as in a zip bomb. Nothing in it is imported. ${AGAIN}.`,
  };
}

export function holdsNothing(path: string): InputDamage {
  return {
    code: 'not_importable',
    message: `${path} is a zip archive without any file to import. Check that this is the right file.`,
  };
}

export function officeDocument(path: string): InputDamage {
  return {
    code: 'not_importable',
    message: `${path} seems to be ${OFFICE_DOCUMENT}: ${AS_LINES}.`,
  };
}

/** The problems of an archive as one: an input has one. */
export function together(path: string, problems: readonly InputDamage[]): InputDamage | undefined {
  const [first] = problems;
  if (first === undefined) return undefined;
  const code = CODES.find((candidate) => problems.some((problem) => problem.code === candidate)) ?? first.code;
  const told = problems.slice(0, MOST_TOLD).map(({ message }) => message);
  const more = problems.length - told.length;
  if (more > 0) told.push(`${count(more)} more files in ${path} can't be imported.`);
  return { code, message: told.join(' ') };
}

/** The first that applies names the whole. */
const CODES: readonly InputDamage['code'][] = ['changed', 'cut_off', 'damaged', 'trailing_garbage', 'unreadable'];
