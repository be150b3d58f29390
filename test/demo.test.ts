import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DEMO = join(ROOT, 'test', 'demo', 'demo.js');

describe('the demo', () => {
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-test-'));
  const home = join(folder, 'home');
  const temporary = join(folder, 'temporary');
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, TMPDIR: temporary };
  let before: readonly string[];
  let ended: { status: number | null; stdout: string; stderr: string };
  let suggested: readonly string[];

  beforeAll(() => {
    mkdirSync(home);
    mkdirSync(temporary);
    before = filesOfCheckout();
    // What the user has set up must not change the demo.
    const settings = { CONSENT_IMPORT_LIMIT: '3', DIDOMI_API_KEY: 'bad' };
    ended = spawnSync(process.execPath, [DEMO], { cwd: ROOT, env: { ...env, ...settings }, encoding: 'utf8' });
    suggested = [...ended.stdout.matchAll(/^ {2}(\S.*)$/gm)]
      .map(([, line]) => line!)
      .filter((line) => /^(node|cat|DIDOMI_API_KEY=)\b/.test(line));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('imports all files and says that every event was delivered', () => {
    expect(ended.status).toBe(0);
    const delivered = [...ended.stdout.matchAll(/^ {2}delivered +([\d,]+)$/gm)].map(([, amount]) => amount);
    expect(delivered).toEqual(['10', '10,000', '1,000']);
    expect(ended.stdout).toContain('\nEvery event was delivered: ');
  });

  it('shows each command as it can be typed, before its output', () => {
    const shown = [...ended.stdout.matchAll(/^\$ (.*)$/gm)].map(([, command]) => command!);
    expect(shown).toHaveLength(3);
    for (const command of shown)
      expect(command).toMatch(/^node bin\/consent-import\.js import fixtures\/\S+ (--target onetrust )?--sandbox/);
  });

  it('leaves nothing in the checkout and nothing in the home folder', () => {
    expect(filesOfCheckout()).toEqual(before);
    expect(readdirSync(home)).toEqual([]);
    expect(readdirSync(temporary)).toHaveLength(1);
  });

  it('suggests commands that do what it says, as they stand', async () => {
    const [again, broken, look, sandbox, into] = suggested;
    expect(suggested).toHaveLength(5);
    expect((await type(again!)).printed).toMatch(/delivered +0\n +duplicate +10 /);
    const rejected = await type(broken!);
    expect(rejected.exitCode).toBe(1);
    expect(rejected.printed).toContain('Finished, but 21 events were rejected.');
    expect((await type(look!)).printed.trim().split('\n')).toHaveLength(21);

    const port = await freePort();
    const running = await listening(sandbox!.replace('8642', port));
    try {
      const faulty = await type(into!.replace('8642', port));
      expect(faulty.exitCode).toBe(0);
      expect(faulty.printed).toMatch(/delivered +10,000\n[\s\S]* retried/);
    } finally {
      const closed = once(running, 'exit');
      running.kill('SIGTERM');
      await closed;
    }
    expect(filesOfCheckout()).toEqual(before);
    expect(readdirSync(home)).toEqual([]);
  });

  it('ends with exit code 1 and says why when an import does not deliver everything', () => {
    const crippled = join(folder, 'crippled');
    for (const part of ['bin', 'dist/cli', 'test/demo']) mkdirSync(join(crippled, part), { recursive: true });
    writeFileSync(join(crippled, 'test/demo/demo.js'), readFileSync(DEMO));
    writeFileSync(join(crippled, 'package.json'), '{"type":"module"}');
    const run = (): { status: number | null; stderr: string } =>
      spawnSync(process.execPath, [join(crippled, 'test/demo/demo.js')], { env, encoding: 'utf8' });

    expect(run()).toMatchObject({
      status: 1,
      stderr: '\nThe demo failed: the program is not built. Run: npm run build\n',
    });
    writeFileSync(join(crippled, 'dist/cli/main.js'), '');
    writeFileSync(join(crippled, 'bin/consent-import.js'), 'process.exitCode = 10;');
    expect(run()).toMatchObject({
      status: 1,
      stderr: '\nThe demo failed: the import of fixtures/didomi-ten.jsonl.gz ended with exit code 10.\n',
    });
    const summary = JSON.stringify({ events: { read: 10, delivered: 9 } });
    writeFileSync(
      join(crippled, 'bin/consent-import.js'),
      `import { writeFileSync } from 'node:fs';\nwriteFileSync(process.env.CONSENT_IMPORT_SUMMARY_FILE, '${summary}');`,
    );
    expect(run()).toMatchObject({
      status: 1,
      stderr:
        '\nThe demo failed: fixtures/didomi-ten.jsonl.gz holds 10 events, but 10 events were read and 9 delivered.\n',
    });
  });

  async function type(command: string): Promise<{ printed: string; exitCode: number }> {
    const options = { cwd: ROOT, env, encoding: 'utf8' } as const;
    return promisify(execFile)('/bin/sh', ['-c', command], options).then(
      ({ stdout }) => ({ printed: stdout, exitCode: 0 }),
      (error: { stdout: string; code: number }) => ({ printed: error.stdout, exitCode: error.code }),
    );
  }

  async function listening(command: string): Promise<ChildProcess> {
    const child = spawn('/bin/sh', ['-c', `exec ${command}`], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const piece of child.stdout) if (String(piece).includes('listens at')) break;
    return child;
  }
});

/** The places of the checkout in which a program that is run there might leave something. */
function filesOfCheckout(): readonly string[] {
  const inside = ['bin', 'fixtures'].flatMap((name) => readdirSync(join(ROOT, name)).map((file) => join(name, file)));
  // vitest puts a copy of its settings there while it starts.
  return [...readdirSync(ROOT), ...inside].filter((file) => !file.includes('.timestamp-')).sort();
}

async function freePort(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return String(address.port);
}
