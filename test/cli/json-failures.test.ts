import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { runProgram } from '../../src/cli/program.js';
import { LedgerError } from '../../src/core/ledger.js';
import { StoredLedger } from '../../src/io/ledger/ledger.js';
import { ACME, Ledgers } from './ledger/verbs.js';
import { recordedContext } from './recorded-context.js';

const CREDENTIALS = { DIDOMI_API_KEY: 'k', DIDOMI_API_SECRET: 's' };

async function type(ledgers: Ledgers, args: readonly string[], more: Record<string, string> = {}) {
  const env = { HOME: ledgers.home, NO_COLOR: '1', ...CREDENTIALS, ...more };
  const context = recordedContext({ cwd: ledgers.home, env });
  const runners = { import: async () => async () => 99, validate: async () => async () => 99 };
  const exitCode = await runProgram(args, context, runners);
  return { exitCode, out: context.out(), err: context.err() };
}

/** What stderr says, without its first line where that names the ledger. */
function errors(err: string): readonly { code: string; message: string }[] {
  return [...err.matchAll(/^error\[(\w+)\]: (.*)$/gm)].map(([, code = '', message = '']) => ({ code, message }));
}

it.each([
  ['of options that there are not', ['verify', 'e.jsonl', '--nope', ...ACME], 'unknown_option'],
  ['of values that can not be', ['verify', 'e.jsonl', '--sample', 'some', ...ACME], 'bad_value'],
  ['without a destination', ['undo', 'e.jsonl', '--run', 'run-1'], 'missing_option'],
  ['of a ledger that there is not', ['verify', 'e.jsonl', ...ACME], 'ledger'],
  ['of a ledger that there is not', ['ledger', 'show', 'e1', ...ACME], 'ledger'],
  ['of a verb that there is not', ['ledger', 'shew', 'e1', ...ACME], 'unknown_command'],
  ['without what a verb needs', ['ledger', 'prune', ...ACME], 'no_date'],
  ['of a check without inputs', ['ledger', 'check', ...ACME], 'no_inputs'],
])('a call %s prints with --json the error as one object: %j', async (_, args, code) => {
  const ledgers = await Ledgers.make();
  writeFileSync(join(ledgers.home, 'e.jsonl'), '');
  const { exitCode, out, err } = await type(ledgers, [...args, '--json']);
  const told = errors(err);
  const error = { code, message: told.map(({ message }) => message).join('\n') };
  expect(told[0]?.code).toBe(code);
  expect(out).toBe(`${JSON.stringify({ version: 1, error, exitCode: 2 })}\n`);
  expect(exitCode).toBe(2);
  const asText = await type(ledgers, args);
  expect([asText.exitCode, asText.out]).toEqual([2, '']);
});

it('a run that the ledger does not know is told as one object, also where the environment asks for JSON', async () => {
  const ledgers = await (await Ledgers.make()).withDoubts();
  for (const [args, env] of [
    [['--json'], {}],
    [[], { CONSENT_IMPORT_JSON: 'true' }],
  ] as const) {
    const { exitCode, out, err } = await type(ledgers, ['ledger', 'run', 'run-99', ...ACME, ...args], env);
    expect(JSON.parse(out)).toEqual({ version: 1, error: errors(err)[0], exitCode });
    expect(out.match(/\n/g)).toHaveLength(1);
  }
});

it('a check that fails amid its answer still prints one object, which says that it is not complete', async () => {
  const ledgers = await (await Ledgers.make()).withDoubts();
  const event = (i: number): string =>
    `{"id":"e${i}","created_at":"2024-03-01T08:00:00Z","user":{"id":"u"},"consents":{}}\n`;
  const file = join(ledgers.home, 'many.jsonl');
  writeFileSync(file, Array.from({ length: 20_000 }, (_, i) => event(i)).join(''));
  const lookup = StoredLedger.prototype.lookup;
  let calls = 0;
  const spy = vi.spyOn(StoredLedger.prototype, 'lookup').mockImplementation(function (this: StoredLedger, keys) {
    calls += 1;
    return calls === 3 ? Promise.reject(new LedgerError('the disk went away')) : lookup.call(this, keys);
  });
  try {
    const { exitCode, out, err } = await type(ledgers, ['ledger', 'check', file, ...ACME, '--json']);
    const answer = JSON.parse(out);
    expect(answer).toMatchObject({ version: 1, complete: false });
    expect(answer.records.length).toBe(answer.counts.unknown);
    expect(exitCode).toBe(10);
    expect(errors(err)).toEqual([{ code: 'ledger', message: expect.stringContaining('the disk went away') }]);
  } finally {
    spy.mockRestore();
  }
});
