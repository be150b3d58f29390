import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { events } from './end-to-end/events.js';
import { handMadeServer } from './end-to-end/hand-made-server.js';
import { sandbox } from './end-to-end/harness.js';
import { codeBlocks } from './readme/page.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(join(ROOT, 'README.md'), 'utf8');
const HAS_SYSTEMD = spawnSync('systemd-analyze', ['--version']).status === 0;

function example(info: string): string {
  const [block, ...more] = codeBlocks(page).filter((one) => one.info === info);
  expect(more).toEqual([]);
  return block!.text;
}

/** A machine with the program installed, and files to import in `exports` and at what the examples call /srv/consents. */
class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), 'consent-import-unattended-'));

  constructor() {
    mkdirSync(join(this.folder, 'bin'));
    symlinkSync(join(ROOT, 'bin', 'consent-import.js'), join(this.folder, 'bin', 'consent-import'));
    for (const folder of ['exports', 'srv/consents']) this.write(`${folder}/a.jsonl`, `${events(3).join('\n')}\n`);
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
  }

  write(name: string, text: string, mode = 0o600): void {
    mkdirSync(dirname(join(this.folder, name)), { recursive: true });
    writeFileSync(join(this.folder, name), text, { mode });
  }

  /** Paths of the examples, below this machine's folder. */
  own(text: string): string {
    return text.replaceAll(/(?<![\w.])\/(etc|srv|var)\//g, `${this.folder}/$1/`);
  }

  start(shell: string, script: string, env: Readonly<Record<string, string>>): ChildProcess {
    const path = `${join(this.folder, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`;
    return spawn(shell, ['-e', '-c', script], { cwd: this.folder, env: { PATH: path, ...env }, stdio: 'pipe' });
  }

  async run(shell: string, script: string, env: Readonly<Record<string, string>> = {}) {
    return ended(this.start(shell, script, env));
  }
}

async function ended(child: ChildProcess): Promise<{ exitCode: number | null; printed: string }> {
  let printed = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (data) => (printed += String(data)));
  const exitCode = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { exitCode, printed };
}

const DIDOMI = { DIDOMI_API_KEY: 'key', DIDOMI_API_SECRET: 'secret' };

describe("README's crontab line", () => {
  it('imports in silence, with the config file beside it, and a second time too', async () => {
    const server = await sandbox();
    const machine = new Machine();
    const config = JSON.parse(example('json config')) as Record<string, string>;
    mkdirSync(join(machine.folder, 'var/lib/consent-import'), { recursive: true });
    machine.write('etc/consent-import.json', machine.own(JSON.stringify({ ...config, apiUrl: server.url })));
    machine.write('etc/consent-import.credentials.json', '{"key":"key","secret":"secret"}');
    const lines = example('crontab').trim().split('\n');
    const [, command] = /^\S+ \S+ \S+ \S+ \S+ (.*)$/.exec(lines.at(-1)!)!;
    // Files that were made just now are too young for it.
    const job = machine.own(command!).replace('--min-age 5m', '--min-age 0');
    expect(job).not.toBe(machine.own(command!));
    for (const _ of ['first', 'second']) {
      expect(await machine.run('/bin/sh', job)).toEqual({ exitCode: 0, printed: '' });
    }
    expect(server.events()).toHaveLength(3);
    const metrics = readFileSync(join(machine.folder, 'var/lib/consent-import/consent-import.prom'), 'utf8');
    expect(metrics).toMatch(/^consent_import_last_exit_code\{.*\} 0$/m);
  });
});

describe("README's systemd units", () => {
  it.skipIf(!HAS_SYSTEMD)('are found without fault by systemd', () => {
    const machine = new Machine();
    machine.write('consent-import.service', example('ini service'), 0o644);
    machine.write('consent-import.timer', example('ini timer'), 0o644);
    const units = ['consent-import.service', 'consent-import.timer'].map((name) => join(machine.folder, name));
    const { stderr, status } = spawnSync('systemd-analyze', ['verify', ...units], { encoding: 'utf8' });
    expect(stderr.split('\n').filter((line) => line.includes('consent-import'))).toEqual([]);
    expect(status).toBe(0);
  });

  it('start a command that imports', async () => {
    const server = await sandbox();
    const machine = new Machine();
    const [, command] = /^ExecStart=(.*)$/m.exec(example('ini service'))!;
    const config = { target: 'didomi', organizationId: 'acme', apiUrl: server.url, ledger: 'ledger' };
    machine.write('etc/consent-import.json', JSON.stringify(config));
    expect(await machine.run('/bin/sh', machine.own(command!), DIDOMI)).toEqual({ exitCode: 0, printed: '' });
    expect(server.events()).toHaveLength(3);
  });
});

