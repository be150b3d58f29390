import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { demoToken } from '../../src/sandbox/sandbox.js';
import { createAuthority } from '../fakes/certificates.js';
import { connectProxy } from '../fakes/connect-proxy.js';
import { events } from './events.js';
import { type Answer, handMadeServer, json } from './hand-made-server.js';
import { type Ended, ORGANIZATION, Place, type RunOptions, sandbox, until } from './harness.js';
import { tlsFront } from './tls-front.js';

interface Check {
  readonly check: string;
  readonly verdict: string;
  readonly found: string;
  readonly advice?: string;
}

function args(url: string, ...more: readonly string[]): readonly string[] {
  return ['doctor', '--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', url, ...more];
}

function checksOf({ stdout }: Ended): Record<string, Check> {
  const { checks } = JSON.parse(stdout) as { readonly checks: readonly Check[] };
  return Object.fromEntries(checks.map((check) => [check.check, check]));
}

/** `--json` itself stands for a run's summary in these tests. */
const JSON_REPORT = { CONSENT_IMPORT_JSON: 'true' };

/** Runs doctor where a thing is wrong. */
async function doctor(url: string, more: readonly string[] = [], options: RunOptions = {}, place = new Place()) {
  const ended = await place.run(args(url, ...more), { ...options, env: { ...JSON_REPORT, ...options.env } });
  return { ...ended, checks: checksOf(ended) };
}

