import type { InputDamage } from '../../../core/input.js';
import { isHidden, type LeftOut, reasonInFolder } from '../left-out.js';
import { comparePaths } from '../natural-order.js';
import type { ArchiveFile } from './archive-file.js';
import type { PlacedEntry } from './decode-entry.js';
import { readDirectory } from './directory.js';
import { readLocalHeader } from './local-header.js';
import { scanLocalHeaders } from './local-scan.js';
import * as damage from './zip-damage.js';
import { isFolder, type ZipEntry } from './zip-entry.js';

/** What is to be done with an archive. */
export interface Plan {
  /** In natural order, as in a folder. */
  readonly entries: readonly PlacedEntry[];
  readonly leftOut: readonly LeftOut[];
  /** What is wrong so far, though nothing was decoded yet. */
  readonly problems: readonly InputDamage[];
  /** The archive's directory tells where everything is; if not, what was found proves itself when it is decoded. */
  readonly hasDirectory: boolean;
}

/** Finds out what an archive holds, and what of it is to be imported. Rejects with {ReadFailure}. */
export async function planArchive(path: string, file: ArchiveFile, signal: AbortSignal): Promise<Plan> {
  const directory = await readDirectory(file);
  if (directory?.whole) {
    if (overlap(directory.entries)) return nothing(damage.overlapping(path), true);
    if (directory.entries.some(({ name }) => OFFICE_NAMES.includes(name))) {
      return nothing(damage.officeDocument(path), true);
    }
    return await choose(path, file, directory.entries, [], true);
  }
  const { entries, broken } = await scanLocalHeaders(file, signal);
  return await choose(path, file, entries, [damage.noDirectory(path, entries.length, broken)], false);
}

function nothing(problem: InputDamage, hasDirectory: boolean): Plan {
  return { entries: [], leftOut: [], problems: [problem], hasDirectory };
}

/**
 * Leaves out what a folder's import would leave out, with one difference: where no file in the archive has a name that
 * inputs have, all of them are taken, for a single file may have any name.
 */
async function choose(
  path: string,
  file: ArchiveFile,
  all: readonly ZipEntry[],
  problems: readonly InputDamage[],
  hasDirectory: boolean,
): Promise<Plan> {
  const found = [...problems];
  const leftOut: LeftOut[] = [];
  const wanted: ZipEntry[] = [];
  const files = all.filter((entry) => !isFolder(entry) && !isOfTheSystem(entry));
  const named = files.some((entry) => reasonInFolder(lastName(entry)) === undefined && !isInHiddenFolder(entry));
  for (const entry of files) {
    const reason = isInHiddenFolder(entry) ? 'hidden' : reasonInFolder(lastName(entry));
    if (reason === undefined || (reason === 'other_name' && !named)) wanted.push(entry);
    else leftOut.push({ path: `${path}/${entry.name}`, reason });
  }
  if (wanted.length === 0 && found.length === 0) found.push(damage.holdsNothing(path));
  const entries: PlacedEntry[] = [];
  const names = new Map(wanted.map((entry) => [entry, namesOf(entry)]));
  wanted.sort((a, b) => comparePaths(names.get(a)!, names.get(b)!));
  for (const entry of wanted) {
    const refused = damage.refusedEntry(path, entry);
    const dataStart = entry.dataStart ?? (await readLocalHeader(file, entry.headerStart))?.dataStart;
    if (refused !== undefined) found.push(refused);
    else if (dataStart === undefined)
      found.push(damage.damagedEntry(path, entry.name, 'its header is not where the archive says'));
    else entries.push({ ...entry, dataStart });
  }
  return { entries, leftOut, problems: found, hasDirectory };
}

/** Entries that share bytes: a small archive could hold any amount that way. */
function overlap(entries: readonly ZipEntry[]): boolean {
  const byPlace = [...entries].sort((a, b) => a.headerStart - b.headerStart);
  return byPlace.some((entry, i) => {
    const next = byPlace[i + 1];
    return next !== undefined && entry.headerStart + LOCAL_HEADER_BYTES + entry.storedSize > next.headerStart;
  });
}

const LOCAL_HEADER_BYTES = 30;
/** What tells the documents of Office programs, which are zip archives too. */
const OFFICE_NAMES = ['[Content_Types].xml', 'META-INF/manifest.xml'];

/** What macOS puts beside each file: not worth a word. */
function isOfTheSystem({ name }: ZipEntry): boolean {
  return /^__MACOSX(?:[/\\]|$)/.test(name) || /(?:^|[/\\])(?:\.DS_Store|Thumbs\.db)$/.test(name);
}

function isInHiddenFolder(entry: ZipEntry): boolean {
  return namesOf(entry).some(isHidden);
}

function lastName(entry: ZipEntry): string {
  return namesOf(entry).at(-1)!;
}

/** The folders that it is in, and its own name. Nothing is unpacked, so no path leads anywhere. */
function namesOf({ name }: ZipEntry): readonly string[] {
  return name.split(/[/\\]/).filter((part) => part !== '.' && part !== '..');
}
