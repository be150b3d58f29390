import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { LedgerInUseError } from '../../../src/io/ledger/errors.js';
import { readHolder } from '../../../src/io/ledger/holder.js';
import { ledgerFolder, listLedgers, openLedger } from '../../../src/io/ledger/open.js';
import { readProgressFile } from '../../../src/io/ledger/progress-file.js';
import { DIDOMI, entryFor, optionsFor, runNamed, temporaryFolder, withLedger } from './fixture.js';
import { startSecondProcess } from './second-process.js';

describe('one run at a time', () => {
  it('refuses a ledger that another process holds, and says which run, since when, and its process', async () => {
    const folder = await temporaryFolder();
    const other = startSecondProcess(folder, 'hold');
    await other.hasSaid(1);
    const own = ledgerFolder(optionsFor(folder));
    const error = await openLedger(optionsFor(folder)).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(LedgerInUseError);
    expect((error as LedgerInUseError).message).toBe(
      `Run child-${other.pid} holds the ledger ${own} since 2023-11-14T22:13:20.000Z (process ${other.pid} on importer-2: ` +
        'import b.jsonl). Wait until it has ended, then run the same command again.',
    );
    expect((error as LedgerInUseError).holder?.pid).toBe(other.pid);
    await other.kill();
    // The dead process left its note; nobody is kept out by it.
    expect((await readHolder(own))?.pid).toBe(other.pid);
    await withLedger(folder, async (ledger) => expect(ledger.size).toBe(0));
    expect(await readHolder(own)).toBeUndefined();
  });

  it('refuses a ledger that is open in the same process', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async (ledger) => {
      const second = openLedger(optionsFor(folder, { run: runNamed('run-2') }));
      await expect(second).rejects.toThrow(/^Run run-1 holds the ledger /);
      expect((await readHolder(ledgerFolder(optionsFor(folder))))?.id).toBe('run-1');
      await ledger.recordDelivered([entryFor(ledger, 'still-works')]);
    });
    await withLedger(folder, async (ledger) => expect(ledger.size).toBe(1));
  });

  it('waits for a verb of `ledger` that looks at it, and no longer than for a run that takes it after that', async () => {
    const folder = await temporaryFolder();
    const look = { run: { ...runNamed('look-1'), command: 'ledger show' } };
    await withLedger(folder, async () => undefined);
    const looking = await openLedger(optionsFor(folder, look));
    const second = openLedger(optionsFor(folder, { run: runNamed('run-2') }));
    await setTimeout(250);
    await looking.close();
    const open = await second;
    expect((await readHolder(open.folder))?.id).toBe('run-2');
    await expect(openLedger(optionsFor(folder, look))).rejects.toThrow(/^Run run-2 holds the ledger /);
    await open.close();
  });

  it('says so without details when the holder had no time to leave a note', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async (_, open) => {
      await writeFile(join(open.folder, 'holder.json'), '{"id":');
      await expect(openLedger(optionsFor(folder))).rejects.toThrow(
        `Another run holds the ledger ${open.folder}. Wait until it has ended, then run the same command again.`,
      );
    });
  });

  it('lets other destinations in the same folder run side by side', async () => {
    const folder = await temporaryFolder();
    const sandbox = { ...DIDOMI, sandbox: true };
    await withLedger(folder, async (real) => {
      await real.recordDelivered([entryFor(real, 'id-1')]);
      await withLedger(folder, async (ledger) => expect(await ledger.show('id-1')).toBeUndefined(), {
        destination: sandbox,
      });
    });
    expect((await listLedgers(folder)).map(({ destination }) => destination)).toEqual([
      ['didomi', 'address', 'api.didomi.io:443/v1', 'organization', 'acme'],
      ['didomi', 'sandbox', 'organization', 'acme'],
    ]);
  });

  it('makes the lock anew when its own files are damaged', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, (ledger) => ledger.recordDelivered([entryFor(ledger, 'id-1')]));
    const lock = join(ledgerFolder(optionsFor(folder)), 'lock');
    for (const name of await readdir(lock)) if (name !== 'LOCK') await writeFile(join(lock, name), 'nonsense');
    await withLedger(folder, async (ledger) => expect(ledger.size).toBe(1));
  });

  it('shows others how far the run is, without opening the ledger', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async (_, open) => {
      await open.writeProgress({ delivered: 17 });
      expect(await readProgressFile(open.folder)).toEqual({ delivered: 17 });
    });
    expect(await readProgressFile(join(folder, 'none'))).toBeUndefined();
  });
});
