import { describe, expect, it } from 'vitest';
import { event, events, idOf } from './events.js';
import { handMadeServer, json, takesAll } from './hand-made-server.js';
import { arrived, counts, ORGANIZATION, Place, sandbox } from './harness.js';

/** Refuses each of these events in a way of its own. */
const refusing = (refusals: Readonly<Record<number, object>>, answers: object = {}): object => ({
  answers,
  rules: Object.entries(refusals).map(([n, refuse]) => ({
    when: { events: { ids: [idOf(Number(n))] } },
    do: { refuse },
  })),
});

describe('an event that the target refuses', () => {
  it('is found by splitting the batch, and alone rejected: status 400, 413 and 422', async () => {
    const place = new Place();
    const faults = refusing({ 37: { status: 400 }, 101: { status: 413 }, 300: { status: 422 } });
    const server = await sandbox({ faults });
    const input = place.write('events.jsonl', events(300));

    const run = await place.import(server.url, [input, '--concurrency', '1']);

    expect(run.exitCode).toBe(1);
    expect(run.said).toEqual([]);
    expect(run.summary).toMatchObject({
      reason: 'rejects',
      events: counts({ read: 300, delivered: 297, rejected: 3 }),
      rejectedByReason: { refused: 3 },
      requests: { retried: 0 },
    });
    // Besides the session: 2k·⌈log2(n/k)⌉ + 2k + 1 at most for each batch, with k = 1 and n = 100.
    expect(run.summary.requests.sent - 1).toBeLessThanOrEqual(3 * 17);
    expect(run.summary.requests.split).toBeLessThanOrEqual(3 * 7);
    const errors = [{ path: '', message: expect.stringContaining('Invalid event') }];
    expect(place.rejects()).toEqual(
      [37, 101, 300].map((line) => ({
        rejected: { file: input, line, reason: 'refused', errors },
        event: JSON.parse(event(line)),
      })),
    );
    const refused = new Set([37, 101, 300].map((n) => event(n)));
    expect(arrived(server).sort()).toEqual(events(300).filter((line) => !refused.has(line)));
  });

  it('is tried alone at once when the answer names it: by index, id or path', async () => {
    const place = new Place();
    const by = (names: string): object => ({ status: 422, names });
    const faults = refusing({
      ...{ 1: by('index'), 50: by('index'), 100: by('index') },
      ...{ 101: by('id'), 150: by('id'), 200: by('id') },
      ...{ 201: by('path'), 250: by('path'), 300: by('path') },
    });
    const server = await sandbox({ faults });

    const run = await place.import(server.url, [place.write('events.jsonl', events(300)), '--concurrency', '1']);

    expect(run.exitCode).toBe(1);
    expect(run.summary).toMatchObject({
      events: counts({ read: 300, delivered: 291, rejected: 9 }),
      // Besides: a session, and the purposes.
      requests: { sent: 2 + 3 * (1 + 5), split: 3 },
    });
    expect(place.rejects().map(({ rejected }) => rejected.line)).toEqual([1, 50, 100, 101, 150, 200, 201, 250, 300]);
  });

  it('costs no other event, whatever the target kept of the batch', async () => {
    const place = new Place();
    const keeping = (keeps: string): object => ({ status: 400, names: 'nothing', keeps });
    const faults = refusing(
      { 20: keeping('nothing'), 120: keeping('before'), 220: keeping('others'), 320: keeping('items') },
      { duplicates: { status: 409, where: 'alone' } },
    );
    const server = await sandbox({ faults });

    const run = await place.import(server.url, [place.write('events.jsonl', events(400)), '--concurrency', '1']);

    expect(run.exitCode).toBe(1);
    expect(run.summary.rejectedByReason).toEqual({ refused: 4 });
    const { delivered, duplicate, rejected } = run.summary.events;
    expect({ taken: delivered + duplicate, rejected }).toEqual({ taken: 396, rejected: 4 });
    expect(server.stats().events).toMatchObject({ accepted: 396, resentAltered: 0 });
  });

  it('is sent again once it is repaired, and by the next run of the same command', async () => {
    const place = new Place();
    const refuses = await sandbox({ faults: refusing({ 2: { status: 422 } }) });
    const input = place.write('events.jsonl', events(3));
    await place.import(refuses.url, [input, '--rejects', 'r.jsonl']);
    const accepts = await sandbox();

    const run = await place.import(accepts.url, [input]);

    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 3, delivered: 1, duplicate: 2 }));
    expect(arrived(accepts)).toEqual([event(2)]);
  });
});

