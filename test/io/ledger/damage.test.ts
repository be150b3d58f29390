import { cp, open, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LedgerDamagedError, LedgerMismatchError } from '../../../src/io/ledger/errors.js';
import { compactLevel, rebuildLevel } from '../../../src/io/ledger/level-store.js';
import { ledgerFolder } from '../../../src/io/ledger/open.js';
import { repairLedger } from '../../../src/io/ledger/repair.js';
import { type CheckDepth, dataFolder } from '../../../src/io/ledger/store-folder.js';
import { checkTable } from '../../../src/io/ledger/table-check.js';
import { entriesFor, idsNamed, optionsFor, runNamed, temporaryFolder, withLedger } from './fixture.js';

const IDS = idsNamed(600);

/** A ledger with ids in tables and in the log. */
async function makeLedger(folder: string): Promise<string> {
  const own = ledgerFolder(optionsFor(folder));
  await withLedger(folder, (ledger) => ledger.recordDelivered(entriesFor(ledger, IDS.slice(0, 400))));
  await compactLevel(dataFolder(own, 1));
  await withLedger(folder, (ledger) => ledger.recordDelivered(entriesFor(ledger, IDS.slice(400))), {
    run: runNamed('run-2'),
  });
  return own;
}

/** All files that matter, by path below the ledger's folder. */
async function filesOf(own: string): Promise<string[]> {
  const all = await readdir(own, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => entry.isFile() && !/^(LOCK|LOG|LOG\.old)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(own.length + 1))
    .filter((path) => !path.startsWith('lock/'))
    .sort();
}

async function flipBit(path: string, at: number, bit: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, at);
  byte[0]! ^= 1 << bit;
  await file.write(byte, 0, 1, at);
  await file.close();
}

function lookAt(...ids: readonly string[]): { readonly check: CheckDepth } {
  return { check: { ids } };
}

/** Either it is refused as damaged, or everything is there. */
async function refusedOrWhole(folder: string): Promise<'refused' | 'whole'> {
  try {
    await withLedger(folder, async (ledger) => {
      const records = await ledger.lookup(IDS.map((id) => ledger.hashOf(id)));
      expect(records.map((record) => [record?.state, record?.origin.line, record?.run])).toEqual(
        IDS.map((_, at) => (at < 400 ? ['delivered', at + 1, 'run-1'] : ['delivered', at - 399, 'run-2'])),
      );
      expect(ledger.size).toBe(IDS.length);
    });
    return 'whole';
  } catch (error) {
    if (error instanceof LedgerDamagedError || error instanceof LedgerMismatchError) return 'refused';
    if (error instanceof Error && error.name === 'LedgerVersionError') return 'refused';
    throw error;
  }
}

