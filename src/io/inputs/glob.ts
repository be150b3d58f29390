import picomatch from 'picomatch';
import { folderInFolder } from './folder.js';
import { CONFIG_NAME, isHidden, reasonByPurpose, reasonInFolder } from './left-out.js';
import type { Selection } from './walk.js';

/** A glob pattern: the folder in front of its first wildcard, and what it wants below that folder. */
export interface Glob {
  readonly folder: string;
  readonly selection: Selection;
}

const OPTIONS = { nonegate: true } as const;

/**
 * Reads a glob pattern (`*`, `**`, `?`, `[…]`, `{…}`, extended patterns); undefined for a path without wildcards.
 * A file that matches is wanted whatever its ending; a folder that matches is taken as if it was named. Rejects and
 * config files are left out unless the pattern spells them out; hidden files match only a pattern with the dot.
 */
export function parseGlob(argument: string): Glob | undefined {
  const { base, glob, isGlob } = picomatch.scan(argument, OPTIONS);
  if (!isGlob || glob === '') return undefined;
  const matches = picomatch(glob, OPTIONS);
  // Slashes in a repeated group, as in +(a/), repeat too.
  const isRecursive = /\*\*|[*+]\([^)]*\//.test(glob);
  // Folders that lie deeper than the pattern has names can't hold a match. Slashes in braces only make it deeper.
  const depth = isRecursive ? Number.POSITIVE_INFINITY : glob.split('/').length;
  const spellsDot = /(?:^|[/{,(|])\./.test(glob);

  const selection: Selection = {
    folder(path, name, isLink) {
      if (matches(path)) return isLink && isRecursive ? 'linked_folder' : true;
      if (parents(path).some((parent) => matches(parent))) return folderInFolder(name, isLink);
      if (path.split('/').length >= depth || (isHidden(name) && !spellsDot)) return false;
      return isLink && isRecursive ? 'linked_folder' : true;
    },
    file(path, name) {
      if (matches(path)) return isSpelledOut(argument, name) || (reasonByPurpose(name) ?? true);
      return parents(path).some((parent) => matches(parent)) ? (reasonInFolder(name) ?? true) : false;
    },
  };
  return { folder: base === '' ? '.' : base, selection };
}

function isSpelledOut(pattern: string, name: string): boolean {
  return ['.rejects.', CONFIG_NAME].some((mark) => pattern.includes(mark) && name.includes(mark));
}

function parents(path: string): readonly string[] {
  const names = path.split('/');
  return names.slice(1).map((_name, index) => names.slice(0, index + 1).join('/'));
}
