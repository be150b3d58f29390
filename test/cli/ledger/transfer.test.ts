import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ACME, entries, Ledgers, NAMED } from './verbs.js';

describe('ledger export and restore', () => {
  it('carry a ledger from one folder into another, and the ledger records that it was restored', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const file = join(ledgers.home, 'acme.ledger');

    const exported = await ledgers.type(['export', 'acme.ledger', ...ACME]);
    const restored = await ledgers.type(['restore', 'acme.ledger', '--ledger', 'other', '--yes', ...ACME, '--json']);

    expect([exported.exitCode, exported.out]).toEqual([
      0,
      `Exported to ${file}: 3 events delivered, 3 in doubt. The file is as private as the ledger.\n`,
    ]);
    expect(exported.err).toBe(`Ledger of ${NAMED}: ${ledgers.own}, 6 ids.\n`);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(restored).toMatchObject({
      exitCode: 0,
      json: { version: 1, file, delivered: 3, inDoubt: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(restored.json['ledger']).toBe(ledgers.own.replace(ledgers.folder, join(ledgers.home, 'other')));
    expect((await ledgers.type(['show', 'sure-3', '--ledger', 'other', ...ACME])).out).toMatch(/^Delivered /);
    // The same file again: that it was restored made the ledger no newer.
    expect((await ledgers.type(['restore', 'acme.ledger', '--ledger', 'other', '--yes', ...ACME])).exitCode).toBe(0);
    expect((await ledgers.type(['restore', 'acme.ledger', '--yes', ...ACME])).exitCode).toBe(0);
    const audit = await ledgers.use((ledger) => ledger.operator.audit());
    expect(audit).toMatchObject([{ user: 'ada', what: 'restore', ids: 6 }]);
  });

  it('keep what was recorded before', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await ledgers.type(['resolve', '--all', '--delivered', '--yes', ...ACME]);
    await ledgers.type(['resend', '--id', 'sure-1', '--yes', ...ACME]);
    await ledgers.type(['export', 'f', ...ACME]);
    await ledgers.type(['restore', 'f', '--yes', ...ACME]);
    const audit = await ledgers.use((ledger) => ledger.operator.audit());
    expect(audit.map(({ what }) => what)).toEqual(['resolve --delivered --all', 'resend --id', 'restore']);
  });

  it('refuse to put an older ledger in the place of a newer one: exit 2, nothing changed', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const file = join(ledgers.home, 'old');
    await ledgers.type(['export', 'old', ...ACME]);
    await ledgers.use((ledger) => ledger.recordDelivered(entries(ledger, ['new'], 'n')), 'run-2');

    const { exitCode, out, err } = await ledgers.type(['restore', 'old', '--yes', ...ACME]);

    expect([exitCode, out, err]).toEqual([
      2,
      '',
      `error[ledger]: ${file} is not restored over the ledger ${ledgers.own}: that one is newer. Restoring would forget what was delivered since. If that is what you want, move that folder away first.\n`,
    ]);
    expect((await ledgers.type(['show', 'new', ...ACME])).out).toMatch(/^Delivered /);
  });

  it('refuse a file that is none, or is not there', async () => {
    const ledgers = await Ledgers.make();
    await writeFile(join(ledgers.home, 'bad'), 'nonsense');
    for (const name of ['bad', 'missing']) {
      const { exitCode, err } = await ledgers.type(['restore', name, '--yes', ...ACME]);
      expect(exitCode).toBe(2);
      expect(err).toMatch(
        /^error\[ledger\]: .*\/(bad|missing) can't be restored: .* Nothing was changed; take another export\.\n$/,
      );
    }
  });

  it('say when the file can not be written: exit 10', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const { exitCode, err } = await ledgers.type(['export', 'no/such/folder', ...ACME]);
    expect(exitCode).toBe(10);
    expect(err).toMatch(/^error\[ledger\]: The ledger can't be exported to .*\/no\/such\/folder: ENOENT/);
  });
});
