import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { demoToken, type Sandbox } from '../../src/sandbox/sandbox.js';
import { ageDoubts } from './age-doubts.js';
import { CONSENTS, DATE, event, events, idOf, oddEvents, userOf } from './events.js';
import { Place, sandbox } from './harness.js';
import { places, recall, told } from './recall.js';

/** Imports lines, each of which is delivered. */
async function imported(server: Sandbox, lines: readonly string[], name = 'e.jsonl'): Promise<Place> {
  const place = new Place();
  place.write(name, lines);
  expect((await place.import(server.url, [name])).exitCode).toBe(0);
  return place;
}

const DROPS = { when: { events: { share: 0.03 } }, do: { drop: true } };
/** What a target might make of an event, and the place that is named then. */
const ALTERATIONS = [
  [{ path: '/consents/purposes/0/enabled', to: false }, '/consents/purposes/*/enabled'],
  [{ path: '/consents/purposes/0/enabled', to: null }, '/consents/purposes/*/enabled'],
  [{ path: '/consents/purposes/0/enabled' }, '/consents/purposes/*/enabled'],
  [{ path: '/consents/purposes/0' }, '/consents/purposes/*'],
  [{ path: '/consents/purposes/0/id', to: 'other' }, '/consents/purposes/*'],
  [
    {
      path: '/consents/purposes',
      to: [
        { id: 'newsletter', enabled: true },
        { id: 'more', enabled: true },
      ],
    },
    '/consents/purposes',
  ],
  [{ path: '/created_at', to: '2024-03-01T08:00:01Z' }, '/created_at'],
  [{ path: '/created_at' }, '/created_at'],
  [{ path: '/status', to: 'pending_approval' }, '/status'],
  [{ path: '/regulation', to: 'cpra' }, '/regulation'],
  [{ path: '/organization_id', to: 'another' }, '/organization_id'],
  [{ path: '/metadata/n', to: 12345678901234567000 }, '/metadata/*'],
  [{ path: '/metadata/note', to: 'x' }, '/metadata/*'],
  [{ path: '/user/metadata' }, '/user/metadata'],
] as const;

