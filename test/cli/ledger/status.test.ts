import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keptProgress } from '../../../src/cli/ledger/kept-progress.js';
import type { Progress } from '../../../src/core/run.js';
import { newTally } from '../../../src/core/tally.js';
import { ACME, DESTINATION, Ledgers } from './verbs.js';

const NOW = Date.parse('2026-01-02T03:04:05.678Z');

function progress(): Progress {
  const tally = newTally();
  Object.assign(tally.events, { read: 1300, delivered: 1204, rejected: 2, undelivered: 94 });
  tally.bytes.read = 512;
  return {
    ...{ phase: 'importing', tally, bytesTotal: 1024, bytesChecked: 1024, inFlight: 3, concurrency: 8 },
    waiting: { for: 'target', untilMonotonic: 95_000 },
  };
}

describe('ledger status', () => {
  it('tells runs, files, counts, size and quota', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await ledgers.use(async (ledger) => {
      await ledger.files.recordCompleted({ sha256: 'ab', settings: 's', records: 1, run: 'run-1', completedAt: 1 });
      const rejected = {
        sha256: 'cd',
        settings: 's',
        records: 2,
        run: 'run-1',
        completedAt: 1,
        path: 'b',
        rejected: 1,
      };
      await ledger.files.recordRejected(rejected);
      await ledger.quota.reserve('2026-01-02', 1204, 3000);
      await ledger.recordRun({ exitCode: 8, settings: { maxEventsPerDay: 3000 } });
    }, 'run-2');

    const { exitCode, out, err } = await ledgers.type(['status', ...ACME]);

    expect([exitCode, err]).toEqual([0, '']);
    expect(out.replace(/[\d.]+ (B|KiB)$/m, 'SIZE').split('\n')).toEqual([
      ledgers.own,
      '  destination      didomi, organization acme, at api.didomi.io:443/v1',
      '  delivered        3',
      '  in doubt         3',
      '  runs             2',
      '  last run         run-2 at 2026-01-01T10:00:00Z: import, exit code 8',
      '  completed files  1',
      '  with rejects     1',
      '  size             SIZE',
      '  sent today       1,204 of 3,000, 1,796 left (UTC day 2026-01-02)',
      '',
    ]);
  });

  it('names the collection point of a ledger of receipts, by which two of them differ', async () => {
    const ledgers = await Ledgers.make();
    const address = 'https://privacyportal.onetrust.com/request/v1';
    for (const processId of ['point-1', 'point-2']) {
      await ledgers.use(async () => undefined, 'run-1', { target: 'onetrust', address, tenantId: 't-1', processId });
    }
    const { out } = await ledgers.type(['status']);
    const { json } = await ledgers.type(['status', '--json']);
    for (const processId of ['point-1', 'point-2']) {
      expect(out).toContain(
        `  destination      onetrust, collection point ${processId} of tenant t-1, at privacyportal.onetrust.com:443/request/v1\n`,
      );
    }
    expect((json['ledgers'] as { destination: unknown }[])[1]!.destination).toEqual({
      ...{ target: 'onetrust', address: 'privacyportal.onetrust.com:443/request/v1', organization: null },
      collectionPoint: { tenantId: 't-1', processId: 'point-2' },
    });
  });

  it('says nothing of a day that is not limited, and not counted', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    expect((await ledgers.type(['status', ...ACME])).out).not.toContain('sent today');
  });

  it('gives all that as one object with --json', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    expect((await ledgers.type(['status', ...ACME, '--json'])).json).toEqual({
      version: 1,
      ledgers: [
        {
          folder: ledgers.own,
          destination: {
            ...{ target: 'didomi', address: 'api.didomi.io:443/v1', organization: 'acme' },
            collectionPoint: null,
          },
          state: 'free',
          createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          lastUsedAt: '2026-01-01T10:00:00.000Z',
          ids: { delivered: 3, inDoubt: 3 },
          runs: 1,
          lastRun: { run: 'run-1', startedAt: '2026-01-01T10:00:00.000Z', command: 'import', exitCode: null },
          completedFiles: 0,
          rejectedFiles: 0,
          bytes: expect.any(Number),
          quota: { day: '2026-01-02', used: 0, limit: null, left: null },
          holder: null,
          error: null,
        },
      ],
    });
  });

  it('of a run that was killed says that it did not come to its end', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    expect((await ledgers.type(['status'])).out).toContain(
      '  last run         run-1 at 2026-01-01T10:00:00Z: import, did not come to its end\n',
    );
  });

  it('without a destination tells of all ledgers, held and damaged ones too', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await ledgers.use(async () => undefined, 'run-1', { ...DESTINATION, sandbox: true });
    const held = await ledgers.open('run-7', { ...DESTINATION, organization: 'held' });
    const broken = await ledgers.open('run-8', { ...DESTINATION, organization: 'broken' });
    await broken.close();
    await writeFile(join(broken.folder, 'ledger.json'), '{}');
    await mkdir(join(ledgers.folder, 'none'));
    await writeFile(join(ledgers.folder, 'file'), '');

    const { exitCode, out, err, json } = await ledgers.type(['status', '--json']);
    await held.close();

    expect(exitCode).toBe(10);
    const rows = json['ledgers'] as { destination: { organization: string; address: unknown }; state: string }[];
    const told = rows.map(({ destination, state }) => [destination?.organization, destination?.address, state]);
    expect(told).toEqual([
      ['acme', 'api.didomi.io:443/v1', 'free'],
      [undefined, undefined, 'damaged'],
      ['held', 'api.didomi.io:443/v1', 'held'],
      ['acme', null, 'free'],
    ]);
    expect(err).toMatch(
      new RegExp(
        `^error\\[ledger\\]: The ledger ${broken.folder} is damaged: its file ledger\\.json was altered\\. .*\\n$`,
      ),
    );
    expect(out).not.toContain('none');
  });

  it('while a run holds the ledger tells how far that run is, without opening the ledger', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const opened = await ledgers.open('run-7');
    const before = await ledgers.type(['status', ...ACME]);
    const quota = { day: '2026-01-02', used: 2204, limit: 3000, left: 796 };
    const pace = { eventsPerSecond: 345.6, bytesPerSecond: 128, nowMonotonic: 35_000 };
    await opened.writeProgress(keptProgress('run-7', progress(), pace, NOW - 400, quota));

    const text = await ledgers.type(['status', ...ACME]);
    const asJson = await ledgers.type(['status', ...ACME, '--json']);
    await opened.close();

    const head = [
      ledgers.own,
      '  destination  didomi, organization acme, at api.didomi.io:443/v1',
      '  held         by run run-7 since 2026-01-01T10:00:00Z (process 17 on engine: import)',
    ];
    expect([before.exitCode, before.out.split('\n')]).toEqual([0, [...head, '']]);
    expect([text.exitCode, text.err]).toEqual([0, '']);
    expect(text.out.split('\n')).toEqual([
      ...head,
      '  progress     importing: 50 %, 512 B of 1.0 KiB, 346/s, 1,204 delivered, 2 rejected, 3/8 in flight, waiting: target asked for it, 1 min',
      '  as of        2026-01-02T03:04:05Z',
      '  sent today   2,204 of 3,000, 796 left (UTC day 2026-01-02)',
      '',
    ]);
    expect((asJson.json['ledgers'] as unknown[])[0]).toMatchObject({
      ...{ state: 'held', ids: null, runs: null, completedFiles: null, bytes: null, quota, error: null },
      holder: {
        ...{ run: 'run-7', since: '2026-01-01T10:00:00.000Z', pid: 17, host: 'engine', command: 'import' },
        progress: {
          ...{ version: 1, run: 'run-7', writtenAt: '2026-01-02T03:04:05.278Z', phase: 'importing' },
          events: { read: 1300, delivered: 1204, duplicate: 0, rejected: 2, inDoubt: 0, undelivered: 94 },
          bytes: { read: 512, checked: 1024, total: 1024 },
          ...{ eventsPerSecond: 346, bytesPerSecond: 128, inFlight: 3, concurrency: 8 },
          waiting: { for: 'target', until: '2026-01-02T03:05:05.278Z' },
        },
      },
    });
  });

  it('does not take the progress of an earlier run for that of this one', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const opened = await ledgers.open('run-7');
    const pace = { eventsPerSecond: 1, bytesPerSecond: 1, nowMonotonic: 0 };
    for (const other of [keptProgress('run-6', progress(), pace, NOW), { run: 'run-7', version: 2 }, null, 'x']) {
      await opened.writeProgress(other);
      const { json } = await ledgers.type(['status', '--json']);
      expect(json['ledgers']).toMatchObject([{ state: 'held', holder: { run: 'run-7', progress: null } }]);
    }
    await opened.close();
  });

  it('says so when there is no ledger at all', async () => {
    const ledgers = await Ledgers.make();
    const { exitCode, out } = await ledgers.type(['status']);
    expect([exitCode, out]).toEqual([0, `There is no ledger below ${ledgers.folder}.\n`]);
    expect((await ledgers.type(['status', '--json', '--ledger', 'x'])).json).toEqual({ version: 1, ledgers: [] });
    expect((await ledgers.type(['status'], { env: { HOME: '' } })).err).toMatch(/^error\[no_ledger_folder\]/);
  });
});

