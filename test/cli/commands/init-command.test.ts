import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/cli/program.js';
import { resolveSettings } from '../../../src/cli/settings/resolve.js';
import { type ContextChanges, type RecordedContext, recordedContext } from '../recorded-context.js';

let cwd: string;
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'init-'));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

async function init(
  args: readonly string[],
  changes: ContextChanges = {},
): Promise<{ readonly exitCode: number; readonly context: RecordedContext }> {
  const context = recordedContext({ cwd, ...changes, env: { NO_COLOR: '1', ...changes.env } });
  const never = async (): Promise<never> => {
    throw new Error('init runs nothing');
  };
  return { exitCode: await runProgram(['init', ...args], context, { import: never, validate: never }), context };
}

const FILE = 'consent-import.config.json';
const written = (name = FILE): unknown => JSON.parse(readFileSync(join(cwd, name), 'utf8'));

describe('at a terminal, init', () => {
  it('asks what it must know, again until an answer can be used, and writes what import then reads', async () => {
    const answers = ['didmoi', 'didomi', '', 'two words', 'acme', '', './ledgers'];
    const { exitCode, context } = await init([], { terminal: true, answers });
    expect(exitCode).toBe(0);
    expect(context.err()).toBe(
      [
        'Which platform are the events for, didomi or onetrust?   Please give didomi or onetrust (did you mean didomi?).\n',
        'Which platform are the events for, didomi or onetrust? ',
        'Which Didomi organization do they belong to (its id)?   Please give a value without white space.\n',
        'Which Didomi organization do they belong to (its id)?   Please give a value without white space.\n',
        'Which Didomi organization do they belong to (its id)? ',
        "Keep them from the organization's integrations (mail tools, CRM), yes or no? [no] ",
        'Where is it remembered what was delivered (a folder that stays)? [the usual place] ',
      ].join(''),
    );
    expect(written()).toEqual({ target: 'didomi', organizationId: 'acme', ledger: './ledgers' });
    expect(context.out()).toContain(`Written to ${join(cwd, FILE)}:\n{\n  "target": "didomi",\n`);
    expect(context.out()).toContain('DIDOMI_API_KEY and DIDOMI_API_SECRET), never into this file');
    const { settings, problems } = resolveSettings('import', new Map(), { env: {}, cwd });
    expect(problems).toEqual([]);
    expect(settings).toMatchObject({ target: 'didomi', organizationId: 'acme', ledger: join(cwd, 'ledgers') });
    expect(statSync(join(cwd, FILE)).mode & 0o777).toBe(0o644);
  });

  it('asks only what matters for the platform, and what no flag answers', async () => {
    const { context } = await init(['--target', 'onetrust'], { terminal: true, answers: [''] });
    expect(context.err()).toBe('Where is it remembered what was delivered (a folder that stays)? [the usual place] ');
    expect(written()).toEqual({ target: 'onetrust' });
    expect(context.out()).toContain('ONETRUST_COLLECTION_POINT_TOKEN');
  });

  it('asks before it replaces a file, and keeps it unless the answer is yes', async () => {
    writeFileSync(join(cwd, FILE), '{"target":"onetrust"}');
    const no = await init([], { terminal: true, answers: ['didomi', 'acme', 'yes', '', 'n'] });
    expect(no.exitCode).toBe(2);
    expect(no.context.err()).toContain(
      `error[config_exists]: ${join(cwd, FILE)} exists already. Replace it with --yes`,
    );
    expect(written()).toEqual({ target: 'onetrust' });
    const yes = await init([], { terminal: true, answers: ['didomi', 'acme', 'yes', '', 'y'] });
    expect([yes.exitCode, written()]).toEqual([
      0,
      { target: 'didomi', organizationId: 'acme', disableIntegrations: true },
    ]);
  });

  it('writes nothing when the input ends before the last answer', async () => {
    const { exitCode, context } = await init([], { terminal: true, answers: ['didomi'] });
    expect([exitCode, context.out(), existsSync(join(cwd, FILE))]).toEqual([2, '', false]);
    expect(context.err()).toContain(
      'error[not_finished]: the questions were not answered to the end; nothing was written.\n',
    );
  });
});

describe('without a terminal, init', () => {
  it.each([
    [[], {}, 'init has to know --target, and there is no terminal to ask on.'],
    [['--no-input'], { terminal: true }, 'init has to know --target, and --no-input forbids to ask.'],
    [
      ['--target', 'didomi'],
      { terminal: true, env: { CONSENT_IMPORT_NO_INPUT: '1' } },
      'init has to know --organization-id, and --no-input forbids to ask.',
    ],
  ] as const)('%j exits 2 and says what to do', async (args, changes, expected) => {
    const { exitCode, context } = await init(args, changes);
    expect([exitCode, context.out(), existsSync(join(cwd, FILE))]).toEqual([2, '', false]);
    expect(context.err()).toBe(
      `error[answers_missing]: ${expected} Give it as a flag, such as init --target didomi --organization-id acme; nothing was written.\n`,
    );
  });

  it('writes the file when the flags answer everything, and replaces one with --yes only', async () => {
    const args = ['--target', 'didomi', '--organization-id', 'acme', '--disable-integrations'];
    expect((await init(args)).exitCode).toBe(0);
    expect(written()).toEqual({ target: 'didomi', organizationId: 'acme', disableIntegrations: true });
    expect((await init(args)).exitCode).toBe(2);
    expect((await init([...args, '--yes'])).exitCode).toBe(0);
  });

  it('names the file that it wrote in the next command, and lets paths count from it', async () => {
    mkdirSync(join(cwd, 'sub'));
    const args = ['--target', 'onetrust', '--ledger', 'led', '--file', 'sub/own.json'];
    const { exitCode, context } = await init(args);
    expect([exitCode, written('sub/own.json')]).toEqual([0, { target: 'onetrust', ledger: join(cwd, 'led') }]);
    expect(context.out()).toContain(`events.jsonl.gz --dry-run --config ${join(cwd, 'sub/own.json')}\n`);
  });

  it.each([
    [
      ['--target', 'onetrsut'],
      'error[bad_answer]: --target is "onetrsut": expected didomi or onetrust (did you mean onetrust?).\n',
    ],
    [
      ['--target', 'onetrust', '--file', 'no/such/dir.json'],
      /^error\[config_not_written\]: .*dir\.json: can't write there \(ENOENT\)\. Check the folder and its permissions\.\n$/,
    ],
  ] as const)('%j exits 2', async (args, expected) => {
    const { exitCode, context } = await init(args);
    expect([exitCode, context.out()]).toEqual([2, '']);
    if (typeof expected === 'string') expect(context.err()).toBe(expected);
    else expect(context.err()).toMatch(expected);
  });
});
