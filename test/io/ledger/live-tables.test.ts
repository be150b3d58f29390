import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { crc32c, masked } from '../../../src/io/ledger/crc32c.js';
import { liveTables } from '../../../src/io/ledger/live-tables.js';
import { ledgerFolder } from '../../../src/io/ledger/open.js';
import { entriesFor, idsNamed, optionsFor, temporaryFolder, withLedger } from './fixture.js';

describe('the tables of a store', () => {
  it('are those that its manifest names, through many flushes and compactions', async () => {
    const folder = await temporaryFolder();
    const level = join(ledgerFolder(optionsFor(folder)), 'data-1', 'level');
    for (let run = 0; run < 12; run++) {
      await withLedger(folder, (ledger) => ledger.recordDelivered(entriesFor(ledger, idsNamed(50, `r${run}`))));
      const names = await readdir(level);
      const manifest = (await readFile(join(level, 'CURRENT'), 'latin1')).trim();
      const live = liveTables(await readFile(join(level, manifest)));
      const there = names.filter((name) => name.endsWith('.ldb')).map((name) => Number.parseInt(name, 10));
      expect(there).toEqual(expect.arrayContaining([...live!.keys()]));
      expect(live!.size).toBeGreaterThan(run === 0 ? -1 : 0);
    }
  });

  it('are unknown where the manifest holds what we do not know', () => {
    const record = Buffer.of(99);
    const header = Buffer.alloc(7);
    header.writeUInt16LE(1, 4);
    header[6] = 1;
    header.writeUInt32LE(masked(crc32c(Buffer.of(1, 99), 0, 2)), 0);
    expect(liveTables(Buffer.concat([header, record]))).toBeUndefined();
  });

  it('are still refused when one of them is cut off', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, (ledger) => ledger.recordDelivered(entriesFor(ledger, idsNamed(300))));
    await withLedger(folder, async () => undefined);
    const level = join(ledgerFolder(optionsFor(folder)), 'data-1', 'level');
    const manifest = (await readFile(join(level, 'CURRENT'), 'latin1')).trim();
    const [live] = liveTables(await readFile(join(level, manifest)))!.keys();
    const path = join(level, `${String(live).padStart(6, '0')}.ldb`);
    await writeFile(path, (await readFile(path)).subarray(0, 50));
    await expect(withLedger(folder, async () => undefined)).rejects.toThrow(/ is damaged: in \d+\.ldb it is cut off\./);
  });
});

describe('a table that LevelDB was writing when it was stopped', () => {
  it('belongs to nothing yet, so it is no damage', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, (ledger) => ledger.recordDelivered(entriesFor(ledger, idsNamed(300))));
    await withLedger(folder, async () => undefined);
    const level = join(ledgerFolder(optionsFor(folder)), 'data-1', 'level');
    const table = (await readdir(level)).find((name) => name.endsWith('.ldb'))!;
    const bytes = await readFile(join(level, table));
    await writeFile(join(level, '000099.ldb'), bytes.subarray(0, bytes.length / 2));
    await writeFile(join(level, '000098.ldb'), '');

    await withLedger(folder, async (ledger) => expect(ledger.size).toBe(300));

    expect((await readdir(level)).filter((name) => /^00009/.test(name))).toEqual([]);
  });
});
