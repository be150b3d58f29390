import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { demoToken } from '../../src/sandbox/sandbox.js';
import { type Ended, Place, type Running, type RunOptions, sandbox, until } from './harness.js';

const TOKEN = { ONETRUST_COLLECTION_POINT_TOKEN: demoToken() };

function receipt(person: string, row: number, more: Readonly<Record<string, unknown>> = {}): string {
  const purposes = [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }];
  const interactionDate = '2024-05-14T01:34:33Z';
  return JSON.stringify({ identifier: person, interactionDate, purposes, customPayload: { row: `${row}` }, ...more });
}

function receipts(count: number): string[] {
  return Array.from({ length: count }, (_, i) => receipt(`person${i}@example.org`, i));
}

function args(url: string, more: readonly string[]): readonly string[] {
  return ['import', '--target', 'onetrust', '--api-url', url, '--json', '--new-ledger', ...more];
}

function start(place: Place, url: string, more: readonly string[], options: RunOptions = {}): Running {
  return place.start(args(url, more), { ...options, env: { ...TOKEN, ...options.env } });
}

function importInto(place: Place, url: string, more: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return start(place, url, more, options).ended;
}

function resolve(place: Place, url: string, more: readonly string[]): Promise<Ended> {
  return place.run(['ledger', 'resolve', '--target', 'onetrust', '--api-url', url, ...more], { env: TOKEN });
}

const FIRST_NEVER_ANSWERED = { rules: [{ when: { route: 'events', requests: 1 }, do: { dropAfter: true } }] };

describe('receipts that were taken and never answered', () => {
  it('are in doubt: exit 7, never sent again by themselves, listed, and sent when an operator says so', async () => {
    const place = new Place();
    const server = await sandbox({ faults: FIRST_NEVER_ANSWERED });
    const input = place.write('r.jsonl', receipts(30));
    const first = await importInto(place, server.oneTrustUrl, [input, '--batch-size', '10', '--concurrency', '1']);
    expect(first.exitCode).toBe(7);
    expect(first.summary).toMatchObject({ reason: 'in_doubt', events: { read: 30, delivered: 20, inDoubt: 10 } });
    expect(first.said.at(-1)).toMatch(
      /^warning\[in_doubt\]: 10 events are in doubt: sent, but never answered\. Nothing sends them again by itself; to settle them: .*consent-import\.js ledger resolve --target onetrust --api-url http:/,
    );

    const again = await importInto(place, server.oneTrustUrl, [input]);
    expect(again.exitCode).toBe(7);
    expect(again.summary.events).toMatchObject({ read: 30, delivered: 0, duplicate: 20, inDoubt: 10 });
    expect(server.stats().receipts).toMatchObject({ taken: 30, doubles: 0 });

    const listed = await resolve(place, server.oneTrustUrl, []);
    expect(listed.stdout).toContain('10 events are in doubt: sent, but never answered.\n  r.jsonl:1, sent ');
    expect(listed.stdout).toContain('ledger resolve --all --retry --target onetrust');

    const retried = await resolve(place, server.oneTrustUrl, ['--file', 'r.jsonl', '--retry', '--yes']);
    expect(retried.stdout).toBe('10 events left for the next import to send; none is in doubt.\n');
    const last = await importInto(place, server.oneTrustUrl, [input]);
    expect(last.exitCode).toBe(0);
    expect(last.summary.events).toMatchObject({ delivered: 10, duplicate: 20 });
    expect(server.stats().receipts).toMatchObject({ taken: 40, doubles: 10 });
  });

  it('are sent again with --resend-in-doubt', async () => {
    const place = new Place();
    const server = await sandbox({ faults: FIRST_NEVER_ANSWERED });
    const input = place.write('r.jsonl', receipts(5));
    expect((await importInto(place, server.oneTrustUrl, [input])).exitCode).toBe(7);
    const again = await importInto(place, server.oneTrustUrl, [input, '--resend-in-doubt']);
    expect(again.exitCode).toBe(0);
    expect(server.stats().receipts).toMatchObject({ taken: 10, doubles: 5 });
  });

  it('are told in the text, with the command that lists them', async () => {
    const place = new Place();
    const server = await sandbox({ faults: FIRST_NEVER_ANSWERED });
    const input = place.write('r.jsonl', receipts(1));
    const more = args(server.oneTrustUrl, [input]).filter((arg) => arg !== '--json');
    const { stdout } = await place.run(more, { env: TOKEN });
    expect(stdout).toContain('Finished, but 1 event is in doubt.');
    expect(stdout).toMatch(/To settle them:\n {2}\S.*ledger resolve --target onetrust --api-url /);
  });
});

