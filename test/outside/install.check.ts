import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { event } from '../end-to-end/events.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

let folder: string;
let prefix: string;
let home: string;
let packed: readonly string[];

function run(command: string, args: readonly string[], cwd: string, more: object = {}): SpawnSyncReturns<string> {
  const env = { PATH: process.env['PATH'], HOME: home, ...more };
  return spawnSync(command, args, { cwd, env, encoding: 'utf8' });
}

/** A registry that nobody answers for, and a cache with nothing in it. */
const noNetwork = () => ({
  npm_config_registry: 'http://127.0.0.1:9/',
  npm_config_cache: join(folder, 'empty-cache'),
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_update_notifier: 'false',
});

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-'));
  [prefix, home] = [join(folder, 'prefix'), join(folder, 'home')];
  const to = join(folder, 'packed');
  for (const made of [prefix, home, to]) mkdirSync(made);
  const pack = run('npm', ['pack', '--pack-destination', to], ROOT, noNetwork());
  expect(pack.status, pack.stderr).toBe(0);
  packed = readdirSync(to).map((name) => join(to, name));
  const install = run(
    'npm',
    ['install', '--global', '--offline', '--ignore-scripts', '--prefix', prefix, ...packed],
    folder,
    noNetwork(),
  );
  expect(install.status, install.stderr).toBe(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const installed = (...args: readonly string[]): SpawnSyncReturns<string> =>
  run(join(prefix, 'bin', 'consent-import'), args, folder);

it('packs one file, and installs from it with no network, no cache and no scripts', () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  expect(packed.map((path) => path.replace(/^.*\//, ''))).toEqual([`consent-import-${version}.tgz`]);
  const { status, stdout } = installed('--version');
  expect([status, stdout]).toEqual([0, `${version}\n`]);
});

it('imports once installed, and tells the next command by its own name', () => {
  writeFileSync(join(folder, 'events.jsonl'), `${event(1)}\n{}\n`);
  const { status, stdout, stderr } = installed('import', 'events.jsonl', '--sandbox', '--rejects', 'r.jsonl');
  expect(status, stderr).toBe(1);
  expect(stdout).toContain('  delivered  1\n');
  expect(stdout).toContain(`  consent-import import --sandbox ${join(folder, 'r.jsonl')}\n`);
});

it('brings its man page and its completion', () => {
  const page = join(prefix, 'share', 'man', 'man1', 'consent-import.1');
  expect(existsSync(page)).toBe(true);
  const read = run('man', ['--warnings', '-l', page], folder, { MANWIDTH: '80', LC_ALL: 'C.UTF-8' });
  // Where there is no man, that the page is there must do.
  if (read.error === undefined) {
    expect([read.status, read.stderr]).toEqual([0, '']);
    expect(read.stdout).toContain('consent-import - import consent records');
  }
  expect(installed('completion', 'bash').stdout).toContain('complete -F _consent_import consent-import');
});

it('brings nothing that it does not need', () => {
  const modules = join(prefix, 'lib', 'node_modules', 'consent-import');
  for (const name of ['typescript', 'vitest', '@biomejs'])
    expect(existsSync(join(modules, 'node_modules', name))).toBe(false);
  for (const name of ['src', 'test', '.ci']) expect(existsSync(join(modules, name))).toBe(false);
  expect(existsSync(join(modules, 'node_modules', 'classic-level', 'prebuilds'))).toBe(true);
});

it('brings every package that it may need, also that of s3:// addresses', () => {
  const told = readFileSync(join(ROOT, 'package.json'), 'utf8');
  const {
    dependencies,
    optionalDependencies = {},
    bundleDependencies,
  } = JSON.parse(told) as {
    readonly dependencies: object;
    readonly optionalDependencies?: object;
    readonly bundleDependencies: readonly string[];
  };
  const names = [...Object.keys(dependencies), ...Object.keys(optionalDependencies)].sort();
  expect([...bundleDependencies].sort()).toEqual(names);
  const modules = join(prefix, 'lib', 'node_modules', 'consent-import', 'node_modules');
  expect(names.filter((name) => !existsSync(join(modules, name, 'package.json')))).toEqual([]);
  // Asks the address, which is not there, and not for the package.
  const env = {
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 's',
    AWS_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  };
  const { stderr } = run(
    join(prefix, 'bin', 'consent-import'),
    ['validate', 's3://bucket/key.jsonl', '--target', 'didomi'],
    folder,
    env,
  );
  expect(stderr).toMatch(/error\[input_/);
  expect(stderr).not.toContain('s3_missing');
});
