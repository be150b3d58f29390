import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { MoveError, moveInto } from '../../../src/io/inputs/move-complete.js';
import { tempFolder } from './temp-folder.js';

const { path: folder } = tempFolder();
/** A file system that Linux has in memory: mostly not that of the temporary folder. */
const OTHER = '/dev/shm';
const isOther = existsSync(OTHER) && statSync(OTHER).dev !== statSync(folder).dev;

function fileAndFolder(below: string): { path: string; to: string } {
  const path = join(mkdtempSync(join(folder, 'from-')), 'a.jsonl');
  writeFileSync(path, 'one\n', { mode: 0o640 });
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  const to = mkdtempSync(join(below, 'consent-import-move-'));
  onTestFinished(() => rmSync(to, { recursive: true }));
  return { path, to };
}

it.skipIf(!isOther)(
  'a file is moved to another file system with its date and mode, and nothing else is left there',
  async () => {
    const { path, to } = fileAndFolder(OTHER);

    await moveInto(to, path);

    expect(existsSync(path)).toBe(false);
    expect(readdirSync(to)).toEqual(['a.jsonl']);
    expect(readFileSync(join(to, 'a.jsonl'), 'utf8')).toBe('one\n');
    const { mtimeMs, mode } = statSync(join(to, 'a.jsonl'));
    expect([mtimeMs, mode & 0o777]).toEqual([1_700_000_000_000, 0o640]);
  },
);

it.each([folder, ...(isOther ? [OTHER] : [])])('a file that is there already is not replaced, in %s', async (below) => {
  const { path, to } = fileAndFolder(below);
  writeFileSync(join(to, 'a.jsonl'), 'before');

  await expect(moveInto(to, path)).rejects.toEqual(new MoveError(`${join(to, 'a.jsonl')} exists`));

  expect(readFileSync(path, 'utf8')).toBe('one\n');
  expect(readFileSync(join(to, 'a.jsonl'), 'utf8')).toBe('before');
  mkdirSync(join(to, 'free'));
  await moveInto(join(to, 'free'), path);
  expect(readdirSync(join(to, 'free'))).toEqual(['a.jsonl']);
});
