import { expect, test } from 'vitest';
import type { RunPorts } from '../../src/pipeline/run-ports.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLines, World } from '../fakes/world.js';

type Ask = NonNullable<RunPorts['onKnownToTarget']>;

/** A target that had every so-manieth event before. One event per request, two requests at a time. */
function worldThatHas(every: number, ask: (world: World) => Ask) {
  const questions: { known: number; answered: number; at: number }[] = [];
  const world: World = new World({
    fate: ({ route, events }) => {
      const number = Number(events[0]?.id.slice(1)) + 1;
      return route === 'events' && number % every === 0 ? { status: 409, body: { code: 409 } } : undefined;
    },
    ports: {
      onKnownToTarget: (share, over) => {
        questions.push({ ...share, at: world.clock.monotonic() });
        return ask(world)(share, over);
      },
    },
  });
  const start = (count: number) => [memoryInput('a.jsonl', eventLines(count).join('\n'), world.clock)];
  const settings = { dispatch: { batch: { events: 1, bytes: 1_000 }, concurrency: 2, giveUpAfterMs: 60_000 } };
  return { world, questions, settings, start };
}

const HOUR = 3_600_000;

test('above 1 % of the events that the target had before, nothing more leaves until it is said to go on; asked once', async () => {
  let answeredAt = 0;
  const { world, questions, settings, start } = worldThatHas(40, (world) => async () => {
    await world.clock.sleep(HOUR);
    answeredAt = world.clock.monotonic();
    return true;
  });
  const result = await world.import(start(400), settings);
  expect(result.stop).toBeUndefined();
  expect(result.tally.events).toMatchObject({ read: 400, delivered: 390, duplicate: 10 });
  expect(result.tally.warnings).toEqual({ known_to_target: 10 });
  expect(questions).toEqual([{ known: 2, answered: 100, at: expect.any(Number) }]);
  expect(answeredAt).toBe(questions[0]!.at + HOUR);
  const meanwhile = world.didomi.calls.filter(({ at }) => at > questions[0]!.at && at < answeredAt);
  expect(meanwhile).toEqual([]);
});

test('no ends the run as an interruption does: what is in flight is finished, the rest is undelivered', async () => {
  const { world, settings, start } = worldThatHas(50, () => async () => false);
  const result = await world.import(start(400), settings);
  expect(result.stop).toEqual({
    reason: 'interrupted',
    message:
      'stopped, as you answered: the target had 2 of 100 events before this ledger ever sent them; find out what sent them (another ledger, or another program), and run the same command again to go on',
  });
  const { delivered, duplicate, undelivered, inDoubt } = result.tally.events;
  expect({ duplicate, inDoubt, left: delivered + undelivered }).toEqual({ duplicate: 2, inDoubt: 0, left: 398 });
  expect(delivered).toBeLessThanOrEqual(99);
  expect(world.didomi.eventCalls).toHaveLength(delivered + duplicate);
});

test.each([
  ['1 % and no more', 100, 400],
  ['of fewer than 100', 2, 99],
])('%s are not asked about', async (_, every, count) => {
  const { world, questions, settings, start } = worldThatHas(every, () => async () => false);
  const { stop, tally } = await world.import(start(count), settings);
  expect(stop).toBeUndefined();
  expect(tally.warnings['known_to_target']).toBeGreaterThan(0);
  expect(questions).toEqual([]);
});

test('where nobody is asked, sending goes on', async () => {
  const { world, questions, settings, start } = worldThatHas(2, () => () => undefined);
  const { tally } = await world.import(start(300), settings);
  expect(tally.events).toMatchObject({ delivered: 150, duplicate: 150 });
  expect(questions).toHaveLength(1);
});

test.each([['SIGINT'], ['SIGTERM']] as const)('%s ends a run whose question nobody answers', async (signal) => {
  let waiting: unknown;
  let isOver = false;
  const { world, settings, start } = worldThatHas(2, () => (_, over) => {
    over.addEventListener('abort', () => {
      isOver = true;
    });
    return new Promise(() => undefined);
  });
  const result = await world.import(start(300), settings, (running) => {
    world.clock.after(HOUR, () => {
      waiting = running.progress().waiting;
      running.interrupt(signal);
    });
  });
  expect(result.stop).toMatchObject({ reason: 'interrupted', signal });
  expect(result.tally.events.undelivered).toBeGreaterThan(190);
  expect([waiting, isOver]).toEqual([{ for: 'answer' }, true]);
});
