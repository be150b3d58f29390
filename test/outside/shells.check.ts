import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/commands/table.js';
import { LEDGER_VERBS } from '../../src/cli/ledger/verbs.js';
import { optionsOf } from '../../src/cli/settings/options.js';

const BINARY = fileURLToPath(new URL('../../bin/consent-import.js', import.meta.url));

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'shells-'));
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { status, stdout } = spawnSync(process.execPath, [BINARY, 'completion', shell], { encoding: 'utf8' });
    expect(status).toBe(0);
    writeFileSync(join(folder, `completion.${shell}`), stdout);
  }
  // Shells complete the arguments of commands that exist.
  const command = join(folder, 'consent-import');
  writeFileSync(command, '#!/bin/sh\n');
  chmodSync(command, 0o755);
  mkdirSync(join(folder, 'work', 'exports'), { recursive: true });
  for (const name of ['events.jsonl.gz', 'with space.jsonl', 'other.txt'])
    writeFileSync(join(folder, 'work', name), '');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function shell(name: string, args: readonly string[]): string {
  const env = { PATH: `${folder}:${process.env['PATH']}`, HOME: folder, TERM: 'dumb', LC_ALL: 'C.UTF-8' };
  const { status, stdout, stderr } = spawnSync(name, args, { cwd: join(folder, 'work'), env, encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
}

/** What bash would offer for a line, with the cursor at its end. */
function inBash(line: string): string[] {
  const words = line.split(/ |(?<==)|(?==)/);
  const script = `
    source ${folder}/completion.bash
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"
    $(complete -p consent-import | sed 's/.*-F \\([^ ]*\\).*/\\1/')
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(shell('bash', ['--norc', '-c', script, 'bash', ...words]));
}

function inFish(line: string): string[] {
  const script = `source ${folder}/completion.fish; complete -C ${JSON.stringify(line)}`;
  return lines(shell('fish', ['--no-config', '-c', script])).map((offer) => offer.split('\t')[0]!);
}

/** zsh completes only at a terminal, so it is given one. */
function inZsh(line: string): string[] {
  const script = `
    zmodload zsh/zpty
    zpty z zsh -f -i
    zpty -w z "PS1=; stty columns 400; autoload -U compinit; compinit -u -D; source ${folder}/completion.zsh"
    zpty -w z "zstyle ':completion:*' list-colors 'no='; zstyle ':completion:*' format ''; zstyle ':completion:*' verbose no; setopt no_always_last_prompt; unsetopt list_types; LISTMAX=1000"
    zpty -w z 'compadd() { if [[ \${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi; local -a found; builtin compadd -O found "$@"; print -rl -- BEGIN "$found[@]" END >> ${folder}/zsh.offers; builtin compadd "$@" }'
    zpty -w z 'print -r READY'
    while zpty -r z text '*READY*READY*'; do break; done
    zpty -n -w z ${JSON.stringify(line)}$'\\t'
    sleep 2
    zpty -d z`;
  rmSync(join(folder, 'zsh.offers'), { force: true });
  shell('zsh', ['-f', '-c', script]);
  const offers = spawnSync('cat', [join(folder, 'zsh.offers')], { encoding: 'utf8' }).stdout;
  return [...new Set(lines(offers).filter((offer) => offer !== 'BEGIN' && offer !== 'END'))];
}

const lines = (text: string): string[] => text.split('\n').filter((line) => line !== '');

describe.each([
  ['bash', inBash],
  ['zsh', inZsh],
  ['fish', inFish],
] as const)('%s', (_, offers) => {
  it('offers every command', () => {
    const found = offers('consent-import ');
    expect(found).toEqual(expect.arrayContaining([...COMMANDS.map(({ name }) => name), 'help']));
  });

  it('offers the one command that begins so', () => {
    expect(offers('consent-import imp').map((word) => word.trim())).toEqual(['import']);
  });

  it('offers the verbs of ledger, and what they take', () => {
    expect(offers('consent-import ledger ')).toEqual(expect.arrayContaining(LEDGER_VERBS.map(({ name }) => name)));
    const found = offers('consent-import ledger resolve --');
    expect(found).toEqual(expect.arrayContaining(['--delivered', '--all', '--target', '--json']));
    expect(found).not.toContain('--concurrency');
  });

  it('offers every option of import, and no other', () => {
    const names = [...optionsOf('import').map(({ name }) => `--${name}`), '--help'];
    const found = offers('consent-import import --').filter((word) => word.startsWith('--'));
    expect([...found].sort()).toEqual(names.sort());
  });

  it('offers the values of an option that has few', () => {
    expect(offers('consent-import import --target ').sort()).toEqual(['didomi', 'onetrust']);
    expect(offers('consent-import import events.jsonl.gz --order st')).toEqual(['strict']);
  });

  it('offers them behind an equals sign too', () => {
    expect(offers('consent-import import --on-conflict=s').map((word) => word.replace(/^.*=/, ''))).toEqual(['skip']);
  });

  it('offers files for inputs and for options that name one, and folders for those that name a folder', () => {
    expect(offers('consent-import import ev')).toEqual(['events.jsonl.gz']);
    expect(offers('consent-import validate wi').map((word) => word.replaceAll('\\', ''))).toEqual(['with space.jsonl']);
    expect(offers('consent-import import --schema ot')).toEqual(['other.txt']);
    expect(offers('consent-import import --ledger ').map((word) => word.replace(/\/$/, ''))).toEqual(['exports']);
  });

  it('offers fault scripts and files, and the words of schema and completion', () => {
    expect(offers('consent-import sandbox --faults fl')).toEqual(['flaky']);
    expect(offers('consent-import sandbox --faults eve')).toEqual(['events.jsonl.gz']);
    expect(offers('consent-import schema ').sort()).toEqual(['config', 'didomi', 'onetrust', 'summary']);
    expect(offers('consent-import completion ').sort()).toEqual(['bash', 'fish', 'zsh']);
    expect(offers('consent-import help val')).toEqual(['validate']);
  });
});
