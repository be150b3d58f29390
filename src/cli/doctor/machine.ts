import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { bytes } from '../output/figures.js';
import type { Finding } from './finding.js';

const OLDEST_NODE = [20, 19] as const;
const GIB = 1024 ** 3;
/** A ledger of ten million ids has about half of this. */
const LITTLE_ROOM = GIB;
const NO_ROOM = GIB / 16;

/** @param version `v20.19.0` */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return isOld
    ? {
        ...{ check: 'node', verdict: 'warning', found: version },
        advice: `It is tested with ${OLDEST_NODE.join('.')} and newer: install one of these.`,
      }
    : { check: 'node', verdict: 'ok', found: version };
}

/** @param ledger the folder of `--ledger`, which need not exist yet */
export async function diskFinding(ledger: string): Promise<Finding> {
  const folder = await nearestFolder(ledger);
  try {
    const { bavail, bsize } = await statfs(folder);
    const free = bavail * bsize;
    const found = `${bytes(free)} free below ${folder}`;
    const advice = 'Make room, or name another folder with --ledger: an event takes about 45 bytes there.';
    if (free < NO_ROOM) return { check: 'disk', verdict: 'problem', found, advice, reason: 'storage' };
    return free < LITTLE_ROOM
      ? { check: 'disk', verdict: 'warning', found, advice }
      : { check: 'disk', verdict: 'ok', found };
  } catch (error) {
    return { check: 'disk', verdict: 'skipped', found: `can't be asked (${codeOf(error)})` };
  }
}

/** Where the rejects file would be made. @param rejects its path */
export async function rejectsFinding(rejects: string): Promise<Finding> {
  const folder = dirname(rejects);
  try {
    await access(folder, constants.W_OK);
    return { check: 'rejects', verdict: 'ok', found: folder };
  } catch (error) {
    const found = `${folder} can't be written (${codeOf(error)})`;
    const advice = 'The first reject would end the import: name another place with --rejects.';
    return { check: 'rejects', verdict: 'warning', found, advice };
  }
}

/** What of a path exists already. */
export async function nearestFolder(path: string): Promise<string> {
  const isThere = await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isThere || dirname(path) === path ? path : nearestFolder(dirname(path));
}

export function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'unknown error';
}