describe('a target that takes no such large body', () => {
  it('gets smaller ones', async () => {
    const place = new Place();
    const server = await sandbox({ didomi: { maxBodyBytes: 3_000 } });

    const run = await place.import(server.url, [place.write('events.jsonl', events(100))]);

    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 100, delivered: 100 }));
    expect(run.summary.requests.split).toBeGreaterThan(0);
  });

  it('refuses an event that is too large by itself', async () => {
    const place = new Place();
    const server = await sandbox({ didomi: { maxBodyBytes: 3_000 } });
    const large = event(5, 'p', `,"metadata":{"large":"${'x'.repeat(3_000)}"}`);

    const run = await place.import(server.url, [place.write('events.jsonl', [...events(4), large, ...events(4, 6)])]);

    expect(run.exitCode).toBe(1);
    expect(run.summary.events).toEqual(counts({ read: 9, delivered: 8, rejected: 1 }));
    expect(place.rejects().map(({ rejected }) => [rejected.line, rejected.reason])).toEqual([[5, 'refused']]);
  });
});

describe('events that the target has already', () => {
  it.each([
    { status: 409, where: 'alone' },
    { status: 409, where: 'batch' },
    { status: 400, where: 'alone' },
    { status: 400, where: 'batch' },
  ])('are duplicates, and no new event is lost: answered with $status, $where', async (duplicates) => {
    const server = await sandbox({ answers: { duplicates } as never });
    await post(server.url, events(5, 3));
    const place = new Place();
    const alone = duplicates.where === 'alone' ? ['--batch-size', '1'] : [];

    const run = await place.import(server.url, [place.write('events.jsonl', events(10)), ...alone]);
    const again = await place.import(server.url, ['events.jsonl']);

    expect(run.exitCode).toBe(0);
    expect(run.said).toEqual([]);
    expect(run.summary.events).toEqual(counts({ read: 10, delivered: 5, duplicate: 5 }));
    expect(run.summary.duplicates).toEqual({ ledger: 0, input: 0, target: 5 });
    expect(server.stats().events).toMatchObject({ accepted: 10, resentAltered: 0 });
    expect(again.summary).toMatchObject({ events: { duplicate: 10 }, requests: { sent: 0 } });
  });

  it('count as delivered where the target answers as if they were new', async () => {
    const server = await sandbox();
    await post(server.url, events(5));
    const place = new Place();

    const run = await place.import(server.url, [place.write('events.jsonl', events(10))]);

    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 10, delivered: 10 }));
    expect(server.stats().events).toMatchObject({ accepted: 10, resent: 5 });
  });
});

describe('a success that names failed events', () => {
  it('delivers the others, sends again what may still succeed, and rejects what may not', async () => {
    const place = new Place();
    const server = await handMadeServer({
      events: (request, response) => {
        if (request.number > 1) return takesAll(request, response);
        const sent = JSON.parse(request.body) as { id: string }[];
        json(response, 200, {
          data: sent.map(({ id }, i) => {
            if (i === 1) return { id, code: 400, name: 'BadRequest', message: 'purpose is unknown' };
            if (i === 2) return { id, code: 503, name: 'Unavailable', message: 'try later' };
            return { id };
          }),
        });
      },
    });

    const run = await place.import(server.url, [place.write('events.jsonl', events(4))]);

    expect(run.exitCode).toBe(1);
    expect(run.summary).toMatchObject({
      events: counts({ read: 4, delivered: 3, rejected: 1 }),
      // A session, the purposes, and twice the events.
      requests: { sent: 4, retried: 1, split: 0 },
    });
    expect(server.events[1]?.body).toBe(`[${event(3)}]`);
    const [reject] = place.rejects();
    expect(reject?.rejected).toMatchObject({ line: 2, reason: 'refused' });
    expect(reject?.rejected.errors[0]?.message).toContain('purpose is unknown');
  });
});

/** Brings events to a target without this program. */
async function post(url: string, lines: readonly string[]): Promise<void> {
  const send = (path: string, body: string, headers = {}): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  const session = await send('/sessions', JSON.stringify({ type: 'api-key', key: 'k', secret: 's' }));
  const { access_token: token } = (await session.json()) as { access_token: string };
  const path = `/consents/events?organization_id=${ORGANIZATION}`;
  const answer = await send(path, `[${lines.join(',')}]`, { authorization: `Bearer ${token}` });
  expect(answer.status).toBe(200);
}
