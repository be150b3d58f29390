import { describe, expect, it } from 'vitest';
import { ACME, entries, Ledgers, NAMED } from './verbs.js';

/** Three events of a.jsonl at 10:00:01 to 10:00:03 of 2026-01-01, and two of b.jsonl, by another run, as late. */
async function filled(): Promise<Ledgers> {
  const ledgers = await (await Ledgers.make()).withDoubts();
  await ledgers.use((ledger) => ledger.recordDelivered(entries(ledger, ['b-1', 'b-2'], 'b.jsonl')), 'run-2');
  return ledgers;
}

const TOLD = `5 events were delivered before 2026-01-02:
  3 of a.jsonl (run run-1)
  2 of b.jsonl (run run-2)
If their files are imported again, they are sent again: Didomi knows events by their ids, and takes none twice.
`;

describe('ledger prune', () => {
  it('forgets what was delivered before a day, and says what could then be sent again', async () => {
    const ledgers = await filled();
    const { exitCode, out, err } = await ledgers.type(['prune', '--before', '2026-01-02', '--yes', ...ACME]);

    expect(exitCode).toBe(0);
    expect(err).toBe(`Ledger of ${NAMED}: ${ledgers.own}, 8 ids, last used 2026-01-01T10:00:00Z.\n`);
    expect(out).toBe(
      `${TOLD}Forgotten: 5 events; 0 left as delivered, 3 in doubt. The next import reads every file again.\n`,
    );
    expect((await ledgers.type(['show', 'sure-1', ...ACME])).out).toMatch(/^Unknown: /);
    expect((await ledgers.type(['show', 'doubt-1', ...ACME])).out).toMatch(/^In doubt: /);
    const audit = await ledgers.use((ledger) => ledger.operator.audit());
    expect(audit).toMatchObject([{ user: 'ada', what: 'prune --before 2026-01-02', ids: 5 }]);
  });

  it('takes a point in time, and gives the same as JSON', async () => {
    const ledgers = await filled();
    const { json } = await ledgers.type(['prune', '--before', '2026-01-01T11:00:02+01:00', '--yes', '--json', ...ACME]);
    expect(json).toEqual({
      ...{ version: 1, ledger: ledgers.own, before: '2026-01-01T10:00:02.000Z', forgotten: 2 },
      ...{ delivered: 3, inDoubt: 3 },
      files: [
        { run: 'run-1', file: 'a.jsonl', events: 1 },
        { run: 'run-2', file: 'b.jsonl', events: 1 },
      ],
    });
  });

  it('asks first, with what it would forget, and forgets nothing when the answer is no', async () => {
    const ledgers = await filled();
    const no = await ledgers.type(['prune', '--before', '2026-01-02', ...ACME], { terminal: true, answer: 'n' });
    expect(no.exitCode).toBe(2);
    expect(no.err).toContain(`${TOLD}Forget them? [y/N] `);
    expect(no.err).toContain('not confirmed; nothing was changed.\n');
    expect((await ledgers.type(['show', 'sure-1', ...ACME])).out).toMatch(/^Delivered /);
    const unasked = await ledgers.type(['prune', '--before', '2026-01-02', ...ACME]);
    expect([unasked.exitCode, unasked.out]).toEqual([2, '']);
  });

  it('leaves the ledger as it is where nothing is that old', async () => {
    const ledgers = await filled();
    const { out } = await ledgers.type(['prune', '--before', '2026-01-01', '--yes', ...ACME]);
    expect(out).toBe('Nothing was delivered before 2026-01-01: the ledger stays as it is.\n');
    expect(await ledgers.use((ledger) => ledger.operator.audit())).toEqual([]);
  });

  it('refuses what is no date, and to guess one: exit 2', async () => {
    const ledgers = await filled();
    for (const [given, said] of [
      [['--before', 'yesterday'], 'error[bad_date]: --before "yesterday" is no date: give a day of UTC'],
      [['--before', '2026-02-30'], 'error[bad_date]: --before "2026-02-30" is no date'],
      [[], 'error[no_date]: ledger prune has to know until when: --before 2026-01-31, say.'],
    ] as const) {
      const { exitCode, err } = await ledgers.type(['prune', '--yes', ...given, ...ACME]);
      expect(exitCode).toBe(2);
      expect(err).toContain(said);
    }
  });
});
