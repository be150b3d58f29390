import { describe, expect, it } from 'vitest';
import { ACME, entries, Ledgers, NAMED } from './verbs.js';

describe('ledger show', () => {
  it('tells of a delivered event where it came from, in which run, and when', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();

    const shown = await ledgers.type(['show', 'sure-2', ...ACME]);

    expect(shown).toMatchObject({
      exitCode: 0,
      out: 'Delivered 2026-01-01T10:00:02Z.\n  record  a.jsonl:2\n  run     run-1\n',
      err: `Ledger of ${NAMED}: ${ledgers.own}, 6 ids, last used 2026-01-01T10:00:00Z.\n`,
    });
    expect((await ledgers.type(['show', 'sure-2', ...ACME, '--json'])).json).toEqual({
      version: 1,
      ledger: ledgers.own,
      state: 'delivered',
      run: 'run-1',
      file: 'a.jsonl',
      entry: null,
      line: 2,
      element: null,
      index: null,
      time: '2026-01-01T10:00:02.000Z',
      hadBefore: false,
      settledByOperator: false,
    });
  });

  it('tells of an event in doubt how to settle it', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();

    const { exitCode, out } = await ledgers.type(['show', 'doubt-2', ...ACME]);

    expect(exitCode).toBe(0);
    expect(out).toBe(
      'In doubt: sent 2026-01-01T10:00:02Z, but never answered.\n  record  b.jsonl:2\n  run     run-1\n' +
        'To settle it:\n  consent-import ledger resolve --target didomi --organization-id acme\n',
    );
    expect((await ledgers.type(['show', 'doubt-2', ...ACME, '--json'])).json).toMatchObject({ state: 'inDoubt' });
  });

  it('tells what an operator recorded, and what the target had before', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await ledgers.use(async (ledger) => {
      const [entry] = entries(ledger, ['early'], 'c.jsonl');
      await ledger.recordDelivered([{ ...entry!, hadBefore: true }]);
    }, 'run-2');
    await ledgers.type(['resolve', '--id', 'doubt-1', '--delivered', '--yes', ...ACME]);

    expect((await ledgers.type(['show', 'early', ...ACME])).out).toBe(
      'Delivered: at 2026-01-01T10:00:01Z the target said that it had it before.\n  record  c.jsonl:1\n  run     run-2\n',
    );
    expect((await ledgers.type(['show', 'early', ...ACME, '--json'])).json).toMatchObject({ hadBefore: true });
    expect((await ledgers.type(['show', 'doubt-1', ...ACME])).out).toBe(
      'Delivered, as an operator recorded; sent 2026-01-01T10:00:01Z, but never answered.\n  record  b.jsonl:1\n  run     run-1\n',
    );
    expect((await ledgers.type(['show', 'doubt-1', ...ACME, '--json'])).json).toMatchObject({
      state: 'delivered',
      settledByOperator: true,
    });
  });

  it('of an id that it never saw says so with exit 0, and never repeats the id', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();

    const text = await ledgers.type(['show', 'someone@example.com', ...ACME]);
    const asJson = await ledgers.type(['show', 'someone@example.com', ...ACME, '--json']);

    expect([text.exitCode, asJson.exitCode]).toEqual([0, 0]);
    expect(text.out).toBe(
      'Unknown: this ledger never recorded an event with this id as delivered, or forgot it when an operator said so.\n',
    );
    expect(asJson.json).toMatchObject({ version: 1, state: 'unknown', run: null, file: null, line: null, time: null });
    expect(`${text.out}${text.err}${asJson.out}`).not.toContain('someone');
  });

  it('leaves no trace in the ledger', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    await ledgers.type(['show', 'sure-1', ...ACME]);
    await ledgers.use(async ({ runs, operator }) => {
      expect(runs.map(({ id }) => id)).toEqual(['run-1']);
      expect(await operator.audit()).toEqual([]);
    });
  });
});

describe('a verb', () => {
  it('of a destination that has no ledger ends with exit 2, and makes none', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const verbs = [['status'], ['show', 'x'], ['resolve'], ['export', 'f'], ['repair', '--yes']];
    for (const verb of verbs) {
      const { exitCode, out, err } = await ledgers.type([...verb, '--target', 'didomi', '--organization-id', 'other']);
      expect({ verb, exitCode, out }).toEqual({ verb, exitCode: 2, out: '' });
      expect(err).toMatch(/^error\[ledger\]: There is no ledger for this destination: .*_other_\w+ does not exist\. /);
    }
    expect((await ledgers.type(['status', '--json'])).json['ledgers']).toHaveLength(1);
  });

  it('but status has to know the destination', async () => {
    const ledgers = await Ledgers.make();
    for (const verb of [['show', 'x'], ['resolve'], ['resend'], ['export', 'f'], ['restore', 'f'], ['repair']]) {
      const { exitCode, err } = await ledgers.type(verb);
      expect({ verb, exitCode }).toEqual({ verb, exitCode: 2 });
      expect(err.match(/^error\[missing_option\]: --[a-z-]+/gm)).toEqual([
        'error[missing_option]: --target',
        'error[missing_option]: --organization-id',
      ]);
    }
    const half = await ledgers.type(['status', '--target', 'didomi']);
    expect([half.exitCode, half.err.slice(0, 42)]).toEqual([2, 'error[missing_option]: --organization-id i']);
  });

  it('of a ledger that a run holds ends with exit 6 and names the run, its process and its start', async () => {
    const ledgers = await Ledgers.make();
    const opened = await ledgers.open('run-9');
    try {
      for (const verb of [['show', 'x'], ['resolve'], ['export', 'f'], ['repair', '--yes']]) {
        const { exitCode, out, err } = await ledgers.type([...verb, ...ACME]);
        expect({ verb, exitCode, out }).toEqual({ verb, exitCode: 6, out: '' });
        expect(err).toBe(
          `error[ledger_in_use]: Run run-9 holds the ledger ${ledgers.own} since 2026-01-01T10:00:00.000Z ` +
            '(process 17 on engine: import). Wait until it has ended, then run the same command again.\n',
        );
      }
    } finally {
      await opened.close();
    }
  });

  it.each([
    [[], /error\[no_verb\]: say what to do\. See consent-import ledger --help\n$/],
    [
      ['shw'],
      /^error\[unknown_command\]: unknown command 'shw'\. Did you mean 'show'\? See consent-import ledger --help\n$/,
    ],
    [
      ['resolve', '--retr'],
      /^error\[unknown_option\]: .* Did you mean '--retry'\? See consent-import ledger resolve --help\n$/,
    ],
    [['status', '--all'], /^error\[unknown_option\]: unknown option '--all'/],
    [['show', ...ACME], /^error\[missing_argument\]: missing required argument 'event-id'/],
    [['show', 'a', 'b', ...ACME], /^error\[excess_arguments\]/],
  ])('that is typed wrong (%j) ends with exit 2', async (args, message) => {
    const { exitCode, out, err } = await (await Ledgers.make()).type(args);
    expect([exitCode, out]).toEqual([2, '']);
    expect(err).toMatch(message);
  });

  it('takes what it is to do from the command line alone', async () => {
    const ledgers = await (await Ledgers.make()).withDoubts();
    const env = { CONSENT_IMPORT_ALL: '1', CONSENT_IMPORT_RETRY: '1', CONSENT_IMPORT_YES: '1' };
    const { exitCode, out } = await ledgers.type(['resolve', ...ACME], { env });
    expect(exitCode).toBe(0);
    expect(out).toMatch(/^3 events are in doubt/);
  });
});
