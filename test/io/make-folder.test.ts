import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder } from '../../src/io/make-folder.js';

describe('making a folder', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'make-folder-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('makes those above it too, each with the mode, and leaves what is there', async () => {
    for (let time = 0; time < 2; time += 1) await makeFolder(join(folder, 'a', 'b'), 0o700);
    await makeFolder(join(folder, 'a', 'b'), 0o755);
    for (const made of ['a', 'a/b']) expect((await stat(join(folder, made))).mode & 0o777).toBe(0o700);
    await makeFolder('/');
  });

  it('may be done by two at a time', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(path)]);
    expect((await stat(path)).isDirectory()).toBe(true);
  });

  it('fails where a file stands, on its place or above it', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await expect(makeFolder(file)).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(file, 'a', 'b'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  });

  it.runIf(process.platform === 'linux')('comes to an end where the system makes no folder', async () => {
    await expect(makeFolder('/proc/no-such/ledger', 0o700)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});
