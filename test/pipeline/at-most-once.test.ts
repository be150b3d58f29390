import { expect, test } from 'vitest';
import type { Fate } from '../fakes/fake-didomi.js';
import {
  type FakeOneTrustOptions,
  oneTrustWorld,
  POINT_TOKEN,
  pointToken,
  receiptLine,
  receiptLines,
} from '../fakes/fake-onetrust.js';
import { memoryInput } from '../fakes/memory-input.js';
import type { SettingsChange, World } from '../fakes/world.js';

type Options = NonNullable<Parameters<typeof oneTrustWorld>[0]>;

async function importLines(lines: readonly string[], options: Options = {}, change: SettingsChange = {}) {
  const made = oneTrustWorld(options);
  const result = await made.world.import([memoryInput('a.jsonl', lines.join('\n'), made.world.clock)], change);
  return { ...made, result };
}

const fateOf =
  (number: number, fate: Fate): NonNullable<FakeOneTrustOptions['fate']> =>
  (call) =>
    call.number === number ? fate : undefined;

function doubts(world: World): number {
  return [...world.ledger.content.records.values()].filter(({ state }) => state === 'inDoubt').length;
}

const UNCLEAR: readonly [string, Fate][] = [
  ['500', { status: 500 }],
  ['408', { status: 408 }],
  ['503 with a wait', { status: 503, headers: { 'retry-after': '5' } }],
  ['a lost connection', { failure: 'lost' }],
  ['a lost answer', { failure: 'lost', arrives: true }],
  ['a time-out', { failure: 'timeout', arrives: true }],
  ['an answer that breaks off', { failure: 'incomplete', arrives: true }],
  ['a captive portal', { status: 200, body: '<html>' }],
  ['an array of another length', { status: 200, body: [{ receipt: 'r' }] }],
  ['no body', { status: 200, body: '' }],
];

test.each(UNCLEAR)('after %s the receipts of that call are in doubt, and are never sent again', async (_, fate) => {
  const first = await importLines(receiptLines(100), { fate: fateOf(1, fate) });
  expect(first.result.tally.events).toMatchObject({ read: 100, inDoubt: 100 });
  expect(first.oneTrust.calls).toHaveLength(1);
  expect(doubts(first.world)).toBe(100);
  const { content } = first.world.ledger;
  const again = await importLines(receiptLines(101), { content }, { run: 'run-2' });
  expect(again.result.tally.events).toMatchObject({ read: 101, delivered: 1, inDoubt: 100 });
  expect(again.oneTrust.taken).toEqual(['r100']);
});

const CLEAR: readonly [string, Fate][] = [
  ['429', { status: 429 }],
  ['429 with a wait', { status: 429, headers: { 'retry-after': '5' } }],
  ['no connection', { failure: 'unreachable' }],
];

test.each(CLEAR)('after %s the same receipts are sent again, and nothing is in doubt', async (_, fate) => {
  const { result, oneTrust, world } = await importLines(receiptLines(100), { fate: fateOf(1, fate) });
  expect(result.tally.events).toMatchObject({ read: 100, delivered: 100 });
  expect(oneTrust.calls).toHaveLength(2);
  expect(oneTrust.twice).toEqual([]);
  expect(doubts(world)).toBe(0);
});

test('the intents of a call are in the ledger before it leaves', async () => {
  const { oneTrust } = await importLines(receiptLines(1_000));
  let sent = 0;
  for (const { rows, inLedger } of oneTrust.calls) {
    sent += rows.length;
    expect(inLedger).toBeGreaterThanOrEqual(sent);
  }
  expect(oneTrust.twice).toEqual([]);
});

test.each([401, 403, 404])('a %i ends the run, and leaves nothing in doubt', async (status) => {
  const { result, world } = await importLines(receiptLines(1_000), { fate: () => ({ status }) });
  expect(result.tally.events).toMatchObject({ read: 1_000, undelivered: 1_000 });
  expect(world.ledger.size).toBe(0);
});