describe('verify', () => {
  it('finds every event that the target acknowledged and lost', async () => {
    const server = await sandbox({ faults: { rules: [DROPS] } });
    const lines = events(700);
    const place = await imported(server, lines);
    const kept = new Set(server.events().map(({ id }) => id));
    const lost = lines.flatMap((_, i) => (kept.has(idOf(i + 1)) ? [] : [`missing e.jsonl:${i + 1}`]));
    expect(lost.length).toBeGreaterThan(5);
    const found = await recall(place, 'verify', server.url, ['e.jsonl', '--all']);
    expect(places(found)).toEqual(lost);
    expect(found.exitCode).toBe(1);
    expect(found.told).toMatchObject({
      ...{ command: 'verify', exitCode: 1, reason: 'rejects', complete: true, unread: 0 },
      records: { read: 700, delivered: 700, notDelivered: 0, otherContent: 0, rejected: 0 },
      verdicts: { match: 700 - lost.length, missing: lost.length, different: 0, cantBeTold: 0 },
    });
    expect(found.messages).toEqual([]);
  });

  it('finds every event that the target altered, wherever that is, and says where', async () => {
    const more = ',"metadata":{"n":12345678901234567890,"note":"a"}';
    const users = (i: number): string => userOf(`p${i}`).replace('}', ',"metadata":{"vip":true}}');
    const lines = Array.from({ length: 40 }, (_, i) => `{"id":"${idOf(i)}",${DATE},${users(i)},${CONSENTS}${more}}`);
    const lineOf = (i: number): number => 2 * i + 4;
    const rules = ALTERATIONS.map(([alter], i) => ({
      when: { events: { ids: [idOf(lineOf(i) - 1)] } },
      do: { alter },
    }));
    const server = await sandbox({ faults: { rules } });
    const found = await recall(await imported(server, lines), 'verify', server.url, ['e.jsonl', '--all']);
    expect(found.exitCode).toBe(1);
    expect(places(found)).toEqual(ALTERATIONS.map((_, i) => `different e.jsonl:${lineOf(i)}`));
    for (const [i, { paths }] of found.told.findings.entries()) expect(paths).toContain(ALTERATIONS[i]![1]);
  });

  it('takes what arrived as it was sent for a match, however odd it is to look at, with what the platform added', async () => {
    const server = await sandbox({ answers: { shape: 'empty' } });
    const place = await imported(server, oddEvents(300, 40));
    const found = await recall(place, 'verify', server.url, ['e.jsonl', '--all']);
    expect(found.told.findings).toEqual([]);
    expect(found.told).toMatchObject({ exitCode: 0, reason: 'completed', verdicts: { match: 300 } });
  });

  it('sees events that wait for approval, of other regulations, without id, and in arrays and archives', async () => {
    const server = await sandbox();
    const place = new Place();
    const more = ['"status":"pending_approval"', '"regulation":"cpra"', '"regulation":"xx-new"'];
    place.write(
      'a.json.gz',
      gzipSync(`[\n${more.map((member, i) => event(i + 1, `p${i}`, `,\n ${member}`)).join(',\n')}\n]`),
    );
    place.write('b.jsonl', [
      `{${DATE},"user":{"id":"only-theirs"},${CONSENTS}}`,
      `{${DATE},${userOf('x y&z')},${CONSENTS}}`,
    ]);
    expect((await place.import(server.url, ['a.json.gz', 'b.jsonl'])).exitCode).toBe(0);
    for (const which of ['--all', '--sample=100']) {
      const found = await recall(place, 'verify', server.url, ['a.json.gz', 'b.jsonl', which]);
      expect(found.told).toMatchObject({ exitCode: 0, verdicts: { match: 5, missing: 0, different: 0 } });
    }
  });

  it('reads back a sample of 100 unless told otherwise, and names lines of the inputs', async () => {
    const server = await sandbox({ faults: { rules: [{ when: { events: { share: 1 } }, do: { drop: true } }] } });
    const place = await imported(server, events(400));
    const found = await recall(place, 'verify', server.url, ['e.jsonl']);
    expect(found.told.verdicts).toEqual({ match: 0, missing: 100, different: 0, cantBeTold: 0 });
    expect(found.told.requests['sent']).toBe(101);
    const lines = found.told.findings.map(({ line }) => line);
    expect(new Set(lines).size).toBe(100);
    expect(Math.max(...lines)).toBeGreaterThan(200);
    expect(found.told.findings.every(({ file, element }) => file === 'e.jsonl' && element === null)).toBe(true);
    expect(found.messages).toEqual([
      'warning[all_missing]: the target has none of the 100 events: check --organization-id and --api-url.',
    ]);
    const few = await recall(place, 'verify', server.url, ['e.jsonl', '--sample', '7']);
    expect(few.told.verdicts['missing']).toBe(7);
  });

  it('asks only about what was delivered with the same content', async () => {
    const server = await sandbox();
    const place = await imported(server, events(3));
    place.write('e.jsonl', [event(1), event(2, 'someone-else'), event(9), 'no event', event(1)]);
    const found = await recall(place, 'verify', server.url, ['e.jsonl', '--all']);
    expect(found.told.records).toEqual({
      ...{ read: 5, delivered: 1, otherContent: 1, inDoubt: 0, notDelivered: 1, repeated: 1, rejected: 1 },
    });
    expect(found.told).toMatchObject({ exitCode: 0, verdicts: { match: 1 } });
  });

  it('says it where nothing was delivered: exit 0, with a warning', async () => {
    const server = await sandbox();
    const place = await imported(server, events(1), 'other.jsonl');
    place.write('e.jsonl', [event(5)]);
    const found = await recall(place, 'verify', server.url, ['e.jsonl']);
    expect(found.exitCode).toBe(0);
    expect(found.messages).toEqual([
      'warning[nothing_to_verify]: none of these records was delivered, as far as this ledger knows: there was nothing to read back.',
    ]);
  });

  it('tells people what was read back, and each line that is not as it was delivered', async () => {
    const server = await sandbox({ faults: { rules: [{ when: { events: { ids: [idOf(2)] } }, do: { drop: true } }] } });
    const place = await imported(server, events(3));
    const { stdout } = await place.run([
      'verify',
      '--target',
      'didomi',
      '--organization-id',
      'acme',
      '--api-url',
      server.url,
      'e.jsonl',
    ]);
    expect(
      stdout.replace(/\d{4}-\S+Z by run \S+/, 'THEN'),
    ).toBe(`Read back 3 of 3 delivered events: 1 event not as it was delivered.

  match          2
  missing        1
  different      0
  can't be told  0

Missing:
  e.jsonl:2, delivered THEN
`);
  });
});

