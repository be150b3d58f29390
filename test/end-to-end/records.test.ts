import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CONSENTS, DATE, event, events, idOf, userOf } from './events.js';
import { arrived, counts, ORGANIZATION, Place, sandbox } from './harness.js';

const BAD = [
  { line: event(100).slice(0, -5), reason: 'invalid_json', path: '', message: /./ },
  { what: 'an array', line: '[]', reason: 'schema_violation', path: '', message: 'must be object' },
  {
    line: `{"id":"x",${DATE},"user":{},${CONSENTS}}`,
    reason: 'schema_violation',
    path: '/user',
    message: 'must have id or organization_user_id',
  },
  {
    line: event(100).replace('true', '"true"'),
    reason: 'schema_violation',
    path: '/consents/purposes/0/enabled',
    message: 'must be boolean or null',
  },
  {
    line: `{"id":"a",${DATE},${userOf('a')},"consents":{"vendors":[]}}`,
    reason: 'schema_violation',
    path: '/consents/vendors',
    message: 'must be object',
  },
  {
    line: `{"id":7,${DATE},${userOf('a')},${CONSENTS}}`,
    reason: 'schema_violation',
    path: '/id',
    message: 'must be string',
  },
  {
    line: event(100).replace('"enabled":true', '"enabled":true,"enabled":true'),
    reason: 'schema_violation',
    path: '/consents/purposes/0/enabled',
    message: 'duplicate key',
  },
  {
    line: event(2, 'a', ',"organization_id":"other"'),
    reason: 'wrong_organization',
    path: '/organization_id',
    message: 'must be the organization of --organization-id',
  },
  {
    line: `{${userOf('a')},${CONSENTS}}`,
    reason: 'no_identity',
    path: '',
    message: 'must have id or created_at',
  },
  {
    line: Buffer.concat([Buffer.from('{"id":"'), Buffer.from([0xff]), Buffer.from('"}')]),
    reason: 'invalid_utf8',
    path: '',
    message: 'not valid UTF-8 at byte 8 of the record',
  },
];

describe('a record that can not be an event', () => {
  it('is rejected, with file, line, finding and content, and the others are delivered', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = BAD.flatMap(({ line }, i) => [Buffer.from(event(i + 1)), Buffer.from(''), Buffer.from(line)]);
    const input = place.write('events.jsonl', Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])));

    const run = await place.import(server.url, [input]);

    expect(run.exitCode).toBe(1);
    expect(run.said).toEqual([]);
    expect(run.summary.events).toEqual(counts({ read: 2 * BAD.length, delivered: BAD.length, rejected: BAD.length }));
    expect(place.rejects().map(({ rejected }) => rejected)).toEqual(
      BAD.map(({ reason, path, message }, i) => {
        const finding = { path, message: typeof message === 'string' ? message : expect.stringMatching(message) };
        return { file: input, line: 3 * (i + 1), reason, errors: [finding] };
      }),
    );
    expect(arrived(server).sort()).toEqual(events(BAD.length));
  });

  it('is not so for null choices, no created_at (a warning), its own organization, and unknown fields (a warning)', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = [
      event(1).replace('true', 'null'),
      `{"id":"${idOf(2)}",${userOf('b')},${CONSENTS}}`,
      event(3, 'c', `,"organization_id":"${ORGANIZATION}"`),
      event(4, 'd', ',"future":{"field":1}'),
    ];

    const run = await place.import(server.url, [place.write('events.jsonl', lines)]);
    const fresh = new Place();
    const strict = await fresh.import(server.url, [fresh.write('events.jsonl', lines), '--strict']);

    expect(run.exitCode).toBe(0);
    expect(run.summary.warnings).toEqual({ missing_created_at: 1, unknown_field: 1 });
    expect(arrived(server).slice(0, 4)).toEqual(lines);
    expect(strict.exitCode).toBe(1);
    expect(strict.summary.rejectedByReason).toEqual({ schema_violation: 2 });
  });
});

describe('an event without id', () => {
  it('gets the same UUID version 5 every time, directly behind its brace, so sending it twice is harmless', async () => {
    const server = await sandbox();
    const lines = [`{${DATE},${userOf('a')},${CONSENTS}}`, `{ ${userOf('b')} , ${DATE},${CONSENTS} }`];
    const withIds = lines.map((line) => `{"id":"${uuid5(`${ORGANIZATION}\n${line}`)}",${line.slice(1)}`);

    const place = new Place();
    const first = await place.import(server.url, [place.write('events.jsonl', [...lines, ...lines])]);
    const other = new Place();
    const again = await other.import(server.url, [other.write('events.jsonl', lines)]);

    expect(first.exitCode).toBe(0);
    expect(first.summary.events).toEqual(counts({ read: 4, delivered: 2, duplicate: 2 }));
    expect(first.summary.duplicates).toEqual({ ledger: 0, input: 2, target: 0 });
    expect(arrived(server)).toEqual(withIds);
    expect(again.exitCode).toBe(0);
    expect(server.stats().events).toMatchObject({ accepted: 2, resent: 2, resentAltered: 0 });
  });
});

