import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/table.js';
import { runProgram } from '../../src/cli/program.js';
import type { Runner, Runners } from '../../src/cli/runners.js';
import { OPTIONS, optionsOf } from '../../src/cli/settings/options.js';
import type { PreparedImport, PreparedValidate } from '../../src/cli/settings/prepared.js';
import { UsageError } from '../../src/cli/usage-error.js';
import { type ContextChanges, type RecordedContext, recordedContext } from './recorded-context.js';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'program-'));
});

afterEach(() => rmSync(cwd, { recursive: true, force: true }));

interface Ran {
  readonly exitCode: number;
  readonly context: RecordedContext;
  readonly prepared: (PreparedImport | PreparedValidate)[];
}

async function run(
  args: readonly string[],
  changes: ContextChanges = {},
  runner: Runner<PreparedImport | PreparedValidate> = async () => 0,
): Promise<Ran> {
  const context = recordedContext({ cwd, ...changes, env: { HOME: cwd, ...changes.env } });
  const prepared: (PreparedImport | PreparedValidate)[] = [];
  const record: Runner<PreparedImport | PreparedValidate> = (what, ...rest) => {
    prepared.push(what);
    return runner(what, ...rest);
  };
  const runners: Runners = { import: async () => record, validate: async () => record };
  return { exitCode: await runProgram(args, context, runners), context, prepared };
}

