import { describe, expect, it } from 'vitest';
import { ACME, Ledgers } from './verbs.js';

const RESOLVE = 'consent-import ledger resolve';
const DESTINATION = '--target didomi --organization-id acme';
const NOW = Date.parse('2026-01-02T03:04:05.678Z');

describe('ledger resolve', () => {
  it('lists what is in doubt with file and line, and what to type next', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();

    const { exitCode, out } = await ledgers.type(['resolve', ...ACME]);

    expect(exitCode).toBe(0);
    expect(out.split('\n')).toEqual([
      '3 events are in doubt: sent, but never answered.',
      '  a.jsonl:1, sent 2026-01-01T10:00:01Z by run run-1',
      '  b.jsonl:1, sent 2026-01-01T10:00:01Z by run run-1',
      '  b.jsonl:2, sent 2026-01-01T10:00:02Z by run run-1',
      'Find out whether they arrived. If they did:',
      `  ${RESOLVE} --all --delivered ${DESTINATION}`,
      'If they did not, let the next import send them:',
      `  ${RESOLVE} --all --retry ${DESTINATION}`,
      'For a part of them: --id, --file or --run in the place of --all.',
      '',
    ]);
    const { json } = await ledgers.type(['resolve', '--file', 'a.jsonl', ...ACME, '--json']);
    const place = { run: 'run-1', file: 'a.jsonl', entry: null, line: 1, element: null, index: null };
    expect(json).toEqual({
      version: 1,
      ledger: ledgers.own,
      inDoubt: 3,
      events: [{ ...place, time: '2026-01-01T10:00:01.000Z' }],
    });
  });

  it('says when nothing is in doubt', async () => {
    const ledgers = await Ledgers.make();
    await ledgers.use(async () => undefined);
    expect(await ledgers.type(['resolve', ...ACME])).toMatchObject({
      exitCode: 0,
      out: 'Nothing is ever in doubt at Didomi: it knows events by their ids, so what was not answered is simply sent again.\n',
    });
  });

  it.each([
    ['--delivered', '2 events recorded as delivered; 1 still in doubt.\n', 'delivered', 5],
    ['--retry', '2 events left for the next import to send; 1 still in doubt.\n', undefined, 3],
  ] as const)('%s settles what is chosen, and the ledger records who did it', async (act, told, state, delivered) => {
    const ledgers = await (await Ledgers.make()).withDoubts();

    const { exitCode, out } = await ledgers.type(['resolve', '--file', 'b.jsonl', act, '--yes', ...ACME]);

    expect([exitCode, out]).toEqual([0, told]);
    await ledgers.use(async (ledger) => {
      expect((await ledger.show('doubt-1'))?.state).toBe(state);
      expect((await ledger.show('doubt-3'))?.state).toBe('inDoubt');
      expect(ledger.counters).toMatchObject({ delivered, inDoubt: 1 });
      const audit = { time: NOW, user: 'ada', what: `resolve ${act} --file b.jsonl`, ids: 2 };
      expect(await ledger.operator.audit()).toEqual([audit]);
    });
  });

  it('settles by id, run or all, and records no id in plain', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();

    const byId = await ledgers.type(['resolve', '--id', 'doubt-2', '--delivered', '--yes', '--json', ...ACME]);
    const byRun = await ledgers.type(['resolve', '--run', 'run-1', '--retry', '--yes', '--json', ...ACME]);
    const all = await ledgers.type(['resolve', '--all', '--retry', '--yes', '--json', ...ACME]);

    const head = { version: 1, ledger: ledgers.own };
    expect(byId.json).toEqual({ ...head, settled: 1, as: 'delivered', inDoubt: 2 });
    expect(byRun.json).toEqual({ ...head, settled: 2, as: 'retry', inDoubt: 0 });
    expect(all.json).toEqual({ ...head, settled: 0, as: 'retry', inDoubt: 0 });
    const audit = await ledgers.use((ledger) => ledger.operator.audit());
    expect(audit.map(({ what }) => what)).toEqual([
      'resolve --delivered --id',
      'resolve --retry --run run-1',
      'resolve --retry --all',
    ]);
  });

  it('warns when a file is named otherwise than in the import', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();

    const { exitCode, err } = await ledgers.type(['resolve', '--file', './b.jsonl', '--retry', '--yes', ...ACME]);

    expect(exitCode).toBe(0);
    expect(err).toContain(
      'warning[nothing_chosen]: no event was changed: none is of the file ./b.jsonl. A file is named as it was in the import. The ledger knows a.jsonl, b.jsonl.\n',
    );
  });

  it.each([
    [
      ['--delivered'],
      'error[no_selection]: ledger resolve has to know which events: name one of --id, --file, --run, --all.\n',
    ],
    [
      ['--all', '--delivered', '--retry'],
      'error[several_acts]: --delivered, --retry and --reconcile contradict each other: name the one that is meant.\n',
    ],
    [
      ['--all', '--file', 'x', '--retry'],
      "error[several_selections]: --file and --all can't be used together: name one of them.\n",
    ],
  ])('does not guess what %j means', async (args, message) => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const { exitCode, out, err } = await ledgers.type(['resolve', ...args, '--yes', ...ACME]);
    expect([exitCode, out, err]).toEqual([2, '', message]);
    expect(await ledgers.use(async ({ counters }) => counters.inDoubt)).toBe(3);
  });
});