describe('doctor', () => {
  it('finds everything in order, asks for one session and the purposes, and changes nothing', async () => {
    const server = await sandbox({ didomi: { purposes: ['newsletter', 'analytics'] } });
    const place = new Place();
    const ended = await place.run(args(server.url));
    expect(ended).toMatchObject({ exitCode: 0, stderr: '' });
    const told = ended.stdout.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' '));
    expect(told).toContain('ok credentials from DIDOMI_API_KEY and DIDOMI_API_SECRET');
    expect(told).toContain('ok session opened with key and secret');
    expect(told).toContain('ok purposes 2 purposes');
    expect(told).toContain('analytics');
    expect(told).toContain(`apiUrl = ${server.url} (--api-url)`);
    expect(told).toContain('An import can start.');
    expect(ended.stdout).not.toContain('a-secret');
    expect(server.stats().requests.byRoute).toEqual({ sessions: 1, events: 0, other: 1 });
    expect(readdirSync(place.home)).toEqual([]);
    expect(readdirSync(place.cwd)).toEqual([]);
  });

  it('prints one JSON object with every verdict, the purposes, and each setting with its source', async () => {
    const server = await sandbox({ didomi: { purposes: ['newsletter'] } });
    const place = new Place();
    place.write('consent-import.config.json', '{\n  "timeout": "5s"\n}\n');
    const ended = await place.run(args(server.url), { env: JSON_REPORT });
    const report = JSON.parse(ended.stdout) as { readonly settings: readonly object[] };
    expect(report).toMatchObject({ version: 1, exitCode: 0, reason: 'completed', purposes: ['newsletter'] });
    expect(report.settings).toContainEqual({ key: 'concurrency', value: 8, source: 'default' });
    expect(report.settings).toContainEqual({
      ...{ key: 'timeout', value: '5s' },
      source: expect.stringMatching(/consent-import\.config\.json:2$/),
    });
    expect(Object.values(checksOf(ended)).map(({ check, verdict }) => `${check} ${verdict}`)).toEqual([
      ...['node ok', 'settings ok', 'credentials ok', 'proxy ok', 'tls skipped', 'session ok', 'address ok'],
      ...['clock ok', 'purposes ok', 'ledger ok', 'disk ok', 'rejects ok'],
    ]);
  });

  it('ends with 2 and names every problem of the settings', async () => {
    const place = new Place();
    const ended = await place.run(['doctor', '--timeout', 'x', '--target', 'didomi'], {
      env: { DIDOMI_API_KEY: undefined, DIDOMI_API_SECRET: undefined },
    });
    expect(ended.exitCode).toBe(2);
    for (const name of ['--timeout is "x"', '--organization-id is missing', 'DIDOMI_API_SECRET not set']) {
      expect(ended.stdout).toContain(name);
    }
  });

  it('ends with 4 where key and secret are refused', async () => {
    const server = await sandbox();
    const { exitCode, checks } = await doctor(server.url, [], { env: { DIDOMI_API_KEY: 'bad' } });
    expect(exitCode).toBe(4);
    expect(checks['session']).toMatchObject({
      verdict: 'problem',
      advice: 'Check DIDOMI_API_KEY and DIDOMI_API_SECRET, or the file of --credentials-file.',
    });
  });

  it('ends with 5 where nothing is, or where no such API is', async () => {
    const server = await handMadeServer({
      events: () => undefined,
      sessions: (_, response) => json(response, 404, {}),
    });
    const wrong = await doctor(server.url);
    expect(wrong.exitCode).toBe(5);
    expect(wrong.checks['address']).toMatchObject({
      ...{ verdict: 'problem', found: 'it answers as no such API does (status 404)', advice: 'Check --api-url.' },
    });
    await server.close();
    const gone = await doctor(server.url);
    expect(gone.exitCode).toBe(5);
    expect(gone.checks['address']).toMatchObject({
      verdict: 'problem',
      found: 'no connection to the target (ECONNREFUSED)',
    });
  });

  it('warns where the list of purposes does not come: an import goes on without', async () => {
    const purposes: Answer = (_, response) => response.socket?.destroy();
    const server = await handMadeServer({ events: () => undefined, purposes });
    const { exitCode, checks } = await doctor(server.url);
    expect(exitCode).toBe(0);
    expect(checks['purposes']).toMatchObject({
      verdict: 'warning',
      advice: 'An import goes on, and checks no purposes.',
    });
  });

  it('warns where the purposes are refused, and where the clock is off', async () => {
    const server = await handMadeServer({
      events: () => undefined,
      purposes: (_, response) => json(response, 404, {}),
      sessions: (_, response) =>
        json(response, 200, { access_token: 'token' }, { date: new Date(Date.now() - 3_600_000).toUTCString() }),
    });
    const { exitCode, checks } = await doctor(server.url);
    expect(exitCode).toBe(0);
    expect(checks['purposes']).toMatchObject({ verdict: 'warning', found: 'the list was refused (status 404)' });
    expect(checks['clock']).toMatchObject({
      verdict: 'warning',
      found: expect.stringMatching(/^(?:59 min 5\d s|1 h) ahead$/),
    });
  });

  it('looks at TLS through the proxy, and names a company that nobody trusts', async () => {
    const authority = createAuthority();
    const server = await sandbox();
    const front = await tlsFront(server.url, authority.certify());
    const proxy = await connectProxy(front.port);
    const env = { HTTPS_PROXY: `http://user:secret@${proxy.host}` };
    const place = new Place();
    place.write('ca.pem', authority.cert);
    const good = await doctor('https://target.test/v1', ['--ca-file', 'ca.pem'], { env }, place);
    expect(good.exitCode).toBe(0);
    expect(good.checks['proxy']).toMatchObject({ found: `http://${proxy.host}, from HTTPS_PROXY` });
    // A certificate of a day ends soon.
    expect(good.checks['tls']).toMatchObject({
      verdict: 'warning',
      found: expect.stringMatching(/^TLSv1\.3, certified by A Test/),
    });
    const bad = await doctor('https://target.test/v1', [], { env }, place);
    expect(bad.exitCode).toBe(5);
    expect(bad.checks['tls']!.found).toMatch(/^the target's certificate is not trusted /);
    expect(good.stdout + bad.stdout).not.toContain('secret@');
  });

  it('ends with 6 while a run holds the ledger, and counts ids when it is free', async () => {
    const server = await handMadeServer({ events: () => undefined });
    const place = new Place();
    place.write('events.jsonl', events(1));
    const running = place.startImport(server.url, ['--drain-time', '0', 'events.jsonl']);
    await until(() => server.events.length === 1, running);
    const held = await doctor(server.url, [], {}, place);
    expect(held.exitCode).toBe(6);
    expect(held.checks['ledger']).toMatchObject({ verdict: 'problem', advice: 'Wait until it has ended.' });
    running.signal('SIGTERM');
    await running.ended;
    const free = await doctor(server.url, [], {}, place);
    expect(free.checks['ledger']).toMatchObject({ verdict: 'ok', found: expect.stringMatching(/: 0 ids, \d runs?$/) });
  });

  it('says what a collection point allows, and that OneTrust needs its ledger', async () => {
    const server = await sandbox();
    const claims = { tenantId: 'tenant', processId: 'point', moc: 'API', sub: 'Email', allowNotGivenConsents: true };
    const token = ['e30', Buffer.from(JSON.stringify(claims)).toString('base64url'), 'x'].join('.');
    const place = new Place();
    const more = ['--target', 'onetrust', '--api-url', server.oneTrustUrl];
    const ended = await place.run(['doctor', ...more], { env: { ONETRUST_COLLECTION_POINT_TOKEN: token } });
    expect(ended.exitCode).toBe(2);
    expect(ended.stdout).toContain('Type API: transaction types and interaction dates are taken');
    expect(ended.stdout).toContain('If nothing was imported there before: --new-ledger.');
    expect(ended.stdout).not.toContain(token);
    expect(server.stats().requests.byRoute.events).toBe(0);
    expect(existsSync(`${place.home}/.local`)).toBe(false);
    expect(ended.stdout).toContain('its token does not tell all: what is not told above is not checked');
  });

  it('warns of a collection point token that can not be decoded, or that wants signed tokens', async () => {
    const server = await sandbox();
    const place = new Place();
    const warnings = async (token: string): Promise<unknown> => {
      const more = ['--target', 'onetrust', '--api-url', server.oneTrustUrl, '--new-ledger'];
      const env = { ONETRUST_COLLECTION_POINT_TOKEN: token, CONSENT_IMPORT_JSON: 'true' };
      const ended = await place.run(['doctor', ...more], { env });
      expect(ended.exitCode).toBe(0);
      const { checks } = JSON.parse(ended.stdout) as { checks: { check: string; verdict: string; found: string }[] };
      return checks.filter(({ check }) => check === 'collectionPoint').map(({ verdict, found }) => [verdict, found]);
    };
    expect(await warnings('opaque')).toEqual([
      ['warning', 'its token can not be decoded, so receipts are not checked against it'],
    ]);
    expect(await warnings(demoToken())).toEqual([['ok', 'its token allows:']]);
    expect(await warnings(demoToken({ authenticationRequired: true }))).toEqual([
      ['ok', 'its token allows:'],
      ['warning', 'only authenticated consent is taken: each receipt would be rejected'],
    ]);
  });
});
