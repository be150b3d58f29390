import type { BigIntStats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { LeftOutReason } from './left-out.js';
import { compareNaturally } from './natural-order.js';

/** What of a folder's contents is wanted. Paths are relative to the folder walked, with '/' between names. */
export interface Selection {
  /** Whether a folder is entered: true, not (of no interest), or left out. */
  folder(path: string, name: string, isLink: boolean): boolean | LeftOutReason;
  /** Whether a file is an input: true, not (of no interest), or left out. */
  file(path: string, name: string): boolean | LeftOutReason;
}

export type Found =
  | { readonly kind: 'file'; readonly path: string; readonly size: number }
  | { readonly kind: 'left_out'; readonly path: string; readonly reason: LeftOutReason }
  /** A folder that can't be listed, or a file that can't be looked at: it must not be passed over in silence. */
  | { readonly kind: 'unreadable'; readonly path: string; readonly code: string | undefined };

/** Everything below `folder` that a selection wants, in natural order, depth first. */
export async function* walk(
  folder: string,
  selection: Selection,
  named: NamedPaths,
  below = '',
): AsyncGenerator<Found, void, undefined> {
  let names: readonly string[];
  try {
    names = (await readdir(join(folder, below))).sort(compareNaturally);
  } catch (error) {
    yield { kind: 'unreadable', path: join(folder, below), code: codeOf(error) };
    return;
  }
  for (const name of names) {
    const relative = below === '' ? name : `${below}/${name}`;
    const path = join(folder, relative);
    const found = await look(path);
    if ('code' in found) {
      const wanted = selection.file(relative, name);
      if (wanted === true) yield { kind: 'unreadable', path, code: found.code };
      continue;
    }
    const wanted = found.stats.isDirectory()
      ? selection.folder(relative, name, found.isLink)
      : selection.file(relative, name);
    if (wanted === false) continue;
    if (named.has(path, found.stats)) yield { kind: 'left_out', path, reason: 'named_by_option' };
    else if (wanted !== true) yield { kind: 'left_out', path, reason: wanted };
    else if (found.stats.isDirectory()) yield* walk(folder, selection, named, relative);
    else if (found.stats.isFile()) yield { kind: 'file', path, size: Number(found.stats.size) };
    else yield { kind: 'left_out', path, reason: 'not_a_file' };
  }
}

/** Paths that options name (the rejects file, say), told also under another spelling or link. */
export class NamedPaths {
  readonly #paths: ReadonlySet<string>;
  readonly #files: ReadonlySet<string>;

  private constructor(paths: ReadonlySet<string>, files: ReadonlySet<string>) {
    this.#paths = paths;
    this.#files = files;
  }

  /** Looks the paths up; they need not exist. */
  static async of(paths: readonly string[]): Promise<NamedPaths> {
    const looked = await Promise.all(paths.map((path) => look(path)));
    const files = looked.flatMap((found) => ('stats' in found ? [fileKey(found.stats)] : []));
    return new NamedPaths(new Set(paths.map((path) => resolve(path))), new Set(files));
  }

  /** The first of these paths that is one of them, under whatever name. */
  async firstOf(paths: readonly string[]): Promise<string | undefined> {
    for (const path of paths) {
      if (this.#paths.has(resolve(path))) return path;
      const found = this.#files.size === 0 ? undefined : await look(path);
      if (found !== undefined && 'stats' in found && this.#files.has(fileKey(found.stats))) return path;
    }
    return undefined;
  }

  has(path: string, stats: BigIntStats): boolean {
    return this.#paths.has(resolve(path)) || this.#files.has(fileKey(stats));
  }
}

async function look(path: string): Promise<{ stats: BigIntStats; isLink: boolean } | { code: string | undefined }> {
  try {
    const link = await lstat(path, { bigint: true });
    const isLink = link.isSymbolicLink();
    return { stats: isLink ? await stat(path, { bigint: true }) : link, isLink };
  } catch (error) {
    return { code: codeOf(error) };
  }
}

function fileKey(stats: BigIntStats): string {
  return `${stats.dev} ${stats.ino}`;
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
