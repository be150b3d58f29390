import { open, rename, rm } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { StorageHooks } from './store.js';

/**
 * Replaces a small file as a whole: after a crash at any moment it holds the old content or the new one. Mode 0600.
 * With `sync` it is on disk when this resolves.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  options: { readonly sync: boolean; readonly hooks?: StorageHooks | undefined },
): Promise<void> {
  const event = { kind: 'file', holds: basename(path), ids: 0 } as const;
  await options.hooks?.before?.(event);
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(content);
    if (options.sync) await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
  if (options.sync) await syncFolder(dirname(path));
  await options.hooks?.after?.(event);
}

/** Makes a rename or a new file durable. Where a folder can't be synced (Windows) the file system does it in time. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  if (folder === undefined) return;
  await folder.sync().catch(() => undefined);
  await folder.close();
}
