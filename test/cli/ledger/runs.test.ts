import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { briefOf, keepRun } from '../../../src/cli/import/kept-run.js';
import { buildSummary } from '../../../src/cli/output/summary.js';
import { summaryText } from '../../../src/cli/output/summary-text.js';
import type { RunResult } from '../../../src/core/run.js';
import { Accountant, newFileAccount, newTally } from '../../../src/core/tally.js';
import { compactLevel } from '../../../src/io/ledger/level-store.js';
import { dataFolder } from '../../../src/io/ledger/store-folder.js';
import { ACME, entries, Ledgers, NAMED } from './verbs.js';

const RUN = 'run-1';
const SHA = 'ab'.repeat(32);

/** A run over two files, one of them cut off, with rejects and a warning. */
function result(): RunResult {
  const tally = newTally();
  const good = newFileAccount('a.jsonl', 100);
  const cut = newFileAccount('b.jsonl.gz', 50);
  tally.files.push(good, cut);
  const accountant = new Accountant(tally, (path) => path);
  accountant.read(good, 3);
  accountant.read(cut, 1);
  for (const _ of [1, 2]) accountant.settled(good, 'delivered');
  const errors = [{ path: '/user', message: 'must be object' }];
  accountant.rejected(good, 'schema_violation', errors, { file: 'a.jsonl', line: 3 });
  accountant.duplicate(cut, 'ledger');
  accountant.warned('older_than_previous', { file: 'a.jsonl', line: 2 });
  Object.assign(good, { state: 'partial', sha256: SHA, bytesRead: 100 });
  Object.assign(cut, { state: 'unreadable', bytesRead: 50 });
  cut.damage = { code: 'cut_off', message: 'b.jsonl.gz is cut off after line 1.' };
  return { stop: undefined, complete: false, tally };
}

function summary(of: RunResult) {
  return buildSummary({
    ...{ run: RUN, command: 'import', toolVersion: '1.2.3', verdict: { exitCode: 3, reason: 'input' }, result: of },
    destination: { target: 'didomi', apiUrl: 'https://api.didomi.io/v1', organization: 'acme' },
    ...{ settings: { batchSize: 50, maxEventsPerDay: 9, strict: false }, user: 'ada', host: 'engine' },
    ...{ rejectsFile: '/r.jsonl', ledger: '/ledger', startedAt: 0, finishedAt: 1_500, durationMs: 1_500 },
  });
}

async function withRun(): Promise<Ledgers> {
  const ledgers = await Ledgers.make();
  await ledgers.use(async (ledger) => {
    await ledger.recordDelivered(entries(ledger, ['x', 'y'], 'a.jsonl'));
    const kept = keepRun(summary(result()), result(), 'cd'.repeat(32));
    await ledger.recordRun(briefOf(kept.summary), kept);
  }, RUN);
  return ledgers;
}

