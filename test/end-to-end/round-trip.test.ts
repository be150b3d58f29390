import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { oddEvents, personIn } from './events.js';
import { arrived, counts, Place, sandbox } from './harness.js';

describe('100,000 events', () => {
  it('arrive byte for byte, in the order of each person, and are not sent again', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = oddEvents(100_000, 1_000);
    const input = place.write('events.jsonl.gz', gzipSync(`${lines.join('\n')}\n`, { level: 1 }));

    const first = await place.import(server.url, [input]);

    expect(first.said).toEqual([]);
    expect(first.exitCode).toBe(0);
    expect(first.summary).toMatchObject({
      reason: 'completed',
      complete: true,
      events: counts({ read: 100_000, delivered: 100_000 }),
      duplicates: { ledger: 0, input: 0, target: 0 },
      rejectedByReason: {},
      warnings: {},
      requests: { retried: 0, rateLimited: 0, split: 0 },
      files: [{ path: input, state: 'complete', ...counts({ read: 100_000, delivered: 100_000 }) }],
      rejectsFile: null,
    });
    expect(first.summary.requests.succeeded).toBe(first.summary.requests.sent);
    expect(server.stats()).toMatchObject({
      // The other one asks which purposes there are.
      requests: { byRoute: { sessions: 1, other: 1 }, byStatus: { 200: first.summary.requests.sent } },
      events: { accepted: 100_000, resent: 0, refused: 0 },
      order: { overtaken: 0, inFlightTogether: 0, inOneRequest: 0, olderAfterNewer: 0 },
    });
    expectSame(arrived(server), lines);

    const second = await place.import(server.url, [input]);

    expect(second.exitCode).toBe(0);
    expect(second.summary).toMatchObject({
      events: counts({ read: 100_000, duplicate: 100_000 }),
      duplicates: { ledger: 100_000, input: 0, target: 0 },
      requests: { sent: 0 },
      bytes: { sent: 0 },
    });
    expect(server.stats().requests.total).toBe(first.summary.requests.sent);
    expect(second.stderr).toMatch(/^Importing into .* Ledger: .*, 100,000 ids\b.*\n$/);
  });
});

/** The same lines, and those of one person in the same order. Compared quickly: `toEqual` takes minutes for so many. */
function expectSame(received: readonly string[], sent: readonly string[]): void {
  const place = new Map(sent.map((line, i) => [line, i]));
  const latest = new Map<string, number>();
  const strangers: string[] = [];
  const disordered: string[] = [];
  for (const line of received) {
    const at = place.get(line);
    if (at === undefined) {
      strangers.push(line);
      continue;
    }
    place.delete(line);
    const person = personIn(line);
    if (at < (latest.get(person) ?? -1)) disordered.push(line);
    latest.set(person, at);
  }
  expect(strangers.slice(0, 3)).toEqual([]);
  expect(disordered.slice(0, 3)).toEqual([]);
  expect([...place.keys()].slice(0, 3)).toEqual([]);
  expect(received).toHaveLength(sent.length);
}