describe('help', () => {
  it('fits a screen, begins with what the program does and two examples, and lists every command', async () => {
    const { exitCode, context } = await run(['--help'], { terminal: true });
    expect([exitCode, context.err()]).toEqual([0, '']);
    const lines = context.out().split('\n');
    expect(lines.length).toBeLessThanOrEqual(24);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(context.out()).toMatch(/^Usage: consent-import <command> \[options\]\n\nImport consent records/);
    expect(context.out().match(/^ {2}consent-import import /gm)).toHaveLength(2);
    for (const { name } of COMMANDS) {
      expect(context.out()).toMatch(new RegExp(`^  ${name} `, 'm'));
    }
  });

  it.each(['import', 'validate', 'verify', 'undo', 'sandbox'] as const)(
    'of %s tells every option of the table, and no other',
    async (command) => {
      const { exitCode, context } = await run([command, '--help']);
      expect([exitCode, context.err()]).toEqual([0, '']);
      const told = [...context.out().matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map((match) => match[1]);
      const spec = COMMANDS.find(({ name }) => name === command);
      const flags = spec !== undefined && 'flags' in spec ? (spec.flags ?? []) : [];
      const known = [...optionsOf(command), ...flags].map((option) => option.name);
      expect([...new Set(told)].sort()).toEqual([...known, 'help'].sort());
    },
  );

  it('of sandbox explains fault scripts', async () => {
    expect((await run(['sandbox', '--help'])).context.out()).toContain('Fault scripts');
    expect((await run(['help', 'sandbox'])).context.out()).toContain('Fault scripts');
  });

  it('says the default of every option that has one', async () => {
    const text = (await run(['import', '--help'])).context.out().replaceAll(/\s+/g, ' ');
    for (const option of OPTIONS) {
      if ('default' in option && (option.commands as readonly string[]).includes('import')) {
        expect(text).toContain(`${option.help} [${option.default}]`);
      }
    }
  });
});

it('prints its version', async () => {
  const { exitCode, context } = await run(['--version']);
  expect([exitCode, context.out()]).toEqual([0, '1.2.3\n']);
});

describe('wrong usage', () => {
  it.each([
    [
      ['imprt', 'a'],
      "error[unknown_command]: unknown command 'imprt'. Did you mean 'import'? See consent-import --help\n",
    ],
    [
      ['import', 'a', '--ordr', 'x'],
      "error[unknown_option]: unknown option '--ordr'. Did you mean '--order'? See consent-import import --help\n",
    ],
    [
      ['import', 'a', '--secret=hush-hush'],
      "error[unknown_option]: unknown option '--secret'. See consent-import import --help\n",
    ],
    [
      ['import', 'a', '--limits=hush-hush'],
      "error[unknown_option]: unknown option '--limits'. Did you mean '--limit'? See consent-import import --help\n",
    ],
    [['import'], "error[missing_argument]: missing required argument 'input'. See consent-import import --help\n"],
    [
      ['import', 'a', '--timeout'],
      "error[option_missing_argument]: option '--timeout <time>' argument missing. See consent-import import --help\n",
    ],
    [
      ['schema', 'a', 'b'],
      "error[excess_arguments]: too many arguments for 'schema'. Expected 1 argument but got 2. See consent-import schema --help\n",
    ],
    [
      ['schema', 'nix'],
      'error[unknown_schema]: there is no schema "nix". There are: didomi, onetrust, config, summary.\n',
    ],
    [
      ['validate', 'a', '--concurrency', '3', '--target', 'didomi'],
      /^error\[unknown_option\]: unknown option '--concurrency'/,
    ],
    [['import', 'a', '--everything', 'x.html'], /^error\[unknown_option\]: unknown option '--everything'/],
    [['sandbox', '--port', '99999'], 'error[bad_value]: --port is "99999": expected a whole number from 0 to 65535.\n'],
  ])('%j exits 2 and says what is wrong', async (args, expected) => {
    const { exitCode, context, prepared } = await run(args);
    expect([exitCode, context.out(), prepared]).toEqual([2, '', []]);
    if (typeof expected === 'string') {
      expect(context.err()).toBe(expected);
    } else {
      expect(context.err()).toMatch(expected);
    }
  });

  it('without any argument shows the help on stderr', async () => {
    const { exitCode, context } = await run([]);
    expect([exitCode, context.out()]).toEqual([2, '']);
    expect(context.err()).toMatch(/^Usage: .*\nerror\[no_command\]: say what to do. See consent-import --help\n$/s);
  });

  it('still gives the summary that --json and --summary-file promise', async () => {
    const { exitCode, context } = await run([
      'import',
      'a',
      '--json',
      '--summary-file',
      's.json',
      '--target',
      'didomi',
    ]);
    expect(exitCode).toBe(2);
    const summary = JSON.parse(context.out()) as Record<string, unknown>;
    expect(summary).toMatchObject({ command: 'import', exitCode: 2, reason: 'usage', complete: false, files: [] });
    expect(readFileSync(join(cwd, 's.json'), 'utf8')).toBe(context.out());
    expect(context.err()).toMatch(/^error\[missing_option\].*\nerror\[credentials_missing\].*\n$/);
  });

  it('found by a runner ends the same way', async () => {
    const { exitCode, context } = await run(['import', 'a', '--sandbox', '--json'], {}, async () => {
      throw new UsageError([{ code: 'some_code', text: 'Not so.' }]);
    });
    expect([exitCode, context.err()]).toEqual([2, 'error[some_code]: Not so.\n']);
    expect(JSON.parse(context.out())).toMatchObject({ reason: 'usage' });
  });
});

describe('a command', () => {
  it('gets its inputs, its settings and the reporter, and gives the exit code', async () => {
    const args = ['import', 'a.jsonl', '-', '--sandbox', '--batch-size', '7', '--no-color', '--no-skip', '-n'];
    const { exitCode, prepared, context } = await run(args, {}, async (_prepared, _context, reporter) => {
      reporter.info('said');
      return 8;
    });
    expect([exitCode, context.err()]).toEqual([8, 'said\n']);
    expect(prepared[0]).toMatchObject({
      command: 'import',
      inputs: ['a.jsonl', '-'],
      settings: { batchSize: 7, noColor: true, noSkip: true, noProgress: false, dryRun: true },
    });
  });

  it('takes the last of several values', async () => {
    const { prepared } = await run(['validate', 'a', '--target', 'x', '--target=didomi']);
    expect(prepared[0]?.settings.target).toBe('didomi');
  });

  it('tells every setting with its source on --debug, and never a secret', async () => {
    writeFileSync(join(cwd, 'c.json'), '{"key":"hush-key","secret":"hush-secret"}', { mode: 0o600 });
    const args = [
      'import',
      'a',
      '--debug',
      '--target',
      'didomi',
      '--organization-id',
      'o',
      '--credentials-file',
      'c.json',
    ];
    const { exitCode, context } = await run(args, { env: { DIDOMI_API_KEY: 'hush-env' } });
    expect(exitCode).toBe(0);
    expect(context.err()).toContain('debug: batchSize = 100 (default)\n');
    expect(context.err()).toContain('debug: target = didomi (--target)\n');
    expect(context.err()).not.toContain('hush');
  });

  it('warns of what the environment holds in vain, but not with --quiet when all went well', async () => {
    const env = { CONSENT_IMPORT_LIMITS: '1' };
    const warning = /^warning\[unknown_variable\]: the environment has CONSENT_IMPORT_LIMITS, /;
    expect((await run(['import', 'a', '--sandbox'], { env })).context.err()).toMatch(warning);
    expect((await run(['import', 'a', '--sandbox', '--quiet'], { env })).context.err()).toBe('');
    const failed = await run(['import', 'a', '--sandbox', '--quiet'], { env }, async () => 1);
    expect(failed.context.err()).toMatch(warning);
  });

  it('passes an unexpected error on', async () => {
    const boom = new Error('boom');
    await expect(
      run(['import', 'a', '--sandbox'], {}, async () => {
        throw boom;
      }),
    ).rejects.toBe(boom);
  });
});

describe('schema', () => {
  it.each(['didomi', 'onetrust', 'config'])('prints that of %s', async (name) => {
    const { exitCode, context } = await run(['schema', name]);
    expect([exitCode, context.err()]).toEqual([0, '']);
    expect(JSON.parse(context.out())).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  });
});
