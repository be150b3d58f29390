import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkSummaryFile, SummaryFileError, writeSummaryFile } from '../../src/io/summary-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'summary-'));
  path = join(folder, 's.json');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a summary file', () => {
  it('is written whole, and nothing is left beside it', async () => {
    await writeSummaryFile(path, '{"version":1}\n');
    expect(readFileSync(path, 'utf8')).toBe('{"version":1}\n');
    expect(readdirSync(folder)).toEqual(['s.json']);
  });

  it('takes the place of an older one as a new file, so that a reader of the old one keeps it whole', async () => {
    writeFileSync(path, 'old', { mode: 0o640 });
    const before = statSync(path);
    await writeSummaryFile(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).ino).not.toBe(before.ino);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('behind a symbolic link is written where the link leads', async () => {
    const real = join(folder, 'real.json');
    writeFileSync(real, 'old');
    symlinkSync(real, path);
    await writeSummaryFile(path, 'new');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toBe('new');
  });

  it('that is a pipe is written to, not replaced', async () => {
    execFileSync('mkfifo', [path]);
    const reader = spawn('cat', [path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const read = text(reader.stdout);
    await writeSummaryFile(path, 'through the pipe');
    expect(await read).toBe('through the pipe');
    expect(lstatSync(path).isFIFO()).toBe(true);
  });

  it.each([
    ['none/s.json', 'ENOENT'],
    ['folder', 'EISDIR'],
  ])('that can not be written (%s) is told before a run, and when it is written', async (name, reason) => {
    mkdirSync(join(folder, 'folder'));
    const bad = join(folder, name);
    const message = `can't write ${bad} (${reason})`;
    await expect(checkSummaryFile(bad)).rejects.toThrow(message);
    const error = await writeSummaryFile(bad, 'x').catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(SummaryFileError);
    expect(error).toMatchObject({ message, reason });
    expect(readdirSync(folder)).toEqual(['folder']);
  });

  it('is not made by the check', async () => {
    await checkSummaryFile(path);
    expect(existsSync(path)).toBe(false);
  });
});
