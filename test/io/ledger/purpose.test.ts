import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Destination, destinationFolder } from '../../../src/io/ledger/destination.js';
import { LedgerMismatchError, LedgerMissingError, LedgerVersionError } from '../../../src/io/ledger/errors.js';
import { ledgerFolder, openLedger } from '../../../src/io/ledger/open.js';
import { DIDOMI, entriesFor, entryFor, idsNamed, optionsFor, temporaryFolder, withLedger } from './fixture.js';

describe('what a ledger is for', () => {
  it('is not made unless that is allowed', async () => {
    const folder = await temporaryFolder();
    const own = ledgerFolder(optionsFor(folder));
    const missing = openLedger(optionsFor(folder, { create: false }));
    await expect(missing).rejects.toThrow(LedgerMissingError);
    await expect(missing).rejects.toThrow(
      `There is no ledger for this destination: ${own} does not exist. Name with --ledger the folder that the import ` +
        'used, and the destination as the import had it: target, address, and organization or token decide which ledger of ' +
        'that folder is meant.',
    );
    expect(await readdir(folder)).toEqual([]);
    await withLedger(folder, async () => undefined);
    await withLedger(folder, async (ledger) => expect(ledger.size).toBe(0), { create: false });
  });

  it('refuses another rule for ids', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async () => undefined);
    const other = openLedger(optionsFor(folder, { idRule: 'didomi:other' }));
    await expect(other).rejects.toThrow(LedgerMismatchError);
    await expect(other).rejects.toThrow(
      `The ledger ${ledgerFolder(optionsFor(folder))} was made for event ids made by the rule "didomi:id", not "didomi:other". ` +
        'With another one it could not tell what was delivered. Use the settings of the earlier runs, or another folder with --ledger.',
    );
  });

  it('refuses a folder that was renamed to another destination', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async () => undefined);
    const other = optionsFor(folder, { destination: { ...DIDOMI, organization: 'other' } });
    const { rename } = await import('node:fs/promises');
    await rename(ledgerFolder(optionsFor(folder)), ledgerFolder(other));
    await expect(openLedger(other)).rejects.toThrow(LedgerMismatchError);
  });

  it('refuses a format of a newer program', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async () => undefined);
    const path = join(ledgerFolder(optionsFor(folder)), 'ledger.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"format": 1', '"format": 2'));
    const newer = openLedger(optionsFor(folder));
    await expect(newer).rejects.toThrow(LedgerVersionError);
    await expect(newer).rejects.toThrow(/ has format 2; this version of the program knows formats up to 1\. /);
  });

  it('finishes a ledger that a kill left half-made', async () => {
    const folder = await temporaryFolder();
    const own = ledgerFolder(optionsFor(folder));
    await mkdir(join(own, 'data-1.new', 'level'), { recursive: true });
    await writeFile(join(own, 'data-1.new', 'level', 'CURRENT'), 'MANI');
    await withLedger(folder, (ledger) => ledger.recordDelivered([entryFor(ledger, 'id-1')]));
    expect((await readdir(own)).sort()).toEqual(['data-1', 'ledger.json', 'lock']);
  });

  it('lets nobody but its owner see it', async () => {
    const folder = join(await temporaryFolder(), 'state', 'consent-import');
    await withLedger(folder, async (_, open) => {
      await open.writeProgress({});
      for (const path of ['', 'lock', 'data-1', 'data-1/level']) {
        expect([path, (await stat(join(open.folder, path))).mode & 0o777]).toEqual([path, 0o700]);
      }
      for (const path of ['ledger.json', 'holder.json', 'progress.json', 'data-1/head']) {
        expect([path, (await stat(join(open.folder, path))).mode & 0o777]).toEqual([path, 0o600]);
      }
    });
  });

  it('says what to do when its folder can not be written', async () => {
    const folder = join(await temporaryFolder(), 'file');
    await writeFile(folder, '');
    const own = ledgerFolder(optionsFor(folder));
    await expect(openLedger(optionsFor(folder))).rejects.toThrow(
      `The ledger ${own} can't be opened: ENOTDIR: not a directory, mkdir '${own}'. Make sure that the disk has room and that ` +
        'the folder can be written, then run the same command again: what was delivered and recorded is not sent again.',
    );
  });
});