describe('a damaged ledger', () => {
  it('is refused, or loses nothing, whichever bit of whichever file is flipped', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const files = await filesOf(own);
    expect(files.map((name) => name.replace(/\d{6}/, 'N'))).toEqual([
      'data-1/filter',
      'data-1/head',
      'data-1/level/N.ldb',
      'data-1/level/N.log',
      'data-1/level/CURRENT',
      'data-1/level/MANIFEST-N',
      'ledger.json',
    ]);
    const copies = await temporaryFolder();
    const results = new Map<string, Set<string>>();
    let copy = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...files), fc.noBias(fc.nat(99_999)), fc.nat(7), async (name, place, bit) => {
        const to = join(copies, String(copy++));
        await cp(folder, to, { recursive: true });
        const path = join(ledgerFolder(optionsFor(to)), name);
        const { size } = await stat(path);
        await flipBit(path, Math.floor((place / 100_000) * size), bit);
        const kind = name.replace(/\d{6}/, 'N');
        results.set(kind, (results.get(kind) ?? new Set()).add(await refusedOrWhole(to)));
        await rm(to, { recursive: true });
      }),
      { numRuns: 150 },
    );
    for (const kind of [
      'data-1/level/N.ldb',
      'data-1/level/N.log',
      'data-1/level/MANIFEST-N',
      'data-1/level/CURRENT',
    ]) {
      expect([kind, ...(results.get(kind) ?? [])]).toEqual([kind, 'refused']);
    }
  });

  it('is refused whichever of its files is cut off or missing', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const copies = await temporaryFolder();
    for (const [index, name] of (await filesOf(own)).entries()) {
      for (const share of [0, 0.3, 0.99, 'missing'] as const) {
        const to = join(copies, `${index}-${share}`);
        await cp(folder, to, { recursive: true });
        const path = join(ledgerFolder(optionsFor(to)), name);
        if (share === 'missing') await rm(path);
        else await truncate(path, Math.floor((await stat(path)).size * share));
        const expected =
          // The filter is made anew when it can't be believed.
          name.endsWith('filter') ||
          // The store holds the same as ledger.json; of the head's two slots one suffices.
          (name === 'ledger.json' && share === 'missing') ||
          (name.endsWith('head') && typeof share === 'number' && share > 0)
            ? /^(whole|refused)$/
            : /^refused$/;
        expect([name, share, await refusedOrWhole(to)]).toEqual([name, share, expect.stringMatching(expected)]);
      }
    }
  });

  it('is refused whichever byte at the end of a table is altered', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const table = await readFile(join(own, (await filesOf(own)).find((name) => name.endsWith('.ldb'))!));
    expect(checkTable(table)).toBeUndefined();
    for (let at = table.length - 60; at < table.length; at++) {
      const altered = Buffer.from(table);
      altered[at]! ^= 4;
      expect([at, checkTable(altered)]).toEqual([at, expect.any(String)]);
    }
  });

  it('is refused by a look at an id whose key was altered; a look at an id in another table answers', async () => {
    const folder = await temporaryFolder();
    const ids = idsNamed(120_000);
    await withLedger(folder, (ledger) => ledger.recordDelivered(entriesFor(ledger, ids)));
    const own = ledgerFolder(optionsFor(folder));
    await compactLevel(dataFolder(own, 1));
    const level = join(dataFolder(own, 1), 'level');
    const tables = (await readdir(level)).filter((name) => name.endsWith('.ldb'));
    expect(tables.length).toBeGreaterThan(2);
    const contents = await Promise.all(tables.map((name) => readFile(join(level, name))));
    // One in the middle of the keys: its table holds nothing but delivered ids.
    const [id, hash] = await withLedger(
      folder,
      async (ledger) => {
        const hashes = ids.map((each) => [each, Buffer.from(ledger.hashOf(each))] as const);
        return hashes.find(([, [first]]) => first! > 0x78 && first! < 0x88)!;
      },
      lookAt(),
    );
    // Entries share the beginnings of their keys.
    const place = contents.map((bytes) => bytes.indexOf(hash.subarray(8)));
    const holder = place.findIndex((at) => at >= 0);
    await flipBit(join(level, tables[holder]!), place[holder]!, 3);

    const damaged = `is damaged: in ${tables[holder]} the block at byte `;
    const show = (id: string): Promise<string | undefined> =>
      withLedger(folder, async (ledger) => (await ledger.show(id))?.state, lookAt(id));
    await expect(show(id)).rejects.toThrow(damaged);
    await expect(withLedger(folder, async () => undefined)).rejects.toThrow(damaged);
    const answers = new Map<string | undefined, number>();
    // That of the altered id, and some that mostly stand in other tables.
    for (const each of [id, ...ids.slice(0, 20)]) {
      const answer = await show(each).catch(() => 'refused');
      answers.set(answer, (answers.get(answer) ?? 0) + 1);
    }
    expect([...answers.keys()].sort()).toEqual(['delivered', 'refused']);
  });

  it('is refused by every look when a table holds more than delivered ids', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const table = (await filesOf(own)).find((name) => name.endsWith('.ldb'))!;
    await flipBit(join(own, table), 1000, 3);
    await expect(withLedger(folder, async () => undefined, lookAt())).rejects.toThrow(/ is damaged: in \d+\.ldb /);
  });

  it('says what is wrong and what to do, and leaves every file as it was', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const table = (await filesOf(own)).find((name) => name.endsWith('.ldb'))!;
    await flipBit(join(own, table), 1000, 3);
    const before = await readFile(join(own, table));
    await expect(withLedger(folder, async () => undefined)).rejects.toThrow(
      new RegExp(
        `^The ledger ${own} is damaged: in ${table.split('/').at(-1)} the block at byte \\d+ fails its check\\. Without it, events that ` +
          'were delivered would be sent again\\. Put back a copy of the folder, or restore an export \\(ledger restore\\), or repair ' +
          'it \\(ledger repair\\), which forgets what can no longer be read\\.$',
      ),
    );
    expect(await readFile(join(own, table))).toEqual(before);
  });

  it('keeps every file as it was when it is refused, so that a repair finds all there is', async () => {
    const folder = await temporaryFolder();
    const files = await filesOf(await makeLedger(folder));
    const copies = await temporaryFolder();
    for (const end of ['.ldb', '.log', 'CURRENT', 'MANIFEST', 'head', 'ledger.json']) {
      const to = join(copies, end);
      await cp(folder, to, { recursive: true });
      const own = ledgerFolder(optionsFor(to));
      const path = join(own, files.find((name) => name.includes(end))!);
      const { size } = await stat(path);
      if (end === 'MANIFEST' || end === 'head') await truncate(path, Math.floor(size * 0.05));
      else await flipBit(path, Math.floor(size / 3), 2);
      const contents = (): Promise<Buffer[]> => Promise.all(files.map((name) => readFile(join(own, name))));
      const before = await contents();
      expect([end, await refusedOrWhole(to)]).toEqual([end, 'refused']);
      expect([end, await contents()]).toEqual([end, before]);
      expect([end, await filesOf(own)]).toEqual([end, files]);
    }
  });

  it('is repaired whichever bits of its tables and logs are flipped, and then loses no more than a few blocks', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const files = (await filesOf(own)).filter((name) => /\.(ldb|log)$/.test(name));
    const copies = await temporaryFolder();
    let copy = 0;
    const flip = fc.tuple(fc.constantFrom(...files), fc.noBias(fc.nat(99_999)), fc.nat(7));
    await fc.assert(
      fc.asyncProperty(fc.array(flip, { minLength: 1, maxLength: 3 }), async (flips) => {
        const to = join(copies, String(copy++));
        await cp(folder, to, { recursive: true });
        for (const [name, place, bit] of flips) {
          const path = join(ledgerFolder(optionsFor(to)), name);
          await flipBit(path, Math.floor((place / 100_000) * (await stat(path)).size), bit);
        }
        const repaired = await repairLedger({ ...optionsFor(to), user: 'jo' });
        await withLedger(to, async (ledger) => {
          const records = await ledger.lookup(IDS.map((id) => ledger.hashOf(id)));
          const found = records.flatMap((record, at) => (record === undefined ? [] : [{ record, at }]));
          expect(found.length).toBe(repaired.delivered);
          expect(ledger.size).toBe(repaired.delivered);
          // The log holds 200 ids in one batch; a block of a table about 90.
          expect(found.length).toBeGreaterThanOrEqual(IDS.length - 200 - 3 * 100);
          for (const { record, at } of found) expect(record.origin.line).toBe(at < 400 ? at + 1 : at - 399);
        });
        await rm(to, { recursive: true });
      }),
      { numRuns: 40 },
    );
  });

  it('is refused when its manifest ends too early, before LevelDB takes newer tables for leftovers', async () => {
    const folder = await temporaryFolder();
    const own = ledgerFolder(optionsFor(folder));
    await withLedger(folder, async (ledger) => {
      for (let name = 0; name < 40; name++) await ledger.writeState(`${name}`, 'x'.repeat(1024 * 1024));
    });
    const name = (await filesOf(own)).find((each) => each.includes('MANIFEST'))!;
    const manifest = await readFile(join(own, name));
    const ends: number[] = [];
    for (let at = 0; at < manifest.length; ends.push(at)) at += 7 + manifest.readUInt16LE(at + 4);
    expect(ends.length).toBeGreaterThan(3);
    const before = await filesOf(own);
    for (const end of ends.slice(0, -1)) {
      await writeFile(join(own, name), manifest.subarray(0, end));
      await expect(withLedger(folder, async () => undefined)).rejects.toThrow(
        `The ledger ${own} is damaged: its file ${name.split('/').at(-1)} is cut off.`,
      );
      expect(await filesOf(own)).toEqual(before);
    }
    await writeFile(join(own, name), manifest);
    await withLedger(folder, async (ledger) => expect(await ledger.readState('39')).toHaveLength(1024 * 1024));
  });

  it('is repaired to what is provably intact, forgets completed files, and records the repair', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    await withLedger(folder, (ledger) =>
      ledger.files.recordCompleted({ sha256: 'ab', settings: 's', records: 1, run: 'run-1', completedAt: 1 }),
    );
    const table = (await filesOf(own)).find((name) => name.endsWith('.ldb'))!;
    for (const at of [3000, 3001, 3002]) await flipBit(join(own, table), at, 0);
    expect(await refusedOrWhole(folder)).toBe('refused');
    const repaired = await repairLedger({ ...optionsFor(folder), user: 'jo' });
    expect(repaired.lost).toBe(IDS.length - repaired.delivered);
    expect(repaired.delivered).toBeGreaterThan(IDS.length / 2);
    await withLedger(folder, async (ledger) => {
      expect(ledger.size).toBe(repaired.delivered);
      const records = await ledger.lookup(IDS.map((id) => ledger.hashOf(id)));
      const found = records.filter((record) => record !== undefined);
      expect(found).toHaveLength(repaired.delivered);
      expect(
        records.every((record, at) => record === undefined || record.origin.line === (at < 400 ? at + 1 : at - 399)),
      ).toBe(true);
      expect(await ledger.files.completedByContent('ab', 's')).toBeUndefined();
      expect(await ledger.operator.audit()).toEqual([
        { time: 1_700_000_000_000, user: 'jo', what: 'repair', ids: repaired.lost },
      ]);
    });
  });

  it('can be repaired without its head, its manifest and its description', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const level = join(dataFolder(own, 1), 'level');
    await rm(join(dataFolder(own, 1), 'head'));
    await rm(join(own, 'ledger.json'));
    for (const name of await readdir(level)) if (name.startsWith('MANIFEST')) await rm(join(level, name));
    expect(await refusedOrWhole(folder)).toBe('refused');
    await repairLedger({ ...optionsFor(folder), user: 'jo' });
    expect(await refusedOrWhole(folder)).toBe('whole');
  });

  it('is checked also as LevelDB leaves it when it repairs, with compressed tables', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    await withLedger(folder, async (ledger) => {
      for (let name = 0; name < 500; name++) await ledger.writeState(`state-${name}`, 'x'.repeat(500));
    });
    await rebuildLevel(dataFolder(own, 1));
    const level = join(dataFolder(own, 1), 'level');
    const tables = (await readdir(level)).filter((name) => name.endsWith('.ldb'));
    expect(tables.length).toBeGreaterThan(0);
    let compressed = 0;
    for (const name of tables) {
      const bytes = await readFile(join(level, name));
      expect(checkTable(bytes)).toBeUndefined();
      if (bytes.length < 100_000) compressed++;
      bytes[Math.floor(bytes.length / 2)]! ^= 4;
      expect(checkTable(bytes)).toMatch(/fails its check$/);
    }
    expect(compressed).toBe(tables.length);
  });

  it('goes on after a power loss that broke the unsynced end of the log, and says how much it cut off', async () => {
    const folder = await temporaryFolder();
    const own = await makeLedger(folder);
    const log = (await filesOf(own)).find((name) => name.endsWith('.log'))!;
    const intact = await readFile(join(own, log));
    await writeFile(join(own, log), Buffer.concat([intact, Buffer.alloc(500)]));
    await withLedger(folder, async (ledger, opened) => {
      expect(opened.cutBytes).toBe(500);
      expect(ledger.size).toBe(IDS.length);
    });
    expect(await refusedOrWhole(folder)).toBe('whole');
  });
});
