import { describe, expect, it } from 'vitest';
import { oddEvents, personIn } from './events.js';
import { arrived, Place, sandbox, until } from './harness.js';

const EVENTS = 5_000;
const KILLS = 5;

describe('kill -9 in the middle of an import', () => {
  it('loses nothing, alters nothing and reorders nothing: the same command finishes the job', async () => {
    const place = new Place();
    const server = await sandbox({ latencyMs: 25 });
    const lines = oddEvents(EVENTS, 1_500);
    const input = place.write('events.jsonl', lines);
    const args = [input, '--batch-size', '25'];
    const moments: string[] = [];
    for (let kill = 1; kill <= KILLS; kill += 1) {
      const least = Math.floor((EVENTS * kill) / (KILLS + 2));
      const later = Math.floor(Math.random() * 30);
      const run = place.startImport(server.url, args);
      await until(() => server.stats().events.accepted >= least, run);
      await new Promise((resolve) => setTimeout(resolve, later));
      run.signal('SIGKILL');
      const { exitCode } = await run.ended;
      moments.push(`${later} ms after ${least} events`);
      expect(exitCode, moments.join(', ')).toBeUndefined();
    }
    const killed = server.stats().events;
    expect(killed.accepted).toBeLessThan(EVENTS);

    const last = await place.import(server.url, args);

    const message = moments.join(', ');
    expect(last.exitCode, message).toBe(0);
    expect(last.said).toEqual([]);
    const { read, delivered, duplicate } = last.summary.events;
    expect({ read, sum: delivered + duplicate }, message).toEqual({ read: EVENTS, sum: EVENTS });
    // What an earlier run had recorded is not sent again.
    expect(last.summary.duplicates.ledger, message).toBe(duplicate);
    expect(duplicate, message).toBeGreaterThan(EVENTS / (KILLS + 2));
    const { events, order } = server.stats();
    expect(events, message).toMatchObject({ accepted: EVENTS, resentAltered: 0, refused: 0 });
    expect(order, message).toMatchObject({ overtaken: 0, inOneRequest: 0, olderAfterNewer: 0 });
    expect(arrived(server).sort(), message).toEqual([...lines].sort());
    expect(byPerson(arrived(server)), message).toEqual(byPerson(lines));
  });

  it('harms no ledger when it comes while nothing was sent yet', async () => {
    const place = new Place();
    const server = await sandbox();
    const input = place.write('events.jsonl', oddEvents(500, 100));
    for (const afterMs of [60, 140, 220]) {
      const run = place.startImport(server.url, [input]);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      run.signal('SIGKILL');
      await run.ended;
    }

    const last = await place.import(server.url, [input]);

    expect(last.exitCode).toBe(0);
    expect(server.stats().events).toMatchObject({ accepted: 500, resentAltered: 0 });
  });
});

function byPerson(lines: readonly string[]): Map<string, string[]> {
  const people = new Map<string, string[]>();
  for (const line of lines) {
    const person = personIn(line);
    people.set(person, [...(people.get(person) ?? []), line]);
  }
  return people;
}
