import { describe, expect, it } from 'vitest';
import { createAuthority } from '../fakes/certificates.js';
import { connectProxy } from '../fakes/connect-proxy.js';
import { events as lines } from './events.js';
import { arrived, counts, ORGANIZATION, Place, sandbox } from './harness.js';
import { tlsFront } from './tls-front.js';

/** No name server knows it: only a proxy can lead there. */
const TARGET = 'https://target.test/v1';
const IMPORT = ['import', '--target', 'didomi', '--organization-id', ORGANIZATION, '--json'];

async function world() {
  const authority = createAuthority();
  const server = await sandbox();
  const front = await tlsFront(server.url, authority.certify(), { '/events.jsonl': `${lines(3).join('\n')}\n` });
  const place = new Place();
  place.write('ca.pem', authority.cert);
  place.write('events.jsonl', lines(2));
  return { authority, server, front, place };
}

describe('a proxy', () => {
  it('carries requests to the target and downloads of inputs, with its own user and password', async () => {
    const { server, front, place } = await world();
    const proxy = await connectProxy(front.port);
    const args = [...IMPORT, '--api-url', TARGET, '--ca-file', 'ca.pem', 'https://files.test/events.jsonl'];
    const ended = await place.run(args, { env: { HTTPS_PROXY: `http://user:p%40ss@${proxy.host}` } });
    expect(ended).toMatchObject({ exitCode: 0, said: [] });
    expect(ended.summary.events).toEqual(counts({ read: 3, delivered: 3 }));
    expect(arrived(server)).toEqual(lines(3));
    expect(new Set(proxy.tunnels.map(({ to }) => to))).toEqual(new Set(['target.test:443', 'files.test:443']));
    const basic = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
    expect(new Set(proxy.tunnels.map(({ authorization }) => authorization))).toEqual(new Set([basic]));
    expect(ended.stdout + ended.stderr).not.toContain('p%40ss');
  });

  it('may itself speak TLS, and be named in lower case', async () => {
    const { authority, front, place } = await world();
    const proxy = await connectProxy(front.port, undefined, authority.certify());
    const args = [...IMPORT, '--api-url', TARGET, '--ca-file', 'ca.pem', 'events.jsonl'];
    const ended = await place.run(args, { env: { https_proxy: `https://${proxy.host}` } });
    expect(ended).toMatchObject({ exitCode: 0, said: [] });
    expect(proxy.tunnels.length).toBeGreaterThan(0);
  });

  it('is left out for what is on this machine, and for hosts that NO_PROXY names', async () => {
    const { server, front, place } = await world();
    const proxy = await connectProxy(front.port);
    const env = { HTTPS_PROXY: `http://${proxy.host}`, HTTP_PROXY: `http://${proxy.host}` };
    expect((await place.import(server.url, ['events.jsonl'], { env })).exitCode).toBe(0);
    const tls = [...IMPORT, '--api-url', `https://localhost:${front.port}/v1`, '--ca-file', 'ca.pem', 'events.jsonl'];
    expect((await place.run(tls, { env })).exitCode).toBe(0);
    const outside = [...IMPORT, '--api-url', TARGET, '--give-up-after', '1ms', 'events.jsonl'];
    const ended = await place.run(outside, { env: { ...env, NO_PROXY: 'target.test' } });
    expect(ended.exitCode).toBe(5);
    expect(proxy.tunnels).toEqual([]);
  });

  it('that refuses ends the run at once, and the message names it without its password', async () => {
    const { front, place } = await world();
    const proxy = await connectProxy(front.port, 407);
    const args = [...IMPORT, '--api-url', TARGET, 'events.jsonl'];
    const ended = await place.run(args, { env: { HTTPS_PROXY: `http://user:secret@${proxy.host}` } });
    expect(ended.exitCode).toBe(5);
    expect(ended.said).toEqual([
      `error[unavailable]: can't connect: no connection to the target (the proxy http://${proxy.host} answered with status 407); then run the same command again`,
    ]);
    expect(proxy.tunnels).toHaveLength(1);
    expect(ended.summary).toMatchObject({ reason: 'unavailable', events: counts({ read: 2, undelivered: 2 }) });
  });

  it('that can not be used is an error in settings', async () => {
    const { place } = await world();
    const args = [...IMPORT, '--api-url', TARGET, 'events.jsonl'];
    const ended = await place.run(args, { env: { HTTPS_PROXY: 'socks5://user:secret@proxy:1080' } });
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toBe(
      'error[bad_proxy]: HTTPS_PROXY names no proxy that can be used: expected http://host:port or https://host:port. Correct it, or let NO_PROXY name the hosts that need none.\n',
    );
  });
});