describe('a damaged ledger', () => {
  it('ends every verb with exit 10, which names the command that repairs it; that records itself', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await rm(join(ledgers.own, 'data-1', 'level', 'CURRENT'));

    for (const verb of [['show', 'x'], ['resolve'], ['export', 'f'], ['resend', '--id', 'x', '--yes']]) {
      const { exitCode, out, err } = await ledgers.type([...verb, ...ACME]);
      expect({ verb, exitCode, out }).toEqual({ verb, exitCode: 10, out: '' });
      expect(err).toMatch(
        /^error\[ledger_damaged\]: The ledger .* is damaged: .* or repair it \(ledger repair\), which/,
      );
      expect(err).toMatch(/ To repair it:\n {2}consent-import ledger repair --target didomi --organization-id acme\n$/);
    }
    const repaired = await ledgers.type(['repair', '--yes', ...ACME]);

    expect([repaired.exitCode, repaired.out]).toEqual([
      0,
      'Repaired: 3 events delivered, 3 in doubt; none was lost. Every file is read again by the next import.\n',
    ]);
    expect((await ledgers.type(['show', 'sure-1', ...ACME])).out).toMatch(/^Delivered /);
    const audit = await ledgers.use((ledger) => ledger.operator.audit());
    expect(audit).toMatchObject([{ user: 'ada', what: 'repair', ids: 0 }]);
    expect((await ledgers.type(['repair', '--yes', '--json', ...ACME])).json).toEqual({
      ...{ version: 1, ledger: ledgers.own, delivered: 3, inDoubt: 3, lost: 0 },
    });
  });
});