it('sends over no connection that was idle for a second', async () => {
  const place = new Place();
  const connections: (number | undefined)[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    connections.push(request.socket.remotePort);
    const isFirst = connections.length === 1;
    const taken = isFirst ? [] : (JSON.parse(Buffer.concat(chunks).toString()) as unknown[]);
    response.writeHead(isFirst ? 429 : 200, isFirst ? { 'retry-after': '1' } : {});
    response.end(JSON.stringify(taken.map(() => ({ receipt: 'r' }))));
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const input = place.write('r.jsonl', receipts(20));
  const ended = await importInto(place, `http://127.0.0.1:${port}`, [
    input,
    '--batch-size',
    '10',
    '--concurrency',
    '1',
  ]);
  expect(ended.exitCode).toBe(0);
  const [refused, next, last] = connections;
  expect(next).not.toBe(refused);
  expect(last).toBe(next);
});

it('after kill -9 what was in flight is in doubt, and nothing is ever taken twice', async () => {
  const place = new Place();
  const server = await sandbox({ latencyMs: 30 });
  const input = place.write('r.jsonl', receipts(3_000));
  let inDoubt = 0;
  for (const least of [300, 900, 1_500]) {
    const run = start(place, server.oneTrustUrl, [input, '--batch-size', '20']);
    await until(() => server.stats().receipts.taken >= least, run);
    run.signal('SIGKILL');
    await run.ended;
  }
  const last = await importInto(place, server.oneTrustUrl, [input]);
  inDoubt = last.summary.events.inDoubt;
  expect(last.exitCode).toBe(7);
  expect(inDoubt).toBeGreaterThan(0);
  expect(inDoubt).toBeLessThanOrEqual(3 * 8 * 2 * 20);
  expect(last.summary.events.delivered + last.summary.events.duplicate + inDoubt).toBe(3_000);
  const { taken, doubles } = server.stats().receipts;
  expect(doubles).toBe(0);
  expect(taken).toBeGreaterThanOrEqual(3_000 - inDoubt);
}, 60_000);

describe('what the target refuses', () => {
  it.each([401, 403])('with %i ends the run: exit 4, naming the settings', async (status) => {
    const place = new Place();
    const server = await sandbox({ faults: { rules: [{ when: { route: 'events' }, do: { status } }] } });
    const ended = await importInto(place, server.oneTrustUrl, [place.write('r.jsonl', receipts(200))]);
    expect(ended.exitCode).toBe(4);
    expect(ended.summary.events).toMatchObject({ undelivered: 200, inDoubt: 0 });
    expect(ended.stderr).toContain(
      `the target refused the collection point token (status ${status}): check ONETRUST_COLLECTION_POINT_TOKEN, or the file of --credentials-file`,
    );
  });

  it('for load is sent after the wait that it asked for, and nothing is in doubt', async () => {
    const place = new Place();
    const when = { route: 'events', requests: 1 };
    const server = await sandbox({ faults: { rules: [{ when, do: { status: 429, retryAfter: 1 } }] } });
    const ended = await importInto(place, server.oneTrustUrl, [place.write('r.jsonl', receipts(20))]);
    expect(ended.exitCode).toBe(0);
    expect(ended.summary.requests).toMatchObject({ sent: 2, rateLimited: 1 });
    expect(ended.summary.durationMs).toBeGreaterThan(1_000);
  });

  it('for now, as a 503 does, puts its receipts in doubt, and keeps the others back for the wait that it asked for', async () => {
    const place = new Place();
    const when = { route: 'events', requests: 1 };
    const server = await sandbox({ faults: { rules: [{ when, do: { status: 503, retryAfter: 3 } }] } });
    const input = place.write('r.jsonl', receipts(20));
    const ended = await importInto(place, server.oneTrustUrl, [input, '--batch-size', '10', '--concurrency', '1']);
    expect(ended.exitCode).toBe(7);
    expect(ended.summary.events).toMatchObject({ delivered: 10, inDoubt: 10 });
    expect(ended.summary.durationMs).toBeGreaterThan(3_000);
  });

  it('with a wait longer than --max-wait ends the run, though receipts are in doubt: exit 5', async () => {
    const place = new Place();
    const when = { route: 'events', requests: 1 };
    const server = await sandbox({ faults: { rules: [{ when, do: { status: 503, retryAfter: 9_000 } }] } });
    const input = place.write('r.jsonl', receipts(20));
    const ended = await importInto(place, server.oneTrustUrl, [input, '--batch-size', '10', '--concurrency', '1']);
    expect(ended.exitCode).toBe(5);
    expect(ended.summary.events).toMatchObject({ undelivered: 10, inDoubt: 10 });
    expect(ended.stderr).toContain('the target asked for a wait of ');
  });

  it('for one receipt in it is split, and only that one is rejected', async () => {
    const place = new Place();
    const refuse = { status: 400, names: 'nothing', keeps: 'nothing' };
    const when = { route: 'events', events: { everyNth: 13 } };
    const server = await sandbox({ faults: { rules: [{ when, do: { refuse } }] } });
    const ended = await importInto(place, server.oneTrustUrl, [place.write('r.jsonl', receipts(20))]);
    expect(ended.exitCode).toBe(1);
    expect(ended.summary.events).toMatchObject({ delivered: 19, rejected: 1, inDoubt: 0 });
    expect(server.stats().receipts).toMatchObject({ taken: 19, doubles: 0 });
  });
});

describe('options of OneTrust', () => {
  it('need --new-ledger where nobody can be asked: exit 2; a dry run makes no ledger', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('r.jsonl', receipts(3));
    const plain = ['import', '--target', 'onetrust', '--api-url', server.oneTrustUrl, input];
    const dry = await place.run([...plain, '--dry-run'], { env: TOKEN });
    expect(dry.exitCode).toBe(0);
    expect(dry.stderr).toContain('warning[new_ledger_needed]: there is no ledger of this destination below ');
    const refused = await place.run([...plain, '--yes'], { env: TOKEN });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('error[new_ledger_needed]: there is no ledger of this destination below ');
    expect(server.stats().receipts.taken).toBe(0);
    expect((await importInto(place, server.oneTrustUrl, [input])).exitCode).toBe(0);
    expect((await place.run(plain, { env: TOKEN })).exitCode).toBe(0);
  });

  it("say nothing of integrations, which are Didomi's", async () => {
    const place = new Place();
    const server = await sandbox();
    const more = [place.write('r.jsonl', receipts(1)), '--disable-integrations'];
    const ended = await importInto(place, server.oneTrustUrl, more);
    expect(ended.exitCode).toBe(0);
    expect(ended.stderr).not.toContain('integrations');
  });

  it('send one receipt per call with --body object', async () => {
    const place = new Place();
    const server = await sandbox({ onetrust: { bodies: 'object' } });
    const ended = await importInto(place, server.oneTrustUrl, [
      place.write('r.jsonl', receipts(12)),
      ...['--body', 'object'],
    ]);
    expect(ended.summary).toMatchObject({ exitCode: 0, requests: { sent: 12 } });
  });

  it('take the id at --id-pointer, and stamp it', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('r.jsonl', [receipt('a@example.org', 7), receipt('b@example.org', 7)]);
    const more = [input, '--id-pointer', '/customPayload/row', '--stamp', 'importId'];
    const ended = await importInto(place, server.oneTrustUrl, more);
    expect(ended.exitCode).toBe(1);
    expect(ended.summary.rejectedByReason).toEqual({ conflicting_duplicate: 1 });
    const [kept] = server.events().map(({ bytes }) => JSON.parse(Buffer.from(bytes).toString()) as object);
    expect(kept).toMatchObject({ customPayload: { row: '7', importId: '7' }, requestInformation: demoToken() });
  });

  it('let records bring their own tokens, which never share a call', async () => {
    const place = new Place();
    const server = await sandbox();
    const tokens = [demoToken(), demoToken({ processId: 'c0113c70-0000-4000-8000-000000000002' })];
    const lines = Array.from({ length: 40 }, (_, i) =>
      receipt(`p${i}@example.org`, i, { requestInformation: tokens[i % 2] }),
    );
    const ended = await importInto(place, server.oneTrustUrl, [place.write('r.jsonl', lines)], {
      env: { ONETRUST_COLLECTION_POINT_TOKEN: '' },
    });
    expect(ended.summary).toMatchObject({ exitCode: 0, requests: { sent: 2 } });
    expect(server.stats().receipts).toMatchObject({ taken: 40, doubles: 0 });
  });

  it('stop at the quota of a day, over all runs', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('r.jsonl', receipts(50));
    const first = await importInto(place, server.oneTrustUrl, [input, '--max-events-per-day', '30']);
    expect(first.exitCode).toBe(8);
    expect(first.summary.events).toMatchObject({ delivered: 30, undelivered: 20, inDoubt: 0 });
    expect(first.summary.quota).toMatchObject({ used: 30, limit: 30, left: 0 });
    const second = await importInto(place, server.oneTrustUrl, [input, '--max-events-per-day', '30']);
    expect(second.exitCode).toBe(8);
    expect(server.stats().receipts).toMatchObject({ taken: 30, doubles: 0 });

    const third = await importInto(place, server.oneTrustUrl, [input]);
    expect(third.exitCode).toBe(0);
    const day = new Date().toISOString().slice(0, 10);
    const quota = { day, used: 50, limit: 3_000_000, left: 2_999_950 };
    expect(third.summary.quota).toEqual(quota);
    const where = ['--target', 'onetrust', '--api-url', server.oneTrustUrl];
    const status = await place.run(['ledger', 'status', ...where], { env: { ...TOKEN, CONSENT_IMPORT_JSON: 'true' } });
    expect(JSON.parse(status.stdout)).toMatchObject({ ledgers: [{ quota }] });
  });

  it('carry the signed token of each person with --authorization-file', async () => {
    const place = new Place();
    const server = await sandbox();
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const people = ['a@example.org', 'b@example.org'];
    const signed = Object.fromEntries(people.map((sub) => [sub, `${part({ alg: 'RS256' })}.${part({ sub })}.c2ln`]));
    const file = place.write('signed.json', JSON.stringify(signed));
    const input = place.write(
      'r.jsonl',
      [...people, 'c@example.org'].map((person, i) => receipt(person, i)),
    );
    const ended = await importInto(place, server.oneTrustUrl, [input, '--authorization-file', file], {
      env: { ONETRUST_COLLECTION_POINT_TOKEN: demoToken({ authenticationRequired: true }) },
    });
    expect(ended.exitCode).toBe(1);
    expect(ended.summary.events).toMatchObject({ delivered: 2, rejected: 1 });
    expect(ended.summary.requests.sent).toBe(2);
  });

  it('read the token from --credentials-file, for validate too, where it may be left out', async () => {
    const place = new Place();
    const server = await sandbox();
    const file = place.write('token.json', JSON.stringify({ collectionPointToken: demoToken() }));
    const input = place.write('r.jsonl', receipts(3));
    const env = { ONETRUST_COLLECTION_POINT_TOKEN: '' };
    const ended = await importInto(place, server.oneTrustUrl, [input, '--credentials-file', file], { env });
    expect(ended.exitCode).toBe(0);
    for (const more of [[], ['--credentials-file', file]]) {
      const { exitCode } = await place.run(['validate', '--target', 'onetrust', input, ...more], { env });
      expect(exitCode).toBe(0);
    }
    const bad = place.write('bad.json', '{"key":"k","secret":"s"}');
    const refused = await importInto(place, server.oneTrustUrl, [input, '--credentials-file', bad], { env });
    expect(refused.exitCode).toBe(2);
    expect(refused.stderr).toContain('expected a JSON object with a string that is not empty: {"collectionPointToken"');
  });
});