describe("a company's own authority", () => {
  it.each([
    ['--ca-file', ['--ca-file', 'ca.pem'], {}],
    ['NODE_EXTRA_CA_CERTS', [], { NODE_EXTRA_CA_CERTS: 'ca.pem' }],
    ['NODE_EXTRA_CA_CERTS, also beside a --ca-file', ['--ca-file', 'other.pem'], { NODE_EXTRA_CA_CERTS: 'ca.pem' }],
  ])('is trusted when %s names it', async (_, options, env) => {
    const { front, place } = await world();
    place.write('other.pem', createAuthority().cert);
    const args = [...IMPORT, '--api-url', `https://localhost:${front.port}/v1`, ...options, 'events.jsonl'];
    expect(await place.run(args, { env })).toMatchObject({ exitCode: 0, said: [] });
  });

  it('ends the run at once where nobody named it, and leaves nothing in doubt', async () => {
    const { front, place } = await world();
    const url = `https://localhost:${front.port}/v1`;
    const ended = await place.run([...IMPORT, '--api-url', url, 'events.jsonl']);
    expect(ended.exitCode).toBe(5);
    expect(ended.said).toEqual([
      "error[unavailable]: can't connect: the target's certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE): where a company's own authority stands in between, name its certificate with --ca-file or NODE_EXTRA_CA_CERTS; then run the same command again",
    ]);
    place.write('receipts.jsonl', [RECEIPT]);
    const args = ['import', '--target', 'onetrust', '--new-ledger', '--api-url', url, '--json', 'receipts.jsonl'];
    const receipts = await place.run(args, { env: { ONETRUST_COLLECTION_POINT_TOKEN: 'a.b.c' } });
    expect(receipts.exitCode).toBe(5);
    expect(receipts.summary.events).toEqual(counts({ read: 1, undelivered: 1 }));
  });

  it('must stand in its file, in PEM', async () => {
    const { place, authority } = await world();
    place.write('none.pem', 'nothing\n');
    place.write('damaged.pem', authority.cert + authority.cert.replace(/\n.{20}/, '\nAAAA'));
    const said = async (file: string): Promise<string> => {
      const ended = await place.run([...IMPORT, '--ca-file', file, 'events.jsonl']);
      expect(ended.exitCode).toBe(2);
      return ended.stderr.replaceAll(`${place.cwd}/`, '');
    };
    const what = 'Give a file of certificates in PEM format.\n';
    expect(await said('none.pem')).toBe(`error[bad_ca_file]: --ca-file none.pem: it holds no certificate. ${what}`);
    expect(await said('damaged.pem')).toBe(
      `error[bad_ca_file]: --ca-file damaged.pem: its certificate number 2 is damaged. ${what}`,
    );
    expect(await said('missing.pem')).toBe(
      `error[bad_ca_file]: --ca-file missing.pem: can't read it (ENOENT). ${what}`,
    );
  });
});

const RECEIPT = JSON.stringify({
  identifier: 'someone@example.com',
  interactionDate: '2024-01-02T03:04:05Z',
  purposes: [{ Id: '5c4a35bd-ea4a-4a43-9dbb-2c14e7d4c9d8', TransactionType: 'CONFIRMED' }],
});