describe('the folder of a destination', () => {
  const folderOf = (more: Partial<Destination>): string => destinationFolder({ ...DIDOMI, ...more });

  it('can be read by a person and is safe on any file system', () => {
    expect(folderOf({})).toMatch(/^didomi_api\.didomi\.io_acme_[0-9a-f]{16}$/);
    expect(folderOf({ sandbox: true })).toMatch(/^sandbox_didomi_acme_[0-9a-f]{16}$/);
    expect(folderOf({ organization: '../Ä "x":\\' })).toMatch(/^didomi_api\.didomi\.io_x_[0-9a-f]{16}$/);
  });

  it('is the same for what is the same destination', () => {
    const same = [
      'https://api.didomi.io/v1/',
      'https://API.didomi.io:443/v1',
      'https://me:pass@api.didomi.io/v1?a=b#c',
    ];
    for (const address of same) expect(folderOf({ address })).toBe(folderOf({}));
    expect(folderOf({ address: 'http://127.0.0.1:8080/v1' })).toBe(folderOf({ address: 'http://127.0.0.1:9090/v1' }));
    expect(folderOf({ sandbox: true, address: 'http://127.0.0.1:1' })).toBe(folderOf({ sandbox: true }));
  });

  it('differs for what is another destination', () => {
    const different: Partial<Destination>[] = [
      {},
      { sandbox: true },
      { target: 'onetrust' },
      { organization: 'ACME' },
      { address: 'https://api.didomi.io/v2' },
      { address: 'https://api.didomi.io:8443/v1' },
      { address: 'https://staging.didomi.io/v1' },
      { address: 'http://127.0.0.1:8080/v1' },
    ];
    expect(new Set(different.map(folderOf)).size).toBe(different.length);
    const collectionPoint = { target: 'onetrust', address: 'https://x.example/request/v1' };
    const points = [
      { ...collectionPoint, tenantId: 'a', processId: 'b' },
      { ...collectionPoint, tenantId: 'a', processId: 'c' },
      { ...collectionPoint, tenantId: 'c', processId: 'b' },
    ];
    expect(new Set(points.map(destinationFolder)).size).toBe(points.length);
  });
});

describe('privacy', () => {
  it('keeps no event id in any file, in no spelling', async () => {
    const folder = await temporaryFolder();
    const ids = idsNamed(300, 'jane.doe');
    await withLedger(folder, async (ledger, open) => {
      await ledger.recordIntents(entriesFor(ledger, ids));
      await ledger.recordDelivered(entriesFor(ledger, ids.slice(0, 200)));
      await ledger.operator.resolve({ keys: ids.slice(200, 250).map((id) => ledger.hashOf(id)) }, 'delivered', {
        time: 1,
        user: 'jo',
        what: 'resolve --delivered',
      });
      await open.writeProgress({ delivered: 200 });
    });
    const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(5);
    const { createHash } = await import('node:crypto');
    for (const file of files) {
      const bytes = await readFile(join(file.parentPath, file.name));
      expect(bytes.includes('jane.doe') || bytes.includes('example.com')).toBe(false);
      for (const hash of ['md5', 'sha1', 'sha256']) {
        expect(bytes.includes(createHash(hash).update(ids[0]!).digest().subarray(0, 8))).toBe(false);
      }
    }
  });

  it('hashes the same id otherwise in another ledger', async () => {
    const [one, two] = await Promise.all(
      [await temporaryFolder(), await temporaryFolder()].map((folder) =>
        withLedger(folder, async (l) => l.hashOf('id-1')),
      ),
    );
    expect(one).not.toEqual(two);
  });
});
