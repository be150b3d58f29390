import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { hashBytes64 } from '../../../src/core/siphash.js';
import { ACME, Ledgers, NAMED } from '../ledger/verbs.js';
import { recordedContext } from '../recorded-context.js';

const EVENT = '{"id":"e1","created_at":"2024-03-01T08:00:00Z","user":{"id":"u"},"consents":{}}';
const CREDENTIALS = { DIDOMI_API_KEY: 'k', DIDOMI_API_SECRET: 's' };

/** A ledger of a published address, into which run `run-1` delivered the event of `e.jsonl`. */
async function delivered(): Promise<Ledgers> {
  const ledgers = await Ledgers.make();
  const file = join(ledgers.home, 'e.jsonl');
  writeFileSync(file, `${EVENT}\n`);
  await ledgers.use(async (ledger) => {
    const words = new Uint32Array(2);
    hashBytes64(ledger.secret, new TextEncoder().encode(EVENT), 0, EVENT.length, words, 0);
    const entry = { key: ledger.hashOf('e1'), fingerprint: [words[0]!, words[1]!] as const, time: 0 };
    await ledger.recordDelivered([{ ...entry, origin: { file, line: 1 } }]);
  });
  return ledgers;
}

/** Types `undo` at a terminal. Every answer to a question is this one. */
async function undo(ledgers: Ledgers, more: readonly string[], answer: string | undefined) {
  const env = { HOME: ledgers.home, NO_COLOR: '1', ...CREDENTIALS };
  const context = recordedContext({ cwd: ledgers.home, env, terminal: true, answer });
  const args = ['undo', join(ledgers.home, 'e.jsonl'), '--run', 'run-1', ...ACME, ...more];
  const runners = { import: async () => async () => 99, validate: async () => async () => 99 };
  const exitCode = await runProgram(args, context, runners);
  return { exitCode, out: context.out(), err: context.err() };
}

describe('undo at a terminal', () => {
  it('asks before anything is deleted, naming what, where, of which run, and what is not undone', async () => {
    const ledgers = await delivered();
    for (const answer of ['n', '', undefined]) {
      const { exitCode, out, err } = await undo(ledgers, [], answer);
      expect([exitCode, out]).toEqual([2, '']);
      expect(err).toContain(
        `Delete 1 event of 1 file, created by run run-1, at ${NAMED}?\n` +
          `What integrations did with these events is not undone. Ledger: ${ledgers.folder}. Go on? [y/N] `,
      );
      expect(err).toContain('error[not_confirmed]: not confirmed; nothing was deleted.\n');
    }
    await ledgers.use(async (ledger) => {
      expect(await ledger.show('e1')).toMatchObject({ state: 'delivered', run: 'run-1' });
      expect(await ledger.operator.audit()).toEqual([]);
    });
  });

  it('does not ask where there is nothing to delete, nor for a dry run', async () => {
    const ledgers = await delivered();
    const dry = await undo(ledgers, ['--dry-run'], 'never read');
    expect([dry.exitCode, dry.err.includes('Go on?')]).toEqual([0, false]);
    writeFileSync(join(ledgers.home, 'e.jsonl'), '');
    const nothing = await undo(ledgers, [], 'never read');
    expect([nothing.exitCode, nothing.err.includes('Go on?')]).toEqual([0, false]);
    expect(nothing.out).toContain(
      'There is nothing to undo: as far as the ledger knows, run run-1 created none of these events.\n',
    );
  });

  it('is wrong usage where --no-input forbids to ask, or an input can be read only once', async () => {
    const ledgers = await delivered();
    const silent = await undo(ledgers, ['--no-input'], 'y');
    expect(silent.exitCode).toBe(2);
    expect(silent.err).toContain(
      'error[confirmation_needed]: undo deletes events: it must be confirmed, and --no-input forbids to ask. Confirm it with --yes; nothing was deleted.\n',
    );
  });
});
