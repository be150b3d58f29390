import { describe, expect, it } from 'vitest';
import { demoToken } from '../../src/sandbox/sandbox.js';
import { ageDoubts } from './age-doubts.js';
import { type Ended, Place, type RunOptions, sandbox } from './harness.js';

const TOKEN = demoToken();
const ENV = { ONETRUST_COLLECTION_POINT_TOKEN: TOKEN };
const CLIENT = { ...ENV, ONETRUST_CLIENT_ID: 'me', ONETRUST_CLIENT_SECRET: 'client-secret-0815' };
const PURPOSES = [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }];
const MINUTES = 60_000;

function receipts(count: number, more: (i: number) => object = () => ({})): string[] {
  return Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      ...{ identifier: `person${i}@example.org`, interactionDate: '2024-05-14T01:34:33Z', purposes: PURPOSES },
      ...more(i),
    }),
  );
}

/** The second call is taken and never answered, the third neither. */
const TAKEN_AND_LOST = {
  rules: [
    { when: { route: 'events', requests: 2 }, do: { dropAfter: true } },
    { when: { route: 'events', requests: 3 }, do: { dropBefore: true } },
  ],
};

type Server = Awaited<ReturnType<typeof sandbox>>;

function importInto(place: Place, server: Server, input: string, more: readonly string[] = []): Promise<Ended> {
  const batches = ['--batch-size', '10', '--concurrency', '1'];
  const where = ['--target', 'onetrust', '--api-url', server.oneTrustUrl];
  return place.run(['import', input, ...where, '--json', '--new-ledger', ...batches, ...more], { env: ENV });
}

function reconcile(place: Place, server: Server, more: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const where = ['--target', 'onetrust', '--api-url', server.oneTrustUrl];
  const asks = ['--reconcile', '--platform-url', server.platformUrl, '--yes'];
  const env = { ...CLIENT, ...options.env };
  return place.run(['ledger', 'resolve', ...asks, ...where, ...more], { ...options, env });
}

/** For scripts: what `--json` says. */
const JSON_TOO: RunOptions = { env: { CONSENT_IMPORT_JSON: 'true' } };

const answered = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