describe('ledger run', () => {
  it('prints the summary again: who, when, where to, settings, inputs and rejects file with their SHA-256, and the text', async () => {
    const ledgers = await withRun();
    const { exitCode, out, err } = await ledgers.type(['run', RUN, ...ACME]);

    expect(exitCode).toBe(0);
    expect(err).toBe(`Ledger of ${NAMED}: ${ledgers.own}, 2 ids, last used 2026-01-01T10:00:00Z.\n`);
    const text = summaryText({
      ...{ command: 'import', dryRun: false, verdict: { exitCode: 3, reason: 'input' }, result: result() },
      ...{ rejectsFile: '/r.jsonl', durationMs: 1_500, next: undefined },
    });
    expect(text).toContain('NOT READ: the end of b.jsonl.gz');
    expect(out).toBe(
      `Run run-1
  command      import
  destination  didomi, organization acme, at https://api.didomi.io/v1
  program      consent-import 1.2.3
  by           ada on engine
  began        1970-01-01T00:00:00Z
  ended        1970-01-01T00:00:01Z, exit code 3 (input)
  ledger       /ledger

Settings
  batchSize        50
  maxEventsPerDay  9
  strict           false

Inputs
  a.jsonl     partial, 100 B, SHA-256 ${SHA}
  b.jsonl.gz  unreadable, 50 B, SHA-256 not known: it was not read to its end

${text}  SHA-256 ${'cd'.repeat(32)}
`,
    );
  });

  it('gives the members of the summary as they were, and the SHA-256 of the rejects file', async () => {
    const ledgers = await withRun();
    const { json } = await ledgers.type(['run', RUN, ...ACME, '--json']);
    expect(json).toEqual({ ...summary(result()), rejectsSha256: 'cd'.repeat(32) });
  });

  it('says of a run that did not come to its end what the ledger holds of it', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    expect((await ledgers.type(['run', RUN, ...ACME])).out).toBe(
      'Run run-1 (import) began 2026-01-01T10:00:00Z and did not come to its end.\n' +
        'The ledger holds 3 of its events as delivered, 3 as in doubt.\n',
    );
    expect((await ledgers.type(['run', RUN, ...ACME, '--json'])).json).toEqual({
      ...{ version: 1, run: RUN, command: 'import', user: 'ada', host: 'engine' },
      ...{ startedAt: '2026-01-01T10:00:00.000Z', exitCode: null, reason: null, complete: false },
      recorded: { delivered: 3, inDoubt: 3 },
    });
  });

  it('counts what such a run recorded only where every table was checked', async () => {
    const ledgers = await Ledgers.make();
    const ids = Array.from({ length: 120_000 }, (_, i) => `id-${i}`);
    const hashes = await ledgers.use(async (ledger) => {
      await ledger.recordDelivered(entries(ledger, ids, 'a.jsonl'));
      return ids.map((id) => Buffer.from(ledger.hashOf(id)));
    }, RUN);
    const level = join(dataFolder(ledgers.own, 1), 'level');
    await compactLevel(dataFolder(ledgers.own, 1));
    // One in the middle of the keys: its table holds nothing but delivered ids. Entries share the beginnings of their keys.
    const hash = hashes.find(([first]) => first! > 0x78 && first! < 0x88)!.subarray(8);
    for (const name of (await readdir(level)).filter((name) => name.endsWith('.ldb'))) {
      const bytes = await readFile(join(level, name));
      const at = bytes.indexOf(hash);
      if (at < 0) continue;
      bytes[at]! ^= 8;
      await writeFile(join(level, name), bytes);
    }
    expect((await ledgers.type(['runs', ...ACME])).exitCode).toBe(0);
    const { exitCode, out, err } = await ledgers.type(['run', RUN, ...ACME]);
    expect([exitCode, out]).toEqual([10, '']);
    expect(err).toMatch(
      /\nerror\[ledger_damaged\]: The ledger \S+ is damaged: in \S+ the block at byte \d+ fails its check\. /,
    );
  });

  it('refuses a run that the ledger does not know, and names those that it knows: exit 2', async () => {
    const ledgers = await withRun();
    const { exitCode, err } = await ledgers.type(['run', 'run-9', ...ACME]);
    expect(exitCode).toBe(2);
    expect(err).toContain('error[unknown_run]: the ledger knows no run "run-9". The ledger knows run-1.\n');
  });
});

describe('ledger runs', () => {
  it('lists every run, and every change by hand', async () => {
    const ledgers = await withRun();
    await ledgers.use((ledger) => ledger.recordDelivered(entries(ledger, ['z'], 'c.jsonl')), 'run-2');
    await ledgers.type(['resend', '--file', 'a.jsonl', '--yes', ...ACME]);

    expect((await ledgers.type(['runs', ...ACME])).out).toBe(
      `run-1  2026-01-01T10:00:00Z  import by ada on engine: exit code 3, 4 read, 2 delivered, 1 rejected
run-2  2026-01-01T10:00:00Z  import by ada on engine: did not come to its end

Changed by hand:
  2026-01-02T03:04:05Z  resend --file a.jsonl by ada: 2 events
`,
    );
    const { json } = await ledgers.type(['runs', ...ACME, '--json']);
    const begun = { command: 'import', startedAt: '2026-01-01T10:00:00.000Z', user: 'ada', host: 'engine' };
    const { events } = summary(result());
    expect(json).toEqual({
      version: 1,
      ledger: ledgers.own,
      runs: [
        {
          ...{ run: 'run-1', ...begun, finishedAt: '1970-01-01T00:00:01.500Z', toolVersion: '1.2.3', exitCode: 3 },
          ...{ reason: 'input', events, rejectsFile: '/r.jsonl', undone: null },
        },
        {
          ...{ run: 'run-2', ...begun, finishedAt: null, toolVersion: null, exitCode: null },
          ...{ reason: null, events: null, rejectsFile: null, undone: null },
        },
      ],
      changes: [{ time: '2026-01-02T03:04:05.678Z', user: 'ada', what: 'resend --file a.jsonl', ids: 2 }],
    });
  });

  it('tells of an undo how many events it took back', async () => {
    const ledgers = await Ledgers.make();
    const undone = { ...briefOf(summary(result())), undone: 3 };
    await ledgers.use((ledger) => ledger.recordRun(undone, { version: 1, undo: {}, text: '' }));
    expect((await ledgers.type(['runs', ...ACME, '--json'])).json).toMatchObject({ runs: [{ undone: 3 }] });
  });

  it('says so where no run has recorded anything', async () => {
    const ledgers = await Ledgers.make();
    await ledgers.use(async () => undefined);
    expect((await ledgers.type(['runs', ...ACME])).out).toBe('No run has recorded anything.\n');
  });
});
