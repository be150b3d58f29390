import { describe, expect, it } from 'vitest';
import { event, events } from './events.js';
import { type Answer, handMadeServer, json, takesAll } from './hand-made-server.js';
import { counts, importArgs, ORGANIZATION, Place, sandbox } from './harness.js';

/** An event of an ordinary form, and one whose form has to be parsed, with a purpose that nobody knows. */
const UNKNOWN = [event(3), event(4, 'person-4', ',"odd":1')].map((line) => line.replace('newsletter', 'no-such'));

function warned(where: string): string {
  return `warning[unknown_purpose]: ${where} names a purpose that organization ${ORGANIZATION} does not have, perhaps with others: Didomi may refuse such events. The summary counts them, and --strict rejects them.`;
}

/** A list of purposes, as Didomi answers. */
function lists(...ids: readonly string[]): Answer {
  return (_, response) => json(response, 200, { data: ids.map((id) => ({ id })), total: ids.length });
}

describe("the organization's purposes", () => {
  it('are read once, in the session of the run, before the first batch; the first event with another is named', async () => {
    // The stand-in lists its purposes, and would refuse events with others.
    const server = await sandbox({ didomi: { purposes: ['newsletter', 'no-such-either'] } });
    const place = new Place();
    place.write('events.jsonl', [...events(2), ...UNKNOWN]);
    const ended = await place.import(server.url, ['events.jsonl']);
    expect(ended.exitCode).toBe(1);
    expect(ended.said[0]).toBe(warned('events.jsonl:3'));
    expect(ended.said.filter((line) => line.includes('unknown_purpose'))).toHaveLength(1);
    expect(ended.summary.warnings).toMatchObject({ unknown_purpose: 2 });
    expect(ended.summary.events).toEqual(counts({ read: 4, delivered: 2, rejected: 2 }));
    expect(server.stats().requests.byRoute).toMatchObject({ sessions: 1, other: 1 });
    expect(ended.stderr + ended.stdout).not.toContain('"no-such"');
  });

  it('that nobody knows reject the event with --strict', async () => {
    const server = await sandbox({ didomi: { purposes: ['newsletter'] } });
    const place = new Place();
    place.write('events.jsonl', [...events(2), UNKNOWN[0]!]);
    const ended = await place.import(server.url, ['--strict', 'events.jsonl']);
    expect(ended.exitCode).toBe(1);
    expect(place.rejects()[0]!.rejected).toMatchObject({
      ...{ line: 3, reason: 'schema_violation' },
      errors: [{ path: '/consents/purposes/0/id', message: 'unknown purpose (--strict)' }],
    });
    expect(server.stats().requests.byRoute.events).toBe(1);
  });

  it('are not asked for before everything was checked with --validate-first', async () => {
    const server = await sandbox({ didomi: { purposes: ['newsletter'] } });
    const place = new Place();
    place.write('events.jsonl', [...events(2), 'broken']);
    const ended = await place.import(server.url, ['--validate-first', 'events.jsonl']);
    expect(ended.exitCode).toBe(9);
    expect(server.stats().requests.total).toBe(0);
  });

  it('are known to worker threads also behind the check of --validate-first', async () => {
    const server = await handMadeServer({ events: takesAll, purposes: lists('newsletter') });
    const place = new Place();
    place.write('events.jsonl', [...events(2), ...UNKNOWN]);
    const ended = await place.import(server.url, ['--validate-first', '--threads', '1', 'events.jsonl']);
    expect(ended.summary.events).toEqual(counts({ read: 4, delivered: 4 }));
    expect(ended.summary.warnings).toMatchObject({ unknown_purpose: 2 });
  });

  it('that can not be read are a warning, and the import goes on', async () => {
    const server = await handMadeServer({
      events: takesAll,
      purposes: (_, response) => json(response, 403, {}),
    });
    const place = new Place();
    place.write('events.jsonl', events(2));
    const ended = await place.import(server.url, ['events.jsonl']);
    expect(ended).toMatchObject({
      exitCode: 0,
      said: [
        `warning[purposes_unchecked]: the purposes of organization ${ORGANIZATION} could not be read (status 403), so events were not checked against them.`,
      ],
    });
    expect(server.purposes.map(({ url }) => url)).toEqual([
      `/v1/metadata/purposes?organization_id=${ORGANIZATION}&%24limit=100&%24skip=0`,
    ]);
    expect(server.sessions).toHaveLength(1);
    expect(server.purposes[0]!.headers.authorization).toBe(server.events[0]!.headers.authorization);
  });

  it('that are refused in any way neither end nor pause the run, and with --quiet nothing is said', async () => {
    const refusals: readonly Answer[] = [
      ...[401, 404, 500].map(
        (status): Answer =>
          (_, response) =>
            json(response, status, {}),
      ),
      (_, response) => json(response, 429, {}, { 'retry-after': '7200' }),
      (_, response) => json(response, 503, {}, { 'retry-after': '600' }),
      (_, response) => response.writeHead(302, { location: '/elsewhere' }).end(),
      (_, response) => response.end('<html>Welcome</html>'),
      (_, response) => json(response, 200, {}),
      (_, response) => response.socket?.destroy(),
      () => undefined,
    ];
    for (const purposes of refusals) {
      const server = await handMadeServer({ events: takesAll, purposes });
      const place = new Place();
      place.write('events.jsonl', events(2));
      const args = importArgs(server.url, ['--quiet', 'events.jsonl']).filter((arg) => arg !== '--json');
      expect(await place.run(args)).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
      expect([server.sessions, server.purposes].map(({ length }) => length)).toEqual([1, 1]);
    }
  });

  it('are not asked for where nothing is new, and not in a dry run', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('events.jsonl', events(2));
    await place.import(server.url, ['--dry-run', 'events.jsonl']);
    expect(server.stats().requests.total).toBe(0);
    await place.import(server.url, ['events.jsonl']);
    const before = server.stats().requests.total;
    await place.import(server.url, ['events.jsonl']);
    await place.import(server.url, ['--no-skip', 'events.jsonl']);
    place.write('known-and-broken.jsonl', ['broken', ...events(2), 'broken']);
    const ended = await place.import(server.url, ['--max-rejects', 'none', 'known-and-broken.jsonl']);
    expect(ended.summary.events).toEqual(counts({ read: 4, duplicate: 2, rejected: 2 }));
    expect(server.stats().requests.total).toBe(before);
  });

  it.each(['0', '2'])(
    'check what is new behind much that is known, and all behind it, with %s threads',
    async (threads) => {
      const server = await handMadeServer({ events: takesAll, purposes: lists('newsletter') });
      const place = new Place();
      const known = events(5_000, 10);
      const doubtful = events(10_000, 8_000).map((line) => line.replace('newsletter', 'no-such'));
      place.write('known.jsonl', [...known, ...doubtful]);
      await place.import(server.url, ['known.jsonl']);
      place.write('more.jsonl', [...known, ...events(1, 6_000), ...UNKNOWN, ...doubtful]);
      const before = server.purposes.length;
      const ended = await place.import(server.url, ['--threads', threads, 'more.jsonl']);
      expect(ended.said[0]).toBe(warned('more.jsonl:5002'));
      expect(ended.summary.warnings).toMatchObject({ unknown_purpose: 10_002 });
      expect(ended.summary.events).toEqual(counts({ read: 15_003, delivered: 3, duplicate: 15_000 }));
      expect(server.purposes.length).toBe(before + 1);
    },
  );

  it('reject with --strict also what is known already, wherever it stands', async () => {
    const server = await handMadeServer({ events: takesAll, purposes: lists('newsletter') });
    const place = new Place();
    place.write('before.jsonl', [UNKNOWN[0]!, ...events(2, 10)]);
    await place.import(server.url, ['before.jsonl']);
    const asked = server.purposes.length;
    const ended = await place.import(server.url, ['--strict', 'before.jsonl']);
    expect(ended.summary.events).toEqual(counts({ read: 3, duplicate: 2, rejected: 1 }));
    expect(server.purposes.length).toBe(asked + 1);
  });

  it('leave the run to draw the consequences where there is no session', async () => {
    const server = await handMadeServer({ events: takesAll, sessions: (_, response) => json(response, 401, {}) });
    const place = new Place();
    place.write('events.jsonl', events(2));
    const ended = await place.import(server.url, ['events.jsonl']);
    expect(ended.exitCode).toBe(4);
    expect(server.sessions).toHaveLength(1);
    expect(server.purposes).toHaveLength(0);
  });
});