test('a call refused for what is in it is split down to the bad receipt, and nothing is in doubt', async () => {
  const fate: NonNullable<FakeOneTrustOptions['fate']> = ({ rows }) =>
    rows.includes('r37') ? { status: 400 } : undefined;
  const { result, world, oneTrust } = await importLines(receiptLines(100), { fate });
  expect(result.tally.events).toMatchObject({ read: 100, delivered: 99, rejected: 1 });
  expect(oneTrust.twice).toEqual([]);
  expect(doubts(world)).toBe(0);
  expect(world.ledger.size).toBe(99);
});

test('later receipts of a person with one in doubt are not sent, and those of others are', async () => {
  const lines = [receiptLine('a1', 'a'), receiptLine('a2', 'a'), receiptLine('b1', 'b'), receiptLine('a3', 'a')];
  const { result, oneTrust } = await importLines(
    lines,
    { fate: ({ rows }) => (rows.includes('a1') ? { failure: 'timeout', arrives: true } : undefined) },
    { dispatch: { batch: { events: 1, bytes: 1_000_000 }, concurrency: 1 } },
  );
  expect(result.tally.events).toMatchObject({ read: 4, delivered: 1, inDoubt: 1, undelivered: 2 });
  expect(oneTrust.taken).toEqual(['a1', 'b1']);
});

test('under --order batch the rest of a split does not overtake what came before it and is in doubt', async () => {
  const lines = [receiptLine('a1', 'a'), receiptLine('a2', 'a'), receiptLine('a3', 'a'), receiptLine('a4', 'a')];
  const fate: NonNullable<FakeOneTrustOptions['fate']> = ({ rows }) => {
    if (rows.length === 4) return { status: 400 };
    return rows.includes('a1') ? { status: 500 } : undefined;
  };
  const { result, oneTrust, world } = await importLines(lines, { fate }, { dispatch: { order: 'batch' } });
  expect(oneTrust.calls.map(({ rows }) => rows)).toEqual([
    ['a1', 'a2', 'a3', 'a4'],
    ['a1', 'a2'],
  ]);
  expect(result.tally.events).toMatchObject({ read: 4, inDoubt: 2, undelivered: 2 });
  expect(doubts(world)).toBe(2);
});

test('after the first sign of trouble one receipt goes out at a time, at growing waits', async () => {
  const { result, oneTrust } = await importLines(receiptLines(20_000), {
    fate: ({ at }) => (at > 300 ? { failure: 'timeout', arrives: true } : undefined),
    latencyMs: ({ at }) => (at > 300 ? 2_000 : 20),
  });
  expect(result.stop!.reason).toBe('unavailable');
  const late = oneTrust.calls.filter(({ at }) => at > 2_500);
  expect(late.length).toBeGreaterThan(15);
  expect(late.length).toBeLessThan(60);
  expect(late.every(({ rows }) => rows.length === 1)).toBe(true);
  expect(Math.min(...late.slice(1).map(({ at }, i) => at - late[i]!.at))).toBeGreaterThanOrEqual(2_500);
  expect(Math.max(...late.slice(1).map(({ at }, i) => at - late[i]!.at))).toBeGreaterThan(15_000);
  expect(result.tally.events.inDoubt).toBeLessThanOrEqual(800 + late.length);
});

test('once a single receipt is acknowledged, requests grow until they are full again', async () => {
  const { result, oneTrust } = await importLines(receiptLines(20_000), {
    fate: ({ at }) => (at > 300 && at < 20_000 ? { status: 500 } : undefined),
  });
  expect(result.stop).toBeUndefined();
  const after = oneTrust.calls.filter(({ at }) => at >= 20_000);
  const sizes = after.map(({ rows }) => rows.length);
  expect(sizes.slice(0, 6)).toEqual([1, 2, 4, 8, 16, 32]);
  expect(sizes.slice(7, 12)).toEqual([100, 100, 100, 100, 100]);
  expect(result.tally.events.delivered + result.tally.events.inDoubt).toBe(20_000);
  expect(oneTrust.twice).toEqual([]);
});