describe('records that are equal', () => {
  it('are sent once, within a run and across runs', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', [...events(3), event(2)]);
    place.write('b.jsonl', [event(3), ...events(2, 4), event(5)]);

    const first = await place.import(server.url, ['a.jsonl', 'b.jsonl']);
    const second = await place.import(server.url, ['b.jsonl', 'a.jsonl']);

    expect(first.exitCode).toBe(0);
    expect(first.summary).toMatchObject({
      events: counts({ read: 8, delivered: 5, duplicate: 3 }),
      duplicates: { ledger: 0, input: 3, target: 0 },
      files: [
        { path: 'a.jsonl', state: 'complete', delivered: 3, duplicate: 1 },
        { path: 'b.jsonl', state: 'complete', delivered: 2, duplicate: 2 },
      ],
    });
    expect(second.exitCode).toBe(0);
    expect(second.summary).toMatchObject({ events: counts({ read: 8, duplicate: 8 }), requests: { sent: 0 } });
    expect(server.stats().events).toMatchObject({ accepted: 5, resent: 0 });
  });

  it('share the fate of the first: when that is refused, so are they, whenever they come', async () => {
    const place = new Place();
    const server = await sandbox({
      faults: { rules: [{ when: { events: { ids: [idOf(1)] } }, do: { refuse: { status: 422 } } }] },
    });
    // The last copy comes long after the first was settled.
    const lines = [event(1), event(1), ...events(30_000, 10), event(1)];
    const input = place.write('events.jsonl', lines);

    const run = await place.import(server.url, [input]);

    expect(run.exitCode).toBe(1);
    expect(run.summary.events).toEqual(counts({ read: 30_003, delivered: 30_000, rejected: 3 }));
    expect(run.summary.rejectedByReason).toEqual({ refused: 3 });
    expect(place.rejects().map(({ rejected }) => rejected)).toEqual(
      [1, 2, 30_003].map((line) => ({
        file: input,
        line,
        reason: 'refused',
        errors: [{ path: '', message: expect.stringContaining('Invalid event') }],
      })),
    );
    expect(server.stats().events).toMatchObject({ accepted: 30_000, resent: 0 });
  });
});

describe('an id that stands for other content', () => {
  const other = event(1).replace('true', 'false');

  it('is rejected within a run, naming where the first was read', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', [event(1), event(2), other]);

    const run = await place.import(server.url, [input]);

    expect(run.exitCode).toBe(1);
    expect(run.summary.rejectedByReason).toEqual({ conflicting_duplicate: 1 });
    const message = `its id was read with other content: run ${run.summary.run}, events.jsonl:1`;
    expect(place.rejects()).toEqual([
      {
        rejected: { file: input, line: 3, reason: 'conflicting_duplicate', errors: [{ path: '', message }] },
        event: JSON.parse(other),
      },
    ]);
    expect(arrived(server)).toEqual([event(1), event(2)]);
  });

  it('is rejected in a later run, naming run, file and line of what was delivered', async () => {
    const place = new Place();
    const server = await sandbox();
    const first = await place.import(server.url, [place.write('first.jsonl', [event(2), event(1)])]);
    const input = place.write('second.jsonl', [other]);

    const run = await place.import(server.url, [input]);

    expect(run.exitCode).toBe(1);
    const message = `its id was delivered with other content: run ${first.summary.run}, first.jsonl:2`;
    expect(place.rejects().map(({ rejected }) => rejected)).toEqual([
      { file: input, line: 1, reason: 'conflicting_duplicate', errors: [{ path: '', message }] },
    ]);
    expect(run.summary.requests.sent).toBe(0);
    expect(arrived(server)).toEqual([event(2), event(1)]);
  });

  it('counts as a duplicate with --on-conflict skip', async () => {
    const place = new Place();
    const server = await sandbox();
    await place.import(server.url, [place.write('first.jsonl', [event(1)])]);

    const args = [place.write('second.jsonl', [other, event(2), event(2).replace('true', 'null')])];
    const run = await place.import(server.url, [...args, '--on-conflict', 'skip']);

    expect(run.exitCode).toBe(0);
    expect(run.summary).toMatchObject({
      events: counts({ read: 3, delivered: 1, duplicate: 2 }),
      duplicates: { ledger: 1, input: 1, target: 0 },
    });
    expect(arrived(server)).toEqual([event(1), event(2)]);
  });
});

/** RFC 9562, section 5.5, in the namespace that this program documents. */
function uuid5(name: string): string {
  const namespace = Buffer.from('5e0f6c1b3a7d4c429d5e8b1f27a4c903', 'hex');
  const hash = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  hash[6] = (hash[6]! & 0x0f) | 0x50;
  hash[8] = (hash[8]! & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
