import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/pipeline/event.js';
import { LookBack } from '../../src/pipeline/look-back.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, World } from '../fakes/world.js';

function line(id: string, person: string, date: string, more: Record<string, unknown> = {}): string {
  return eventLine(id, person, { created_at: date, ...more });
}

async function imported(world: World, ...files: readonly (readonly string[])[]) {
  const inputs = files.map((lines, i) => memoryInput(`${'abc'[i]}.jsonl`, lines.join('\n'), world.clock));
  const { tally } = await world.import(inputs);
  return { warnings: tally.warnings, first: tally.warnedFirst.older_than_previous, events: tally.events };
}

describe('an event that is dated before an earlier one of the same person', () => {
  it('is delivered, counted, and told of with the first few lines, also across files', async () => {
    const { warnings, first, events } = await imported(
      new World(),
      [
        line('1', 'ann', '2024-05-02T00:00:00Z'),
        line('2', 'ben', '2024-01-01T00:00:00Z'),
        line('3', 'ann', '2024-05-01T23:59:59Z'),
        line('4', 'ann', '2024-05-03T00:00:00Z'),
        line('5', 'ann', '2024-05-02T12:00:00Z'),
      ],
      [line('6', 'ben', '2023-12-31T00:00:00Z'), line('7', 'ben', '2023-12-30T00:00:00Z')],
    );

    expect(events).toMatchObject({ read: 7, delivered: 7 });
    expect(warnings).toEqual({ older_than_previous: 4 });
    expect(first).toEqual([
      { file: 'a.jsonl', line: 3 },
      { file: 'a.jsonl', line: 5 },
      { file: 'b.jsonl', line: 1 },
    ]);
  });

  it('is found by points in time, not by how they are written, and not where both are the same', async () => {
    const { warnings } = await imported(new World(), [
      line('1', 'ann', '2024-05-02T00:30:00+02:00'),
      line('2', 'ann', '2024-05-01T23:00:00Z'),
      line('3', 'ann', '2024-05-02T01:00:00+02:00'),
    ]);
    expect(warnings).toEqual({});
  });

  it('is found by either of the two ids that a person has', async () => {
    const both = { user: { organization_user_id: 'ann', id: 'didomi-ann' } };
    const { warnings } = await imported(new World(), [
      line('1', '', '2024-05-02T00:00:00Z', both),
      line('2', '', '2024-05-01T00:00:00Z', { user: { id: 'didomi-ann' } }),
      line('3', 'ann', '2024-04-01T00:00:00Z'),
    ]);
    expect(warnings).toEqual({ older_than_previous: 2 });
  });

  it('is not told of where it is a repeat that is not sent again', async () => {
    const world = new World();
    const old = line('1', 'ann', '2024-05-01T00:00:00Z');
    const { warnings } = await imported(world, [old, line('2', 'ann', '2024-05-02T00:00:00Z'), old]);
    expect(warnings).toEqual({});
  });

  it('can not be told where dates are missing', async () => {
    const { warnings } = await imported(new World(), [
      line('1', 'ann', '2024-05-02T00:00:00Z'),
      eventLine('2', 'ann', { created_at: undefined }),
    ]);
    expect(warnings).toEqual({ missing_created_at: 1 });
  });
});

describe('an event that is dated before an earlier one of the same person, with --strict', () => {
  const LINES = [
    line('1', 'ann', '2024-05-02T00:00:00Z'),
    line('2', 'ann', '2024-05-01T00:00:00Z'),
    line('3', 'ann', '2024-05-03T00:00:00Z'),
  ];

  it('is rejected, with its repeats, and the others are delivered', async () => {
    const world = new World();
    const input = memoryInput('a.jsonl', [...LINES, LINES[1]].join('\n'), world.clock);
    const { tally } = await world.import([input], { strict: true });
    expect(tally.events).toMatchObject({ read: 4, delivered: 2, rejected: 2 });
    expect(tally.warnings).toEqual({});
    expect(world.rejects.records.map(({ origin, reason, errors }) => ({ origin, reason, errors }))).toEqual(
      [2, 4].map((at) => ({
        origin: { file: 'a.jsonl', line: at },
        reason: 'schema_violation',
        errors: [{ path: '', message: 'dated before an earlier event of the same person (--strict)' }],
      })),
    );
  });

  it('counts among the rejects that stop a run', async () => {
    const world = new World();
    const input = memoryInput('a.jsonl', LINES.join('\n'), world.clock);
    const { stop } = await world.import([input], { strict: true, maxRejects: { kind: 'count', most: 0 } });
    expect(stop?.reason).toBe('too_many_rejects');
  });

  it('stays a duplicate where it was delivered before', async () => {
    const world = new World();
    await world.import([memoryInput('a.jsonl', LINES.join('\n'), world.clock)]);
    const again = memoryInput('a.jsonl', LINES.join('\n'), world.clock);
    const { tally } = await world.import([again], { run: 'run-2', strict: true });
    expect(tally.events).toMatchObject({ read: 3, duplicate: 3 });
  });
});

describe('LookBack', () => {
  const event = (subjectA: number, date: number): Event => ({ subjectA, subjectB: 0, date }) as Event;
  const isOlder = (lookBack: LookBack, subject: number, date: number): boolean => {
    const seen = event(subject, date);
    lookBack.see(seen);
    return seen.isOlderThanPrevious;
  };

  it('forgets a person whose place another one takes, and never mistakes one for the other', () => {
    const lookBack = new LookBack(8);
    expect(isOlder(lookBack, 3, 20)).toBe(false);
    expect(isOlder(lookBack, 11, 10)).toBe(false);
    expect(isOlder(lookBack, 11, 5)).toBe(true);
    expect(isOlder(lookBack, 3, 10)).toBe(false);
  });

  it('remembers the latest date, not the last one', () => {
    const lookBack = new LookBack(8);
    expect([10, 30, 20, 25, 30].map((date) => isOlder(lookBack, 3, date))).toEqual([false, false, true, true, false]);
  });
});
