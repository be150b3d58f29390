import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { event, events, idOf, oddEvents } from './events.js';
import { arrived, counts, Place, sandbox } from './harness.js';

const { zip } = (await import(new URL('../../fixtures/kinds/zip.js', import.meta.url).href)) as {
  zip: (files: readonly { readonly name: string; readonly content: string }[]) => Uint8Array;
};

const AGAIN = 'run the same command again to go on';
const LOOK = 'look at the rejects file, fix the input, and run the same command again';

describe('--limit', () => {
  it('delivers exactly so many, then stops: exit 8; the next run goes on from there', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = oddEvents(300, 40);
    const input = place.write('events.jsonl', lines);

    const one = await place.import(server.url, [input, '--limit', '1']);
    const more = await place.import(server.url, [input, '--limit', '120']);
    const rest = await place.import(server.url, [input, '--limit', '1000']);

    expect(one.exitCode).toBe(8);
    expect(one.said).toEqual([`error[limit]: stopped at --limit: 1 event was delivered; ${AGAIN}`]);
    expect(one.summary).toMatchObject({ reason: 'limit', events: { delivered: 1 }, requests: { sent: 3 } });
    expect(arrived(server)[0]).toBe(lines[0]);
    expect(more.exitCode).toBe(8);
    expect(more.said).toEqual([`error[limit]: stopped at --limit: 120 events were delivered; ${AGAIN}`]);
    expect(more.summary.events).toMatchObject({ delivered: 120, duplicate: 1 });
    expect(rest.exitCode).toBe(0);
    expect(rest.summary.events).toEqual(counts({ read: 300, delivered: 179, duplicate: 121 }));
    expect(server.stats()).toMatchObject({
      events: { accepted: 300, resent: 0 },
      order: { overtaken: 0, olderAfterNewer: 0 },
    });
  });

  it('counts what was delivered, not what was refused', async () => {
    const place = new Place();
    const ids = [2, 5, 11].map(idOf);
    const server = await sandbox({ faults: { rules: [{ when: { events: { ids } }, do: { refuse: true } }] } });

    const run = await place.import(server.url, [place.write('events.jsonl', events(50)), '--limit', '20']);

    expect(run.exitCode).toBe(8);
    expect(run.summary.events).toMatchObject({ delivered: 20, rejected: 3, undelivered: 27 });
    expect(server.stats().events.accepted).toBe(20);
  });
});

describe('--max-duration', () => {
  it('stops cleanly: exit 8, and the next run goes on', async () => {
    const place = new Place();
    const server = await sandbox({ latencyMs: 60 });
    const args = [place.write('events.jsonl', events(500)), '--batch-size', '5', '--concurrency', '2'];

    const run = await place.import(server.url, [...args, '--max-duration', '2s']);
    const next = await place.import(server.url, ['events.jsonl']);

    expect(run.exitCode).toBe(8);
    expect(run.said).toEqual([`error[limit]: stopped at --max-duration 2s; ${AGAIN}`]);
    const { delivered, undelivered } = run.summary.events;
    expect(delivered).toBe(server.stats().events.accepted - next.summary.events.delivered);
    expect(undelivered).toBeGreaterThan(0);
    expect(next.exitCode).toBe(0);
    expect(server.stats().events).toMatchObject({ accepted: 500, resent: 0 });
  });
});

