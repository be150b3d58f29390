import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { exportLedger } from '../../../src/io/ledger/export.js';
import { ledgerFolder } from '../../../src/io/ledger/open.js';
import { restoreLedger } from '../../../src/io/ledger/restore.js';
import {
  DIDOMI,
  entriesFor,
  entryFor,
  idsNamed,
  optionsFor,
  runNamed,
  temporaryFolder,
  withLedger,
} from './fixture.js';

const IDS = idsNamed(3000);

async function exported(): Promise<{ folder: string; path: string }> {
  const folder = await temporaryFolder();
  await withLedger(folder, async (ledger) => {
    await ledger.recordDelivered(entriesFor(ledger, IDS));
    await ledger.recordIntents([entryFor(ledger, 'doubtful')]);
    await ledger.writeState('pace', 7);
  });
  const path = join(await temporaryFolder(), 'ledger.export');
  expect(await exportLedger(optionsFor(folder), path)).toMatchObject({ delivered: 3000, inDoubt: 1 });
  return { folder, path };
}

async function record(folder: string, id: string, run: string): Promise<void> {
  await withLedger(folder, (ledger) => ledger.recordDelivered([entryFor(ledger, id)]), { run: runNamed(run) });
}

describe('an exported ledger', () => {
  it('is one private file that holds everything, and restores where there is no ledger', async () => {
    const { path } = await exported();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(join(path, '..'))).toEqual(['ledger.export']);
    const folder = await temporaryFolder();
    const restored = await restoreLedger(optionsFor(folder), path);
    expect(restored).toMatchObject({ delivered: 3000, inDoubt: 1 });
    await withLedger(folder, async (ledger) => {
      expect(ledger.counters).toMatchObject({ delivered: 3000, inDoubt: 1 });
      const records = await ledger.lookup(IDS.map((id) => ledger.hashOf(id)));
      expect(records.map((each) => each?.origin.line)).toEqual(IDS.map((_, index) => index + 1));
      expect((await ledger.show('doubtful'))?.state).toBe('inDoubt');
      expect(await ledger.readState('pace')).toBe(7);
    });
  });

  it('goes back and forth: restore, import, export, restore over the older one', async () => {
    const { folder, path } = await exported();
    const runner = await temporaryFolder();
    await restoreLedger(optionsFor(runner), path);
    await record(runner, 'more', 'run-2');
    await exportLedger(optionsFor(runner), path);
    await restoreLedger(optionsFor(folder), path);
    await withLedger(folder, async (ledger) => expect((await ledger.show('more'))?.run).toBe('run-2'));
    expect((await readdir(ledgerFolder(optionsFor(folder)))).sort()).toEqual(['data-2', 'ledger.json', 'lock']);
  });

  it('is not restored over a newer ledger, one that went another way, or another one', async () => {
    const { folder, path } = await exported();
    const own = ledgerFolder(optionsFor(folder));
    const refusal = (why: string): string =>
      `${path} is not restored over the ledger ${own}: ${why}. Restoring would forget what was delivered since. ` +
      'If that is what you want, move that folder away first.';

    const strayed = await temporaryFolder();
    await cp(folder, strayed, { recursive: true });
    await record(strayed, 'elsewhere', 'run-x');

    await record(folder, 'more', 'run-2');
    await expect(restoreLedger(optionsFor(folder), path)).rejects.toThrow(refusal('that one is newer'));
    await record(folder, 'still more', 'run-3');
    await exportLedger(optionsFor(folder), path);
    await expect(restoreLedger(optionsFor(strayed), path)).rejects.toThrow(/: run run-x is not in the file\. /);

    const other = await temporaryFolder();
    await withLedger(other, async () => undefined);
    await restoreLedger(optionsFor(other), path);
    await rm(ledgerFolder(optionsFor(other)), { recursive: true });
    await record(other, 'id-1', 'run-1');
    await expect(restoreLedger(optionsFor(other), path)).rejects.toThrow(/: that is another ledger\. /);
  });

  it('is restored over a damaged ledger that is not newer', async () => {
    const { folder, path } = await exported();
    const level = join(ledgerFolder(optionsFor(folder)), 'data-1', 'level');
    await writeFile(join(level, 'CURRENT'), 'nonsense');
    await restoreLedger(optionsFor(folder), path);
    await withLedger(folder, async (ledger) => expect(ledger.size).toBe(3001));
    await record(folder, 'more', 'run-2');
    await writeFile(join(ledgerFolder(optionsFor(folder)), 'data-2', 'level', 'CURRENT'), 'nonsense');
    await expect(restoreLedger(optionsFor(folder), path)).rejects.toThrow(/: that one is newer \(and damaged\)\. /);
  });

  it('is refused when it was altered, cut off, or is no such file, and then nothing is changed', async () => {
    const { path } = await exported();
    const folder = await temporaryFolder();
    const bytes = gunzipSync(await readFile(path));
    const altered = (change: (copy: Buffer) => Buffer): Buffer => gzipSync(change(Buffer.from(bytes)));
    const flipped = (at: number) => (copy: Buffer) => {
      copy[at]! ^= 1;
      return copy;
    };
    const bad = join(await temporaryFolder(), 'bad.export');
    const cases: [Buffer, string][] = [
      [altered(flipped(bytes.length - 100)), 'it was altered'],
      [altered(flipped(bytes.length - 33)), 'it was altered'],
      [altered(flipped(bytes.length - 1)), 'it was altered'],
      [altered((copy) => copy.subarray(0, copy.length - 1)), 'it is cut off'],
      [altered((copy) => copy.subarray(0, 5000)), 'it is cut off'],
      [altered((copy) => Buffer.concat([copy, Buffer.from('x')])), 'it was altered'],
      [altered(() => Buffer.from('{"a":1}\n')), 'it is no exported ledger'],
      [altered(() => Buffer.from('nothing')), 'it is no exported ledger'],
      [(await readFile(path)).subarray(0, 3000), 'unexpected end of file'],
      [Buffer.from('plain text'), 'incorrect header check'],
    ];
    for (const [content, why] of cases) {
      await writeFile(bad, content);
      await expect(restoreLedger(optionsFor(folder), bad)).rejects.toThrow(
        `${bad} can't be restored: ${why}. Nothing was changed; take another export.`,
      );
    }
    expect(await readdir(folder)).toEqual([]);
  });

  it('is refused for another destination or another rule for ids', async () => {
    const { path } = await exported();
    const folder = await temporaryFolder();
    const elsewhere = optionsFor(folder, { destination: { ...DIDOMI, organization: 'other' } });
    await expect(restoreLedger(elsewhere, path)).rejects.toThrow(/ was made for the destination /);
    await expect(restoreLedger(optionsFor(folder, { idRule: 'x' }), path)).rejects.toThrow(
      / made by the rule "didomi:id", not "x"\./,
    );
  });
});
