import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/table.js';
import { runProgram } from '../../src/cli/program.js';
import type { Runner, Runners } from '../../src/cli/runners.js';
import { optionsOf } from '../../src/cli/settings/options.js';
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
  const help = async (args: readonly string[], columns = 80): Promise<string> => {
    const { exitCode, context } = await run(args, { terminal: true, columns });
    expect([exitCode, context.err()]).toEqual([0, '']);
    return context.out();
  };

  it('fits a screen, begins with what the program does and two examples, and lists every command', async () => {
    const text = await help(['--help']);
    expectScreen(text);
    expect(text).toMatch(
      /^Import consent records [^\n]+\n[^\n]+\n\n {2}consent-import import [^\n]+\n {2}consent-import import [^\n]+\n\nUsage: consent-import <command> \[options\]\n/,
    );
    for (const { name } of COMMANDS) expect(text).toMatch(new RegExp(`^  ${name} `, 'm'));
    for (const same of [['-h'], ['help'], ['help', '--help']]) expect(await help(same)).toBe(text);
  });

  it.each(['import', 'validate'] as const)(
    'of %s fits a screen, begins with what it does and examples, and names every option, in groups',
    async (command) => {
      const text = await help([command, '--help']);
      expectScreen(text);
      expect(text).toMatch(new RegExp(`^[A-Z][^\\n]+\\.\\n  consent-import ${command} `));
      for (const { name } of optionsOf(command)) expect(text).toMatch(new RegExp(`--${name}(?![\\w-])`));
      expect(text).toMatch(/^Destination: --target/m);
      expect(text).toContain(`What each does: consent-import help ${command}\n`);
      for (const same of [
        [command, '-h'],
        [command, 'a.jsonl', '--help'],
      ]) {
        expect(await help(same)).toBe(text);
      }
    },
  );

  it.each(['import', 'validate', 'sandbox'] as const)(
    'asked for by name tells all about %s: every option, and no other, with its meaning and default',
    async (command) => {
      const text = await help(['help', command]);
      const told = [...text.matchAll(/^ {2}(?:-\w, )?--([a-z-]+)/gm)].map((match) => match[1]);
      expect([...new Set(told)].sort()).toEqual([...optionsOf(command).map((option) => option.name), 'help'].sort());
      const flat = text.replaceAll(/\s+/g, ' ');
      for (const { help: meaning, default: value } of optionsOf(command)) {
        expect(flat).toContain(meaning);
        if (value !== undefined) expect(flat).toContain(`[${value}]`);
      }
    },
  );

  it('tells a short command whole, also with --help', async () => {
    expect(await help(['schema', '--help'])).toBe(await help(['help', 'schema']));
    expect(await help(['ledger', 'show', '--help'])).toBe(await help(['help', 'ledger', 'show']));
    expect(await help(['ledger', 'help', 'show'])).toBe(await help(['help', 'ledger', 'show']));
    expect(await help(['ledger', 'show', 'x', '--help'])).toBe(await help(['help', 'ledger', 'show']));
    expect(await help(['ledger', 'help'])).toBe(await help(['ledger', '--help']));
  });

  it.each([[['--help']], [['import', '--help']], [['help', 'import']]])('fits 40 columns: %j', async (args) => {
    const lines = (await help(args, 40)).split('\n');
    // Commands that are to be copied are not broken, nor is a long word.
    const prose = lines.filter((line) => !/^( {2}|Usage: )consent-import|^ *\S+$/.test(line));
    expect(prose.filter((line) => line.length > 40)).toEqual([]);
  });

  it('of sandbox explains fault scripts', async () => {
    expect(await help(['sandbox', '--help'])).toContain('Fault scripts');
    expect(await help(['help', 'sandbox'])).toContain('Fault scripts');
  });

  it('of what is not there exits 2, with what was probably meant', async () => {
    for (const [args, expected] of [
      [['help', 'imprt'], "unknown command 'imprt'. Did you mean 'import'? See consent-import --help"],
      [['help', 'ledger', 'sow'], "unknown command 'sow'. Did you mean 'show'? See consent-import ledger --help"],
      [['ledger', 'help', 'sow'], "unknown command 'sow'. Did you mean 'show'? See consent-import ledger --help"],
    ] as const) {
      const { exitCode, context } = await run(args);
      expect([exitCode, context.out(), context.err()]).toEqual([2, '', `error[unknown_command]: ${expected}\n`]);
    }
  });

  it('is not what a value that looks like it asks for', async () => {
    const { exitCode, context } = await run(['import', 'a', '--sandbox', '--rejects', '--help']);
    expect([exitCode, context.out()]).toEqual([2, '']);
    expect(context.err()).toContain('--rejects is "--help": expected a path (this looks like an option)');
  });
});

/** A screen of 80 columns and 24 lines. */
function expectScreen(text: string): void {
  const lines = text.trimEnd().split('\n');
  expect(lines.length).toBeLessThanOrEqual(24);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
}

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
      ['import', 'a', '--dry'],
      "error[unknown_option]: unknown option '--dry'. Did you mean '--dry-run'? See consent-import import --help\n",
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
      ['schema', 'sumary'],
      'error[unknown_schema]: there is no schema "sumary". There are: didomi, onetrust, config, summary. Did you mean "summary"?\n',
    ],
    [
      ['completion', 'bsh'],
      'error[unknown_shell]: there is no completion for "bsh". There are: bash, zsh, fish. Did you mean "bash"?\n',
    ],
    [
      ['validate', 'a', '--target', 'onetrsut'],
      'error[bad_value]: --target is "onetrsut": expected didomi or onetrust (did you mean onetrust?).\n',
    ],
    [
      ['validate', 'a', '--concurrency', '3', '--target', 'didomi'],
      /^error\[unknown_option\]: unknown option '--concurrency'/,
    ],
    [
      ['import', 'a', '--reprot', 'x.html'],
      /^error\[unknown_option\]: unknown option '--reprot'\. Did you mean '--report'\?/,
    ],
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
    expect(context.err()).toMatch(
      /^Import consent records .*\nerror\[no_command\]: say what to do. See consent-import --help\n$/s,
    );
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