describe('--max-rejects', () => {
  const bad = (n: number): string => event(n).replace('true', '"yes"');

  it('as a number stops the run when there are more: exit 9', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = [...events(20), bad(101), bad(102), bad(103)];
    const input = place.write('events.jsonl', lines);

    const within = await place.import(server.url, [input, '--max-rejects', '3', '--rejects', 'a.jsonl']);
    const beyond = await place.import(server.url, [input, '--max-rejects', '2', '--rejects', 'b.jsonl']);

    expect(within.exitCode).toBe(1);
    expect(beyond.exitCode).toBe(9);
    expect(beyond.said).toEqual([
      `error[too_many_rejects]: stopped: 3 events were rejected, and --max-rejects allows 2; ${LOOK}`,
    ]);
    expect(beyond.summary).toMatchObject({ reason: 'too_many_rejects', events: { rejected: 3 } });
    expect(place.rejectsIn('b.jsonl')).toHaveLength(3);
  });

  it('does not call unread what was read to its end', async () => {
    const place = new Place();
    const server = await sandbox();
    const text = [...events(2), bad(101)].join('\n');
    place.write('plain.jsonl', text);
    place.write('packed.jsonl.gz', gzipSync(text));
    place.write(
      'first.zip',
      zip([
        { name: 'a.jsonl', content: text },
        { name: 'b.jsonl', content: event(5) },
      ]),
    );
    const stopped = [];
    for (const name of ['plain.jsonl', 'packed.jsonl.gz', 'first.zip']) {
      const { exitCode, summary } = await place.import(server.url, [name, '--max-rejects', '0']);
      stopped.push([name, exitCode, summary.complete, summary.events.read]);
    }
    expect(stopped).toEqual([
      ['plain.jsonl', 9, true, 3],
      ['packed.jsonl.gz', 9, true, 3],
      ['first.zip', 9, false, 3],
    ]);
  });

  it('as a percentage counts from 500 records on; half of them by default; none allows all', async () => {
    const place = new Place();
    const server = await sandbox();
    const half = Array.from({ length: 800 }, (_, i) => (i % 2 === 0 ? event(i) : bad(i)));
    const few = place.write(
      'few.jsonl',
      Array.from({ length: 499 }, (_, i) => bad(i)),
    );
    const many = place.write('many.jsonl', [...half, bad(999)]);
    const rejects = (name: string): string[] => ['--rejects', name];

    const below = await place.import(server.url, [few, ...rejects('a')]);
    const above = await place.import(server.url, [many, ...rejects('b')]);
    const all = await place.import(server.url, [many, ...rejects('c'), '--max-rejects', 'none']);

    expect(below.exitCode).toBe(1);
    expect(above.exitCode).toBe(9);
    expect(above.said).toEqual([
      `error[too_many_rejects]: stopped: 401 of the first 801 records were rejected, and --max-rejects allows 50%; ${LOOK}`,
    ]);
    expect(all.exitCode).toBe(1);
    expect(server.stats().events.accepted).toBe(400);
  });

  it('as a percentage notices a target that refuses nearly everything', async () => {
    const place = new Place();
    const faults = { rules: [{ when: { events: { share: 0.9 } }, do: { refuse: { names: 'index' } } }] };
    const server = await sandbox({ faults });

    const run = await place.import(server.url, [place.write('events.jsonl', events(3_000))]);

    expect(run.exitCode).toBe(9);
    expect(run.said).toHaveLength(1);
    expect(run.said[0]).toMatch(
      /^error\[too_many_rejects\]: stopped: the target refused \d+ of the first \d+ events, and --max-rejects allows 50%; look at/,
    );
    expect(run.summary.events.rejected).toBeLessThan(2_000);
  });
});

describe('--validate-first', () => {
  it('sends nothing when anything is rejected: exit 9', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(3));
    place.write('bad.jsonl', [event(4), '{}']);

    const run = await place.import(server.url, ['good.jsonl', 'bad.jsonl', '--validate-first']);
    const good = await place.import(server.url, ['good.jsonl', '--validate-first']);

    expect(run.exitCode).toBe(9);
    expect(run.said).toEqual([
      `error[too_many_rejects]: nothing was sent: 1 record was rejected, and --validate-first allows none; ${LOOK}`,
    ]);
    expect(run.summary).toMatchObject({
      reason: 'too_many_rejects',
      events: counts({ read: 5, rejected: 1, undelivered: 4 }),
      requests: { sent: 0 },
    });
    expect(good.exitCode).toBe(0);
    expect(good.summary.events).toEqual(counts({ read: 3, delivered: 3 }));
    expect(arrived(server)).toEqual(events(3));
  });

  it('sends nothing when an input can not be read: exit 3', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(3));

    const run = await place.import(server.url, ['good.jsonl', 'missing.jsonl', '--validate-first']);

    expect(run.exitCode).toBe(3);
    expect(run.summary).toMatchObject({ events: counts({ read: 3, undelivered: 3 }), requests: { sent: 0 } });
    expect(server.stats().requests.total).toBe(0);
  });

  it('needs inputs that can be read twice: exit 2', async () => {
    const place = new Place();
    const server = await sandbox();

    const run = await place.import(server.url, ['-', '--validate-first'], { input: Buffer.from(event(1)) });

    expect(run.exitCode).toBe(2);
    expect(run.said).toEqual([
      'error[cant_read_twice]: --validate-first reads every input twice, and standard input can be read only once. Store it in a file first.',
    ]);
  });
});

describe('--dry-run', () => {
  it('sends and records nothing, and says what would be sent', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', [...events(10), event(10)]);
    await place.import(server.url, [place.write('before.jsonl', events(3))]);
    const before = server.stats().requests.total;

    const dry = await place.import(server.url, [input, '--dry-run']);
    const real = await place.import(server.url, [input]);

    expect(dry.exitCode).toBe(0);
    expect(dry.summary).toMatchObject({
      reason: 'completed',
      events: counts({ read: 11, duplicate: 4, undelivered: 7 }),
      duplicates: { ledger: 3, input: 1, target: 0 },
      requests: { sent: 0 },
    });
    expect(real.summary.events).toEqual(counts({ read: 11, delivered: 7, duplicate: 4 }));
    expect(server.stats().requests.total).toBe(before + real.summary.requests.sent);
  });
});