describe('a change', () => {
  const CHANGES = [
    ['resolve', '--all', '--retry'],
    ['resend', '--run', 'run-1'],
    ['restore', 'f'],
    ['repair'],
  ] as const;

  it('without a terminal and without --yes ends with exit 2 before anything is opened', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const opened = await ledgers.open();
    for (const args of CHANGES) {
      const { exitCode, out, err } = await ledgers.type([...args, ...ACME]);
      expect([exitCode, out, err]).toEqual([
        2,
        '',
        `error[confirmation_needed]: ledger ${args[0]} changes the ledger: it must be confirmed, and there is no terminal to ask at. Confirm it with --yes; nothing was changed.\n`,
      ]);
      const silent = await ledgers.type([...args, '--no-input', ...ACME], { terminal: true, answer: 'y' });
      expect([silent.exitCode, silent.err]).toEqual([
        2,
        expect.stringContaining('and --no-input forbids to ask. Confirm it with --yes'),
      ]);
    }
    await opened.close();
  });

  it('is asked about on a terminal, and anything but a yes changes nothing', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const questions = {
      resolve: 'Let the next import send 3 events in doubt? What did arrive then exists twice. [y/N] ',
      resend:
        'Forget that the events of the run run-1 were delivered, so that the next import sends them again?\n' +
        'A target that does not know events by their ids then has them twice. [y/N] ',
      restore: `Put ${ledgers.home}/f in the place of the ledger ${ledgers.own}? [y/N] `,
      repair: `Repair the ledger ${ledgers.own}? What can no longer be read is forgotten, and sent again by the next import. Copy the folder first. [y/N] `,
    };
    for (const args of CHANGES) {
      for (const answer of ['n', '', undefined]) {
        const { exitCode, out, err } = await ledgers.type([...args, ...ACME, '--no-color'], { terminal: true, answer });
        expect({ args, answer, exitCode, out }).toEqual({ args, answer, exitCode: 2, out: '' });
        expect(err).toContain(questions[args[0]]);
        expect(err).toMatch(/error\S*\[not_confirmed\]:\S* not confirmed; nothing was changed\.\n$/);
      }
    }
    await ledgers.use(async (ledger) => {
      expect(ledger.counters).toMatchObject({ delivered: 3, inDoubt: 3 });
      expect(await ledger.operator.audit()).toEqual([]);
    });
  });

  it('is made when the answer is yes, and names the ledger once', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const terminal = { terminal: true, answer: 'y' };
    const { exitCode, out, err } = await ledgers.type(['resolve', '--all', '--delivered', ...ACME], terminal);
    expect([exitCode, out]).toEqual([0, '3 events recorded as delivered; none is in doubt.\n']);
    expect(err.match(/Ledger of /g)).toHaveLength(1);
    expect(err).toContain('Record that 3 events in doubt arrived, and are never to be sent again? [y/N] ');
  });

  it('leaves the ledger free for others while the question stands', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    let seen = 0;
    const answer = async (): Promise<string> => {
      seen = await ledgers.use(async ({ size }) => size);
      return 'y';
    };
    const { exitCode } = await ledgers.type(['resolve', '--all', '--retry', ...ACME], { terminal: true }, answer);
    expect([exitCode, seen]).toEqual([0, 6]);
  });
});

describe('ledger resend', () => {
  it('forgets what was delivered, and every completed file, so that the next import sends it', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await ledgers.use((ledger) =>
      ledger.files.recordCompleted({ sha256: 'ab', settings: 's', records: 1, run: 'run-1', completedAt: 1 }),
    );

    const byId = await ledgers.type(['resend', '--id', 'sure-1', '--yes', ...ACME]);
    const byFile = await ledgers.type(['resend', '--file', 'a.jsonl', '--yes', '--json', ...ACME]);
    const byRun = await ledgers.type(['resend', '--run', 'run-8', '--yes', ...ACME]);

    expect([byId.exitCode, byId.out]).toEqual([0, '1 event forgotten: the next import of its file sends it again.\n']);
    expect(byFile.json).toEqual({ version: 1, ledger: ledgers.own, forgotten: 2, delivered: 0 });
    expect(byRun.exitCode).toBe(0);
    expect(byRun.err).toContain('none is of the run run-8. The ledger knows run-1.\n');
    await ledgers.use(async (ledger) => {
      expect(await ledger.show('sure-3')).toBeUndefined();
      expect(ledger.counters).toMatchObject({ delivered: 0, inDoubt: 3 });
      expect(await ledger.files.completedFiles()).toEqual([]);
      const whats = (await ledger.operator.audit()).map(({ what, ids }) => [what, ids]);
      expect(whats).toEqual([
        ['resend --id', 1],
        ['resend --file a.jsonl', 2],
        ['resend --run run-8', 0],
      ]);
    });
  });

  it('of what is not there leaves the memory of files as it is', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await ledgers.use((ledger) =>
      ledger.files.recordCompleted({ sha256: 'ab', settings: 's', records: 1, run: 'run-1', completedAt: 1 }),
    );
    const all = [
      ['resend', '--file', 'nope.jsonl'],
      ['resend', '--id', 'nope'],
      ['resend', '--run', 'nope'],
    ];
    for (const verb of [...all, ['resolve', '--retry', '--file', 'nope.jsonl']]) {
      expect((await ledgers.type([...verb, '--yes', ...ACME])).exitCode).toBe(0);
      expect(await ledgers.use((ledger) => ledger.files.completedFiles())).toHaveLength(1);
    }
    await ledgers.type(['resend', '--id', 'sure-1', '--yes', ...ACME]);
    expect(await ledgers.use((ledger) => ledger.files.completedFiles())).toEqual([]);
  });

  it('has to know which', async () => {
    const { exitCode, err } = await (await Ledgers.make()).type(['resend', '--yes', ...ACME]);
    expect([exitCode, err]).toEqual([
      2,
      'error[no_selection]: ledger resend has to know which events: name one of --id, --file, --run.\n',
    ]);
  });
});