describe("README's step for GitHub", () => {
  const environment = (url: string) => ({
    ...DIDOMI,
    ...{ CONSENT_IMPORT_TARGET: 'didomi', CONSENT_IMPORT_ORGANIZATION_ID: 'acme', CONSENT_IMPORT_LEDGER: 'ledger' },
    ...{ CONSENT_IMPORT_API_URL: url, GITHUB_ACTIONS: 'true', RETRY_AFTER: '0' },
  });
  const script = (): string => {
    const [, run = ''] = /- name: Import\n\s+run: \|\n((?: {10}.*\n)+)/.exec(example('yaml github'))!;
    return run.replaceAll(/^ {10}/gm, '');
  };

  it('imports, with the environment that the job sets', async () => {
    const server = await sandbox();
    const machine = new Machine();
    const set = Object.keys(environment('')).filter((name) => !/API_URL|GITHUB|RETRY/.test(name));
    for (const name of set) expect(example('yaml github')).toContain(`      ${name}: `);
    expect(await machine.run('bash', script(), environment(server.url))).toMatchObject({ exitCode: 0 });
    expect(server.events()).toHaveLength(3);
  });

  it('tries three times where the platform is unavailable, and once where events are rejected', async () => {
    const machine = new Machine();
    const gone = await handMadeServer({
      events: () => undefined,
      sessions: (_, response) => response.writeHead(404).end(),
    });
    const unavailable = await machine.run('bash', script(), environment(gone.url));
    expect(unavailable.exitCode).toBe(5);
    expect(gone.sessions).toHaveLength(3);
    const server = await sandbox();
    machine.write('exports/b.jsonl', 'broken\n');
    const rejected = await machine.run('bash', script(), environment(server.url));
    expect(rejected.exitCode).toBe(1);
    expect(server.stats().requests.byRoute.sessions).toBe(1);
  });

  it('hands a cancel on, and waits until what is in flight is finished', async () => {
    const server = await handMadeServer({ events: () => undefined });
    const machine = new Machine();
    const step = machine.start('bash', script(), { ...environment(server.url), CONSENT_IMPORT_DRAIN_TIME: '1ms' });
    const end = ended(step);
    while (server.events.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    step.kill('SIGINT');
    const { exitCode, printed } = await end;
    expect(exitCode).toBe(143);
    expect(printed).toContain('SIGTERM: taking nothing new, finishing 1 request in flight, for at most 1ms.');
    expect(printed).toContain('undelivered  3');
  });
});

describe("README's job for GitLab", () => {
  const part = (name: string): string => {
    const [, lines = ''] = new RegExp(`^  ${name}:\\n((?:    - .*\\n)+)`, 'm').exec(example('yaml gitlab'))!;
    return lines.replaceAll(/^ {4}- /gm, '').replaceAll(/^'(.*)'$/gm, '$1');
  };

  it('restores the ledger before the import, saves it after it, and so sends nothing twice', async () => {
    const server = await sandbox();
    let stored: Buffer | undefined;
    const registry = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      expect(request.headers['job-token']).toBe('the-token');
      if (request.method === 'PUT') stored = Buffer.concat(chunks);
      response.writeHead(request.method === 'GET' && stored === undefined ? 404 : 200).end(stored);
    });
    await new Promise<void>((resolve) => registry.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void registry.close());
    const env = {
      ...DIDOMI,
      ...{ CONSENT_IMPORT_TARGET: 'didomi', CONSENT_IMPORT_ORGANIZATION_ID: 'acme', CONSENT_IMPORT_LEDGER: 'ledger' },
      ...{ CONSENT_IMPORT_API_URL: server.url, CI_JOB_TOKEN: 'the-token' },
      LEDGER_URL: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/acme.ledger`,
    };
    const before = part('before_script').replace(/^npm install.*\n/, '');
    for (const delivered of [3, 0]) {
      const machine = new Machine();
      const ran = await machine.run('bash', `${before}\n${part('script')}`, env);
      expect(ran.exitCode, ran.printed).toBe(0);
      expect((await machine.run('bash', part('after_script'), env)).exitCode).toBe(0);
      const summary = JSON.parse(readFileSync(join(machine.folder, 'summary.json'), 'utf8')) as {
        readonly events: { readonly delivered: number };
      };
      expect(summary.events.delivered).toBe(delivered);
    }
    expect(server.events()).toHaveLength(3);
  });

  it('does not begin where the ledger could not be fetched', async () => {
    const machine = new Machine();
    const env = { CI_JOB_TOKEN: 'the-token', LEDGER_URL: 'http://127.0.0.1:1/acme.ledger' };
    const before = part('before_script').replace(/^npm install.*\n/, '');
    expect((await machine.run('bash', before, env)).exitCode).not.toBe(0);
  });
});