describe('what can go wrong while reading back', () => {
  it('is tried again, paced as the target asks, and found out with a new token', async () => {
    const trouble = await sandbox({
      faults: {
        rules: [
          { when: { route: 'other', requests: 5 }, do: { status: 429, retryAfter: 1 } },
          { when: { route: 'other', every: 9 }, do: { status: 503 } },
          { when: { route: 'other', every: 11 }, do: { dropBefore: true } },
          { when: { route: 'other', every: 13 }, do: { html: true } },
          { when: { route: 'other', requests: 30 }, do: { expireToken: true } },
        ],
      },
    });
    const place = await imported(trouble, events(60));
    const found = await recall(place, 'verify', trouble.url, ['e.jsonl', '--all', '--concurrency', '1']);
    expect(found.told).toMatchObject({ exitCode: 0, verdicts: { match: 60 } });
    expect(found.told.requests['retried']).toBeGreaterThan(5);
    expect(trouble.stats().requests.soonerThanRetryAfter).toBe(0);
  });

  it.each([
    [
      { status: 403 },
      4,
      'error[auth]: the target forbids this (status 403): check --organization-id, and that the key has rights to it',
    ],
    [
      { status: 405 },
      5,
      'error[unavailable]: the target answered with status 405, as no such API does: check --api-url',
    ],
    [
      { status: 301, location: '/login' },
      5,
      'error[unavailable]: the target answered with status 301, as no such API does: check --api-url',
    ],
  ])('ends the command where nothing can come of it: %j', async (action, exitCode, message) => {
    const server = await sandbox({ faults: { rules: [{ when: { route: 'other' }, do: action }] } });
    const found = await recall(await imported(server, events(20)), 'verify', server.url, ['e.jsonl']);
    expect(found.exitCode).toBe(exitCode);
    expect(found.messages).toEqual([message]);
    expect(found.told).toMatchObject({ unread: 20, complete: false });
  });

  it('ends the command when the credentials are refused: exit 4', async () => {
    const server = await sandbox();
    const place = await imported(server, events(2));
    const env = { DIDOMI_API_KEY: 'bad' };
    expect((await recall(place, 'verify', server.url, ['e.jsonl'], { env })).exitCode).toBe(4);
  });

  it('gives up when the target is down for too long: exit 5', async () => {
    const server = await sandbox({ faults: { rules: [{ when: { route: 'other' }, do: { status: 500 } }] } });
    const place = await imported(server, events(2));
    const found = await recall(place, 'verify', server.url, ['e.jsonl', '--give-up-after', '1s']);
    expect(found.exitCode).toBe(5);
    expect(found.told.unread).toBe(2);
  });

  it("is told as what can't be told where the target refuses to tell, which is no failure", async () => {
    // The first one asked for the organization's purposes, at the import.
    const rules = [{ when: { route: 'other', requests: 2 }, do: { status: 400 } }];
    const other = await sandbox({ faults: { rules } });
    const there = await imported(other, events(2));
    const found = await recall(there, 'verify', other.url, ['e.jsonl', '--concurrency', '1']);
    expect(found.told).toMatchObject({ exitCode: 0, verdicts: { match: 1, cantBeTold: 1 } });
    expect(found.told.findings[0]).toMatchObject({ verdict: 'cantBeTold', why: 'the target answered with status 400' });
  });

  it('is a damaged or missing input: exit 3, with what could be read back', async () => {
    const server = await sandbox();
    const place = await imported(server, oddEvents(2_000, 2_000));
    const whole = gzipSync(place.read('e.jsonl'));
    place.write('cut.gz', whole.subarray(0, whole.length / 2));
    const found = await recall(place, 'verify', server.url, ['cut.gz', '--sample', '5']);
    expect(found.exitCode).toBe(3);
    expect(found.told.verdicts['match']).toBe(5);
    expect(found.messages[0]).toMatch(/^error\[input_cut_off\]: cut\.gz is cut off after line /);
    expect((await recall(place, 'verify', server.url, ['none.jsonl'])).exitCode).toBe(3);
  });

  it.each([
    [['--sample', '0'], 'error[bad_value]: --sample "0": expected a whole number of 1 or more.'],
    [['--sample', '5', '--all'], 'error[sample_and_all]: --sample and --all contradict each other: name one of them.'],
  ])('is wrong usage: %j, exit 2', async (more, message) => {
    const place = new Place();
    place.write('e.jsonl', events(1));
    const found = await recall(place, 'verify', 'http://127.0.0.1:9/v1', ['e.jsonl', ...more]);
    expect(found.exitCode).toBe(2);
    expect(found.messages).toEqual([message]);
  });

  it('is no ledger, or an embedded sandbox: exit 2, and nothing is made', async () => {
    const place = new Place();
    place.write('e.jsonl', events(1));
    for (const [command, more] of [['verify', []] as const, ['undo', ['--run', 'r']] as const]) {
      const found = await recall(place, command, 'http://127.0.0.1:9/v1', ['e.jsonl', ...more]);
      expect(found.exitCode).toBe(2);
      expect(found.messages).toEqual([
        expect.stringMatching(
          /^error\[ledger\]: There is no ledger for this destination: \S+didomi_127\.0\.0\.1_acme_\w+ does not exist\. Name with --ledger the folder that the import used, and the destination as the import had it: target, address, and organization or token decide which ledger of that folder is meant\.$/,
        ),
      ]);
    }
    const embedded = told(await place.run(['verify', '--sandbox', 'e.jsonl']));
    expect(embedded.exitCode).toBe(2);
    expect(embedded.messages).toEqual([
      'error[embedded_sandbox]: verify has nobody to ask: an embedded sandbox forgets its events when the import ends. Start one that stays with "consent-import sandbox", and import into it with --api-url.',
    ]);
  });
});