describe('ledger resolve --reconcile', () => {
  it('settles what arrived at once, what did not well after, and then the import can be finished', async () => {
    const place = new Place();
    const server = await sandbox({ faults: TAKEN_AND_LOST });
    const input = place.write('r.jsonl', receipts(40));
    expect((await importInto(place, server, input)).exitCode).toBe(7);

    const first = await reconcile(place, server, [input]);
    expect(first.exitCode).toBe(7);
    expect(first.stdout).toMatch(
      /^Of 11 events in doubt, 10 arrived, now recorded as delivered; 0 did not, left for the next import to send; 1 stays in doubt\.\n {2}r\.jsonl:21: not found, but it was sent so recently that it may not be shown yet; ask again after .*Z\n$/,
    );
    expect(first.stdout + first.stderr).not.toContain('client-secret-0815');
    expect(first.stdout + first.stderr).not.toContain('person');

    await ageDoubts(place, server.oneTrustUrl, TOKEN, 20 * MINUTES);
    const second = await reconcile(place, server, [input], JSON_TOO);
    expect(second.exitCode).toBe(0);
    expect(answered(second)).toMatchObject({
      ...{ version: 1, asked: 1, delivered: 0, retry: 1, inDoubt: 0 },
      events: [{ file: 'r.jsonl', line: 21, became: 'not_taken' }],
    });

    const again = await importInto(place, server, input);
    expect(again.exitCode).toBe(0);
    expect(server.stats().receipts).toMatchObject({ taken: 40, doubles: 0 });
    const nothing = await reconcile(place, server, [input]);
    expect([nothing.exitCode, nothing.stdout]).toEqual([0, 'Nothing is in doubt.\n']);
  });

  it('finds receipts surely by --stamp, where others are equal to them', async () => {
    const place = new Place();
    const server = await sandbox({ faults: TAKEN_AND_LOST });
    // The same person, date and purposes all over: only the id tells them apart.
    const input = place.write(
      'r.jsonl',
      receipts(40, (i) => ({ identifier: 'one@example.org', dsDataElements: { Country: `${i}` } })),
    );
    const more = ['--stamp', 'importId', '--order', 'none'];
    const ended = await importInto(place, server, input, more);
    expect(ended.summary.events).toMatchObject({ inDoubt: 11 });
    await ageDoubts(place, server.oneTrustUrl, TOKEN, 20 * MINUTES);
    const blind = await reconcile(place, server, [input, '--file', 'no-such-file'], JSON_TOO);
    expect(answered(blind)).toMatchObject({ asked: 0 });
    const ended2 = await reconcile(place, server, [input, '--stamp', 'importId'], JSON_TOO);
    expect(answered(ended2)).toMatchObject({ asked: 11, delivered: 10, retry: 1, inDoubt: 0 });
    expect((await importInto(place, server, input, more)).exitCode).toBe(0);
    expect(server.stats().receipts).toMatchObject({ taken: 40, doubles: 0 });
  });

  it('leaves in doubt what was changed since, or is not among the inputs', async () => {
    const place = new Place();
    const server = await sandbox({ faults: TAKEN_AND_LOST });
    const id = (i: number) => ({ customPayload: { row: `${i}` } });
    const input = place.write('r.jsonl', receipts(40, id));
    const pointer = ['--id-pointer', '/customPayload/row'];
    await importInto(place, server, input, pointer);
    await ageDoubts(place, server.oneTrustUrl, TOKEN, 20 * MINUTES, '/customPayload/row');
    const lines = receipts(40, id);
    lines[10] = lines[10]!.replace('2024', '2023');
    const changed = place.write('changed.jsonl', lines.slice(0, 20));
    const ended = await reconcile(place, server, [changed, ...pointer]);
    expect(ended.exitCode).toBe(7);
    expect(ended.stdout).toBe(
      'Of 11 events in doubt, 9 arrived, now recorded as delivered; 0 did not, left for the next import to send; 2 stay in doubt.\n' +
        '  r.jsonl:11: its record was changed since it was sent\n' +
        '  r.jsonl:21: its record is not among the inputs\n',
    );
  });

  it('believes nothing of a platform that does not show what was acknowledged', async () => {
    const place = new Place();
    const server = await sandbox({ faults: TAKEN_AND_LOST });
    const other = await sandbox();
    const input = place.write('r.jsonl', receipts(40));
    await importInto(place, server, input);
    await ageDoubts(place, server.oneTrustUrl, TOKEN, 20 * MINUTES);
    const ended = await reconcile(place, server, [input, '--platform-url', other.platformUrl], JSON_TOO);
    expect(ended.exitCode).toBe(7);
    expect(answered(ended)).toMatchObject({ asked: 11, delivered: 0, retry: 0, inDoubt: 11 });
    expect(ended.stdout.match(/"became":"unproved"/g)).toHaveLength(11);
  });

  it('changes nothing when the platform can not be asked, or the inputs can not be read', async () => {
    const place = new Place();
    const server = await sandbox({ faults: TAKEN_AND_LOST });
    const input = place.write('r.jsonl', receipts(40));
    await importInto(place, server, input);

    const refused = await reconcile(place, server, [input], { env: { ONETRUST_CLIENT_ID: 'bad' } });
    expect(refused.exitCode).toBe(4);
    expect(refused.said.join('\n')).toContain(
      'error[reconcile_auth]: the target refused the credentials for reading (401); nothing was changed. Check ONETRUST_CLIENT_ID and ONETRUST_CLIENT_SECRET, and what that client may read.',
    );
    const wrong = await reconcile(place, server, [input, '--platform-url', `${server.platformUrl}/nowhere`]);
    expect(wrong.exitCode).toBe(5);
    expect(wrong.said.join('\n')).toContain('as no such API does (404); nothing was changed. Check --platform-url');
    const unread = await reconcile(place, server, [input, 'missing.jsonl']);
    expect(unread.exitCode).toBe(3);
    expect(unread.said.join('\n')).toContain('error[reconcile_unread]: the inputs could not be read to their end;');

    const none = { ONETRUST_CLIENT_ID: undefined, ONETRUST_CLIENT_SECRET: undefined };
    const without = await reconcile(place, server, [input], { env: none });
    expect(without.exitCode).toBe(2);
    expect(without.stderr).toContain(
      'error[platform_client_missing]: ONETRUST_CLIENT_ID and ONETRUST_CLIENT_SECRET not set: to read receipts back,',
    );
    const piped = await reconcile(place, server, ['-']);
    expect(piped.exitCode).toBe(2);
    expect(piped.stderr).toContain('--reconcile reads every input twice, and standard input can be read only once.');
    const noInputs = await reconcile(place, server, []);
    expect([noInputs.exitCode, noInputs.stderr]).toEqual([
      2,
      expect.stringContaining('--reconcile reads the records again that are in doubt: name the files'),
    ]);
    const where = ['--target', 'onetrust', '--api-url', server.oneTrustUrl];
    const listed = await place.run(['ledger', 'resolve', ...where], { env: ENV });
    expect(listed.stdout).toContain('11 events are in doubt');
    expect(listed.stdout).toContain(
      `ledger resolve --reconcile r.jsonl --platform-url https://app.onetrust.com --target onetrust --api-url ${server.oneTrustUrl}\n`,
    );
    const stray = await place.run(['ledger', 'resolve', input, ...where], { env: ENV });
    expect([stray.exitCode, stray.stderr]).toEqual([
      2,
      expect.stringContaining('inputs are read for --reconcile only'),
    ]);
  });

  it('says that nothing is ever in doubt at Didomi, and that an embedded sandbox can not be asked', async () => {
    const place = new Place();
    const acme = ['--target', 'didomi', '--organization-id', 'acme'];
    const ended = await place.run(['ledger', 'resolve', '--reconcile', 'r.jsonl', ...acme]);
    expect([ended.exitCode, ended.stdout]).toEqual([
      0,
      'Nothing is ever in doubt at Didomi: it knows events by their ids, so what was not answered is simply sent again.\n',
    ]);
    const embedded = await place.run([
      'ledger',
      'resolve',
      '--reconcile',
      'r.jsonl',
      '--target',
      'onetrust',
      '--sandbox',
    ]);
    expect([embedded.exitCode, embedded.stderr]).toEqual([
      2,
      expect.stringContaining('an embedded sandbox forgets everything when its run ends'),
    ]);
  });
});