test('few receipts are in doubt where answers to several never tell, and those to single ones do', async () => {
  const { result, oneTrust } = await importLines(receiptLines(20_000), {
    fate: ({ rows }) => (rows.length > 1 ? { status: 200, body: [{ receipt: 'r' }] } : undefined),
  });
  expect(result.stop).toBeUndefined();
  const several = oneTrust.calls.filter(({ rows }) => rows.length > 1);
  // Those that left before the first answer, and tries of two, ever more rarely.
  const first = several.filter(({ rows }) => rows.length > 2);
  expect(first.length).toBeLessThanOrEqual(8);
  expect(several.length - first.length).toBeLessThanOrEqual(8);
  expect(result.tally.events).toMatchObject({ inDoubt: several.reduce((sum, { rows }) => sum + rows.length, 0) });
  expect(result.tally.events.delivered + result.tally.events.inDoubt).toBe(20_000);
  expect(oneTrust.twice).toEqual([]);
});

test('with --resend-in-doubt what is in doubt is sent again, in file order, and only once more', async () => {
  const lines = [receiptLine('a1', 'a'), receiptLine('a2', 'a')];
  const first = await importLines(lines, { fate: fateOf(1, { failure: 'lost', arrives: true }) });
  expect(first.result.tally.events).toMatchObject({ inDoubt: 1, undelivered: 1 });
  const { content } = first.world.ledger;
  const again = await importLines(lines, { content }, { run: 'run-2', resendInDoubt: true });
  expect(again.oneTrust.taken).toEqual(['a1', 'a2']);
  expect(again.result.tally.events).toMatchObject({ read: 2, delivered: 2 });
  expect(doubts(again.world)).toBe(0);
});

test('a copy of a receipt in doubt shares its outcome, however late it comes', async () => {
  const lines = [receiptLine('a1', 'a'), ...receiptLines(3_000), receiptLine('a1', 'a')];
  const fate: NonNullable<FakeOneTrustOptions['fate']> = ({ rows }) =>
    rows.includes('a1') ? { status: 502 } : undefined;
  const { result, oneTrust } = await importLines(lines, { fate }, { resendInDoubt: true });
  expect(oneTrust.calls.filter(({ rows }) => rows.includes('a1'))).toHaveLength(1);
  expect(result.tally.events.read).toBe(3_002);
  expect(result.tally.events.undelivered).toBe(0);
});

test('when an intent can not be written, the request does not leave', async () => {
  const { world, oneTrust } = oneTrustWorld();
  world.ledger.failFrom = 1;
  const result = await world.import([memoryInput('a.jsonl', receiptLines(10).join('\n'), world.clock)]);
  expect(result.stop).toEqual({ reason: 'storage', message: 'the ledger can not be written: no space left on device' });
  expect(oneTrust.calls).toEqual([]);
  expect(result.tally.events).toMatchObject({ read: 10, undelivered: 10 });
});

test('a pause that comes while an intent is written is kept, and what waits for its end intends nothing', async () => {
  const { world, oneTrust } = oneTrustWorld({
    fate: fateOf(1, { status: 429, headers: { 'retry-after': '60' } }),
    latencyMs: ({ number }) => (number === 1 ? 1 : 20),
  });
  world.ledger.writeMs = 5;
  const running = await world.clock.run(
    world.start([memoryInput('a.jsonl', receiptLines(1_000).join('\n'), world.clock)], {
      dispatch: { concurrency: 4 },
    }),
  );
  await world.clock.run(world.clock.sleep(30_000));
  expect(doubts(world)).toBe(0);
  const paused = oneTrust.calls.filter(({ at }) => at > oneTrust.calls[0]!.at + 1);
  const early = paused.filter(({ at }) => at < 30_000);
  expect(early).toEqual([]);
  const result = await world.clock.run(running.result);
  expect(result.tally.events.delivered).toBe(1_000);
  expect(oneTrust.twice).toEqual([]);
});