describe('verify at OneTrust', () => {
  const TOKEN = {
    ONETRUST_COLLECTION_POINT_TOKEN: demoToken(),
    ONETRUST_CLIENT_ID: 'client',
    ONETRUST_CLIENT_SECRET: 'secret',
  };
  const PURPOSE = { Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' };

  function receipts(count: number): string[] {
    return Array.from({ length: count }, (_, i) =>
      JSON.stringify({
        identifier: `person${i % 20}@example.org`,
        interactionDate: new Date(Date.UTC(2024, 4, 1) + i * 60_000).toISOString(),
        purposes: [PURPOSE],
        customPayload: { row: `${i}` },
      }),
    );
  }

  async function run(server: Sandbox, faultless: Place, command: string, more: readonly string[]) {
    const args = [command, '--target', 'onetrust', '--api-url', server.oneTrustUrl, 'r.jsonl', ...more];
    return faultless.run(args, { env: { ...TOKEN, ...(command === 'import' ? {} : { CONSENT_IMPORT_JSON: 'true' }) } });
  }

  it.each([
    ['by the stamp', ['--stamp', 'importId']],
    ['by person, date and purposes', []],
  ])('recognises receipts %s, and finds those that were altered or lost', async (_, stamp) => {
    const alter = { path: '/purposes/0/TransactionType', to: 'WITHDRAWN' };
    const rules = [
      { when: { events: { everyNth: 9 } }, do: { alter } },
      { when: { events: { everyNth: 25 } }, do: { drop: true } },
    ];
    const server = await sandbox({ faults: { rules } });
    const place = new Place();
    place.write('r.jsonl', receipts(60));
    expect((await run(server, place, 'import', ['--new-ledger', ...stamp])).exitCode).toBe(0);
    // What was delivered just now would be waited for.
    await ageDoubts(place, server.oneTrustUrl, demoToken(), 60_000);
    const platform = ['--platform-url', server.platformUrl];
    const found = told(await run(server, place, 'verify', ['--all', ...stamp, ...platform]));
    expect(found.exitCode).toBe(1);
    expect(found.told.verdicts).toEqual({ match: 52, missing: 2, different: 6, cantBeTold: 0 });
    expect(places(found)).toEqual([
      ...['different r.jsonl:9', 'different r.jsonl:18', 'missing r.jsonl:25', 'different r.jsonl:27'],
      ...['different r.jsonl:36', 'different r.jsonl:45', 'missing r.jsonl:50', 'different r.jsonl:54'],
    ]);
    expect(new Set(found.told.findings.flatMap(({ paths }) => paths))).toEqual(
      new Set(['/purposes/*/TransactionType']),
    );
    expect(found.told.requests['sent']).toBe(21);
  });

  it('needs to know where the platform is, and credentials for reading: exit 2; refused ones: exit 4', async () => {
    const server = await sandbox({ onetrust: { acceptsClient: () => false } });
    const place = new Place();
    place.write('r.jsonl', receipts(1));
    expect((await run(server, place, 'import', ['--new-ledger'])).exitCode).toBe(0);
    const without = await run(server, place, 'verify', []);
    expect(without.exitCode).toBe(2);
    expect(without.stderr).toContain('error[missing_option]: --platform-url is missing');
    expect((await run(server, place, 'verify', ['--platform-url', server.platformUrl])).exitCode).toBe(4);
  });
});
