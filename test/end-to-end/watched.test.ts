import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LOG_EVENTS } from '../../src/cli/output/log-event.js';
import { METRICS } from '../../src/cli/output/metrics-text.js';
import { createAuthority } from '../fakes/certificates.js';
import { connectProxy } from '../fakes/connect-proxy.js';
import { event, events } from './events.js';
import { handMadeServer, json, takesAll } from './hand-made-server.js';
import { ORGANIZATION, Place, sandbox, until } from './harness.js';
import { tlsFront } from './tls-front.js';

/** What is called, in order. Closed after the test. */
async function pinged(status = 200): Promise<{ readonly url: string; readonly calls: string[] }> {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(`${request.method} ${request.url}`);
    response.writeHead(status).end('OK');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/uuid`, calls };
}

function importing(url: string, ...more: readonly string[]): readonly string[] {
  return ['import', '--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', url, ...more];
}

/** The value of each series of a metrics file. */
function seriesIn(text: string): Record<string, number> {
  const rows = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    rows.map((row) => {
      const [, name, labels = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(row)!;
      const own = labels
        .split(',')
        .filter((label) => !/^(?:target|organization)=/.test(label))
        .join();
      return [own === '' ? name! : `${name}{${own}}`, Number(value)];
    }),
  );
}

describe('with --quiet', () => {
  it('nothing is said when all went well, also by a bare cron that has no home and no PATH', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('events.jsonl', events(2));
    const bare = { PATH: undefined, HOME: undefined };
    const ended = await place.run(importing(server.url, '--quiet', '--ledger', 'ledger', 'events.jsonl'), {
      env: bare,
    });
    expect(ended).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(server.events()).toHaveLength(2);
  });

  it('a missing home is an error that says what to do', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('events.jsonl', events(2));
    const ended = await place.run(importing(server.url, '--quiet', 'events.jsonl'), { env: { HOME: undefined } });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toBe(
      'error[no_ledger_folder]: there is no home folder to keep the ledger in: neither XDG_STATE_HOME nor HOME is set. Say where with --ledger <dir>.\n',
    );
  });

  it('everything is said that was held back when something was wrong', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('events.jsonl', [...events(1), 'broken']);
    const ended = await place.run(importing(server.url, '--quiet', 'events.jsonl'));
    expect(ended.exitCode).toBe(1);
    expect(ended.stderr).toMatch(/^Importing into didomi, organization acme, /);
    expect(ended.stdout).toContain('1 × not valid JSON, at events.jsonl:2');
  });
});

describe('--log-format json', () => {
  it('says everything as JSON with known events, and no secret', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('folder/events.jsonl', [...events(2), 'broken']);
    place.write('folder/readme.txt', 'no input');
    const args = importing(server.url, '--log-format', 'json', '--debug', 'folder', 'missing.jsonl');
    const env = { DIDOMI_API_KEY: 'the-key-of-this-test', DIDOMI_API_SECRET: 'the "secret" of this test' };
    const ended = await place.run(args, { env });
    expect(ended.exitCode).toBe(3);
    const lines = ended.stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    for (const line of lines) {
      expect(Object.keys(line).slice(0, 5)).toEqual(['level', 'time', 'pid', 'host', 'event']);
      expect(line['time']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    const messages = lines.filter(({ level }) => level === 'info' || level === 'debug');
    expect(messages.filter(({ event }) => !Object.hasOwn(LOG_EVENTS, String(event)))).toEqual([]);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([{ event: 'input_missing' }]);
    expect(lines.find(({ event: name }) => name === 'run_started')).toMatchObject({
      ...{ command: 'import', target: 'didomi', organization: ORGANIZATION, apiUrl: server.url, ids: 0 },
    });
    expect(lines.at(-1)).toMatchObject({
      ...{ level: 'info', event: 'run_finished', exitCode: 3, reason: 'input', complete: false },
      ...{ read: 3, delivered: 2, duplicate: 0, rejected: 1, inDoubt: 0, undelivered: 0 },
    });
    expect(lines.filter(({ setting }) => setting === 'apiUrl')).toMatchObject([
      { event: 'setting', value: server.url, source: '--api-url' },
    ]);
    expect(ended.stdout + ended.stderr).not.toMatch(/the-key-of-this-test|secret. of this/);
  });

  it('holds for wrong usage too, and with --quiet nothing is said when all went well', async () => {
    const place = new Place();
    place.write('events.jsonl', events(1));
    const wrong = await place.run(['import', '--log-format', 'json', '--ordr', 'x']);
    expect(wrong.exitCode).toBe(2);
    const [error] = wrong.stderr.split('\n');
    expect(JSON.parse(error!)).toMatchObject({ level: 'error', event: 'unknown_option' });
    const quiet = await place.run(['import', '--sandbox', '--quiet', '--log-format=json', 'events.jsonl']);
    expect(quiet).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
  });
});

describe('--metrics-file', () => {
  it('tells outcomes, requests, the last exit code, the last success, and the quota that is left', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('events.jsonl', events(3));
    place.write('more.jsonl', [event(4), 'broken']);
    const args = ['--metrics-file', 'run.prom', '--max-events-per-day', '100'];
    expect((await place.run(importing(server.url, ...args, 'events.jsonl'))).exitCode).toBe(0);
    const first = seriesIn(place.read('run.prom'));
    expect(first).toMatchObject({
      consent_import_records_read_total: 3,
      'consent_import_events_total{outcome="delivered"}': 3,
      'consent_import_events_total{outcome="in_doubt"}': 0,
      'consent_import_requests_total{kind="sent"}': 3,
      consent_import_running: 0,
      consent_import_last_exit_code: 0,
      consent_import_quota_left_events: 97,
    });
    expect(first['consent_import_last_success_timestamp_seconds']).toBe(
      first['consent_import_last_end_timestamp_seconds'],
    );
    expect(Object.keys(first).map((name) => name.replace(/\{.*/, ''))).toEqual(
      expect.arrayContaining(Object.keys(METRICS)),
    );
    expect(place.read('run.prom')).toContain('{target="didomi",organization="acme"}');

    expect((await place.run(importing(server.url, ...args, 'more.jsonl'))).exitCode).toBe(1);
    const second = seriesIn(place.read('run.prom'));
    expect(second).toMatchObject({ consent_import_last_exit_code: 1, consent_import_quota_left_events: 96 });
    expect(second['consent_import_last_success_timestamp_seconds']).toBe(
      first['consent_import_last_success_timestamp_seconds'],
    );

    expect((await place.run(importing(server.url, ...args, '--timeout', 'x', 'more.jsonl'))).exitCode).toBe(2);
    expect(seriesIn(place.read('run.prom'))).toMatchObject({ consent_import_last_exit_code: 2 });
  });

  it('is written while a run goes on, and shows the exit code of the run before', async () => {
    const server = await handMadeServer({ events: () => undefined });
    const place = new Place();
    place.write('events.jsonl', events(1));
    place.write('run.prom', 'consent_import_last_exit_code{target="didomi",organization="acme"} 5\n');
    const running = place.start(
      importing(server.url, '--metrics-file', 'run.prom', '--drain-time', '0', 'events.jsonl'),
    );
    await until(() => /^consent_import_running\S* 1$/m.test(place.read('run.prom')), running);
    expect(seriesIn(place.read('run.prom'))['consent_import_last_exit_code']).toBe(5);
    running.signal('SIGTERM');
    expect((await running.ended).exitCode).toBe(143);
    expect(seriesIn(place.read('run.prom'))).toMatchObject({
      ...{ consent_import_running: 0, consent_import_last_exit_code: 143 },
    });
  });

  it('that can not be written is exit 2 at the start', async () => {
    const place = new Place();
    place.write('events.jsonl', events(1));
    const ended = await place.run(['import', '--sandbox', '--metrics-file', 'none/run.prom', 'events.jsonl']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr.replaceAll(`${place.cwd}/`, '')).toBe(
      "error[cant_write_output]: --metrics-file none/run.prom: can't write there (ENOENT). Check the folder and its permissions.\n",
    );
  });

  it('is not touched by a dry run, for that is not the job', async () => {
    const place = new Place();
    place.write('events.jsonl', events(1));
    expect((await place.run(['import', '--sandbox', '-n', '--metrics-file', 'm.prom', 'events.jsonl'])).exitCode).toBe(
      0,
    );
    expect(place.exists('m.prom')).toBe(false);
  });
});

describe('--ping-url', () => {
  it('is called at the start and at the end, with the exit code, on every way out', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('good.jsonl', events(1));
    place.write('bad.jsonl', ['broken']);
    const { url, calls } = await pinged();
    for (const [args, exitCode] of [
      [['good.jsonl'], 0],
      [['bad.jsonl'], 1],
      [['good.jsonl', '--timeout', 'x'], 2],
      [['good.jsonl', '--schema', 'missing.json'], 2],
    ] as const) {
      calls.length = 0;
      expect((await place.run(importing(server.url, '--ping-url', `${url}/`, ...args))).exitCode).toBe(exitCode);
      expect(calls).toEqual(['GET /uuid/start', `GET /uuid/${exitCode}`]);
    }
    calls.length = 0;
    expect((await place.run(importing(server.url, '--ping-url', url, '-n', 'good.jsonl'))).exitCode).toBe(0);
    expect(calls).toEqual([]);
  });

  it('that fails is a warning, and changes nothing else', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('events.jsonl', events(1));
    const { url, calls } = await pinged(500);
    const ended = await place.import(server.url, ['--ping-url', url, 'events.jsonl']);
    expect(ended).toMatchObject({
      exitCode: 0,
      said: [
        `warning[ping_failed]: --ping-url ${url}: the call failed (status 500). The import itself is not affected.`,
      ],
    });
    expect(calls).toEqual(['GET /uuid/start', 'GET /uuid/start', 'GET /uuid/0', 'GET /uuid/0']);
  });

  it('goes through the proxy, and trusts the company', async () => {
    const authority = createAuthority();
    const server = await sandbox();
    const front = await tlsFront(server.url, authority.certify());
    const proxy = await connectProxy(front.port);
    const place = new Place();
    place.write('ca.pem', authority.cert);
    place.write('events.jsonl', events(1));
    const args = ['--ca-file', 'ca.pem', '--ping-url', 'https://files.test/uuid', 'events.jsonl'];
    const ended = await place.import(server.url, args, { env: { HTTPS_PROXY: proxy.host } });
    expect(ended).toMatchObject({ exitCode: 0, said: [] });
    expect(front.asked).toEqual(['/uuid/start', '/uuid/0']);
  });

  it('may not be set by a config file that was only found in the current folder', async () => {
    const place = new Place();
    place.write('events.jsonl', events(1));
    place.write('consent-import.config.json', '{\n  "pingUrl": "https://evil.example.com"\n}\n');
    const ended = await place.run(['import', '--sandbox', 'events.jsonl']);
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr.replaceAll(`${place.cwd}/`, '')).toBe(
      'error[untrusted_key]: consent-import.config.json:2: "pingUrl" says where data or credentials go, so a config file that was only found in the current folder may not set it. Use --ping-url, CONSENT_IMPORT_PING_URL, or name the file: --config consent-import.config.json\n',
    );
  });
});

describe('SIGUSR1', () => {
  it('makes a run say in one line how far it is, also with --quiet, and harms nothing', async () => {
    const waiting: (() => void)[] = [];
    const server = await handMadeServer({
      events: (request, response) => void waiting.push(() => takesAll(request, response)),
    });
    const place = new Place();
    place.write('events.jsonl', events(5));
    const running = place.start(importing(server.url, '--quiet', 'events.jsonl'));
    await until(() => waiting.length === 1, running);
    running.signal('SIGUSR1');
    await until(() => running.stderr().includes('\n'), running);
    waiting[0]!();
    const ended = await running.ended;
    expect(ended).toMatchObject({ exitCode: 0, stdout: '' });
    expect(ended.stderr).toMatch(/^importing: \d+ %, \d+ B of \d+ B, 0\/s, 0 delivered, 1\/\d+ in flight\n$/);
  });
});

describe('in a step of GitHub Actions', () => {
  const GITHUB = { GITHUB_ACTIONS: 'true' };

  it('annotations on stderr name reasons and counts, and the step has a table', async () => {
    const server = await sandbox();
    const place = new Place();
    const undated = event(3).replace(/"created_at":"[^"]*",/, '');
    place.write('events.jsonl', [...events(2), 'broken', 'broken', '[]', undated]);
    place.write('step.md', 'Before.\n');
    const env = { ...GITHUB, GITHUB_STEP_SUMMARY: join(place.cwd, 'step.md') };
    const ended = await place.run(importing(server.url, 'events.jsonl', 'missing,100%.jsonl'), { env });
    expect(ended.exitCode).toBe(3);
    expect(ended.stderr.split('\n').filter((line) => line.startsWith('::'))).toEqual([
      '::error title=input (exit code 3)::missing,100%25.jsonl does not exist. Check the path.',
      '::error title=rejected%3A invalid_json::2 events rejected: invalid_json',
      '::error title=rejected%3A schema_violation::1 event rejected: schema_violation',
      '::warning title=missing_created_at::1 event: missing_created_at',
    ]);
    const table = place.read('step.md');
    expect(table).toMatch(/^Before\.\n### consent-import import: input \(exit code 3\)\n/);
    expect(table).toContain('| read | 6 |\n| delivered | 3 |\n| duplicate | 0 |\n| rejected | 3 |');
    expect(table).toContain('| invalid_json | 2 |');
  });

  it('has at most ten annotations, and none in a log of JSON or where all went well with --quiet', async () => {
    const place = new Place();
    place.write('events.jsonl', events(1));
    const many = Array.from({ length: 20 }, (_, i) => `missing-${i}.jsonl`);
    const annotations = (stderr: string) => stderr.split('\n').filter((line) => line.startsWith('::'));
    const ended = await place.run(['import', '--sandbox', ...many], { env: GITHUB });
    expect(annotations(ended.stderr)).toHaveLength(10);
    const logged = await place.run(['import', '--sandbox', '--log-format', 'json', ...many], { env: GITHUB });
    expect(annotations(logged.stderr)).toEqual([]);
    const undated = event(3).replace(/"created_at":"[^"]*",/, '');
    place.write('undated.jsonl', [undated]);
    const quiet = await place.run(['import', '--sandbox', '--quiet', 'undated.jsonl'], { env: GITHUB });
    expect(quiet).toMatchObject({ exitCode: 0, stderr: '' });
  });

  it('no file name gives it a command', async () => {
    const place = new Place();
    const names = ['x\n::error title=pwned::evil', '::set-output name=a::b', '  ::stop-commands::x', 'a##[error]evil'];
    for (const name of names) place.write(`${name}.jsonl.gz`, Buffer.from([0x1f, 0x8b, 8, 1, 2, 3, 4]));
    const inputs = names.map((name) => `./${name}.jsonl.gz`.replace(/^\.\/(?=\s*:)/, ''));
    for (const more of [[], ['--json'], ['--log-format', 'json'], ['--debug']]) {
      const ended = await place.run(['import', '--sandbox', ...more, ...inputs], { env: GITHUB });
      expect(ended.exitCode).toBe(3);
      const lines = `${ended.stdout}\n${ended.stderr}`.split('\n');
      const commands = lines.filter((line) => /^\s*::/.test(line));
      expect(commands.filter((line) => !line.startsWith('::error title=input'))).toEqual([]);
      expect(lines.filter((line) => !commands.includes(line)).join('\n')).not.toContain('##[');
      expect(ended.stdout + ended.stderr).toContain('u0023[error]evil');
      if (more[0] === '--json')
        expect(ended.summary.files.map(({ path }) => path)).toContain('./a##[error]evil.jsonl.gz');
      if (more.length === 0) expect(ended.stderr).toContain('\n\\u003a:error title=pwned::evil.jsonl.gz');
    }
  });

  it('wrong settings are annotated too', async () => {
    const place = new Place();
    const ended = await place.run(['import', '--sandbox', '--timeout', 'x', 'a.jsonl'], { env: GITHUB });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain(
      '\n::error title=usage (exit code 2)::--timeout is "x": expected a time with its unit, such as 500ms, 30s, 10m or 1h30m, of 1ms or more.\n',
    );
  });

  it('the first signal drains within the time that its cancel leaves, unless another is set', async () => {
    const server = await handMadeServer({
      events: () => undefined,
      sessions: (_, response) => json(response, 200, { access_token: 'token' }),
    });
    for (const [more, time] of [
      [[], '6s'],
      [['--drain-time', '1ms'], '1ms'],
    ] as const) {
      const place = new Place();
      place.write('events.jsonl', events(1));
      const running = place.start(importing(server.url, ...more, 'events.jsonl'), { env: GITHUB });
      const before = server.events.length;
      await until(() => server.events.length > before, running);
      running.signal('SIGINT');
      await until(() => running.stderr().includes('warning[draining]'), running);
      expect(running.stderr()).toContain(`finishing 1 request in flight, for at most ${time}.`);
      running.signal('SIGTERM');
      expect((await running.ended).exitCode).toBe(130);
    }
  });
});

it('a rejects file that can not be made is named when the first reject needs it', async () => {
  const place = new Place();
  place.write('events.jsonl', [event(1), 'broken']);
  const ended = await place.run(['import', '--sandbox', '--rejects', 'none/rejects.jsonl', 'events.jsonl']);
  expect(ended.exitCode).toBe(10);
  expect(ended.stderr).toContain("error[storage]: can't write the rejects file");
});