test('a stop takes back what was intended and did not leave', async () => {
  const { world, oneTrust } = oneTrustWorld();
  world.ledger.writeMs = 50;
  const running = await world.clock.run(
    world.start([memoryInput('a.jsonl', receiptLines(5_000).join('\n'), world.clock)]),
  );
  await world.clock.run(world.clock.sleep(130));
  running.interrupt('SIGINT');
  const result = await world.clock.run(running.result);
  expect(doubts(world)).toBe(0);
  expect(result.tally.events.delivered).toBe(oneTrust.taken.length);
  expect(world.ledger.size).toBe(oneTrust.taken.length);
});

test('a second signal leaves in doubt what was in flight', async () => {
  const { world, oneTrust } = oneTrustWorld({ latencyMs: () => 5_000 });
  const running = await world.clock.run(
    world.start([memoryInput('a.jsonl', receiptLines(100).join('\n'), world.clock)]),
  );
  await world.clock.run(world.clock.sleep(1_000));
  expect(oneTrust.calls).toHaveLength(1);
  running.interrupt('SIGINT');
  running.interrupt('SIGINT');
  const result = await world.clock.run(running.result);
  expect(result.tally.events).toMatchObject({ read: 100, inDoubt: 100 });
  expect(doubts(world)).toBe(100);
});

test('a bug between a request and its answer ends the run, and leaves its receipts in doubt', async () => {
  const fate = (): never => {
    throw new Error('odd');
  };
  const { result, oneTrust, world } = await importLines(receiptLines(100), { fate });
  expect(result.stop!.reason).toBe('bug');
  expect(oneTrust.calls).toHaveLength(1);
  expect(doubts(world)).toBe(100);
});

test('receipts of two collection points never share a call, and calls are full all the same', async () => {
  const tokens = [POINT_TOKEN, pointToken('point-2')];
  const lines = Array.from({ length: 2_000 }, (_, i) =>
    receiptLine(`r${i}`, `p${i}`, { requestInformation: tokens[i % 2] }),
  );
  const { oneTrust, result } = await importLines(lines, { target: { token: undefined } });
  expect(result.tally.events.delivered).toBe(2_000);
  for (const { receipts } of oneTrust.calls) {
    expect(new Set(receipts.map(({ requestInformation }) => requestInformation)).size).toBe(1);
  }
  expect(oneTrust.calls).toHaveLength(20);
});

test('with authenticated consent a call has one person, and carries their token', async () => {
  const authorizations = new Map(Array.from({ length: 30 }, (_, i) => [`p${i}`, `signed-${i}`]));
  const { oneTrust, result } = await importLines(
    receiptLines(600, 30),
    { target: { authorizations } },
    { dispatch: { order: 'batch' } },
  );
  expect(result.tally.events.delivered).toBe(600);
  for (const { receipts, authorization } of oneTrust.calls) {
    const persons = new Set(receipts.map(({ identifier }) => identifier));
    expect(persons.size).toBe(1);
    expect(authorization).toBe(`Bearer ${authorizations.get([...persons][0]!)}`);
  }
  expect(oneTrust.calls.length).toBeLessThan(100);
});

test('with --body object each call holds one receipt', async () => {
  const { oneTrust } = await importLines(receiptLines(50), { target: { body: 'object' } });
  expect(oneTrust.calls).toHaveLength(50);
});

test('the published rate and quota hold unless others are set', async () => {
  const { oneTrust } = await importLines(receiptLines(400), { target: { body: 'object' } });
  const { at } = oneTrust.calls[399]!;
  expect(at).toBeGreaterThanOrEqual(399 * 20);
  expect(at).toBeLessThan(400 * 20 * 1.02 + 50);
});
