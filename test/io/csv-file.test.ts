import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { csvRow, openCsvFile } from '../../src/io/csv-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'csv-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a row', () => {
  it.each([
    [['a', '', '1'], 'a,,1\r\n'],
    [['a,b', 'say "hi"', 'two\nlines'], '"a,b","say ""hi""","two\nlines"\r\n'],
    [['=1+1', '+1', '-1', '@x', '\tx', '\rx'], `'=1+1,'+1,'-1,'@x,'\tx,"'\rx"\r\n`],
    [['=HYPERLINK("http://x")'], `"'=HYPERLINK(""http://x"")"\r\n`],
    [['a=1', '/user', 'é'], 'a=1,/user,é\r\n'],
  ])('%j is written so that no spreadsheet misreads it', (cells, expected) => {
    expect(csvRow(cells)).toBe(expected);
  });
});

describe('a table', () => {
  it('begins with a byte order mark and its head, and replaces what was there', async () => {
    const path = join(folder, 't.csv');
    writeFileSync(path, 'something that is longer than the table');
    const table = await openCsvFile(path, ['x', 'y'], 0o640);
    table.write(['1', 'ü']);
    expect(await table.close()).toBeUndefined();
    expect(readFileSync(path, 'utf8')).toBe('\uFEFFx,y\r\n1,ü\r\n');
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });

  it('asks to wait when it can not keep up, and loses nothing', async () => {
    const path = join(folder, 't.csv');
    const table = await openCsvFile(path, ['n'], 0o600);
    let waits = 0;
    for (let n = 0; n < 200_000; n++) {
      const room = table.write([`row number ${n}`]);
      if (room !== undefined) waits += 1;
      await room;
    }
    expect(await table.close()).toBeUndefined();
    expect(waits).toBeGreaterThan(0);
    expect(readFileSync(path, 'utf8').split('\r\n')).toHaveLength(200_002);
  });
});
