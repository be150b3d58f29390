import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Block } from '../../src/core/block.js';
import { newFileAccount } from '../../src/core/tally.js';
import { Columns } from '../../src/pipeline/columns.js';
import { Event } from '../../src/pipeline/event.js';
import { type Hold, Window } from '../../src/pipeline/window.js';

const PLACE = { file: newFileAccount('a.jsonl', undefined), entry: undefined, firstLine: 1 };

/** A block of records of these sizes, one after the other, each filled with its number. */
function blockOf(sizes: readonly number[]): Block {
  const bytes = Buffer.concat(sizes.map((size, i) => Buffer.alloc(size, i + 1)));
  const columns = new Columns(bytes, { secret: new Uint32Array(4), maxLineBytes: 1_000_000 });
  let at = 0;
  for (const [line, size] of sizes.entries()) {
    columns.add(at, at + size, line);
    at += size;
  }
  return columns.block(sizes.length);
}

function enter(window: Window, sizes: readonly number[], blockBytes?: number): { hold: Hold; events: Event[] } {
  const block = blockOf(sizes);
  const hold = window.enter(blockBytes ?? block.bytes.length);
  const events = sizes.map((_, at) => new Event(block, at, PLACE, hold));
  for (const event of events) window.add(hold, event);
  window.sealed(hold);
  return { hold, events };
}

function settle(window: Window, event: Event): void {
  event.settled = true;
  window.release(event);
}

function bytesOf(event: Event): number[] {
  return [...event.bytes.subarray(event.start, event.end)];
}

test('a reader waits while there is no room, and goes on when enough is settled', async () => {
  const window = new Window({ events: 4, bytes: 1_000 });
  const { events } = enter(window, [100, 100, 100, 100]);
  let isIn = false;
  const waiting = window.room(700)!.then(() => {
    isIn = true;
  });
  expect(window.full).toBe(true);
  settle(window, events[0]!);
  await Promise.resolve();
  expect(isIn).toBe(false);
  for (const event of events.slice(1)) settle(window, event);
  await waiting;
  expect(window.full).toBe(false);
});

test('a block larger than the window enters when it is empty', () => {
  const window = new Window({ events: 4, bytes: 1_000 });
  expect(window.room(5_000)).toBeUndefined();
  const { events } = enter(window, [5_000]);
  expect(window.room(1)).toBeDefined();
  settle(window, events[0]!);
  expect(window.room(5_000)).toBeUndefined();
});

test('a block without events takes no room', () => {
  const window = new Window({ events: 4, bytes: 1_000 });
  window.sealed(window.enter(5_000));
  expect(window.room(1_000)).toBeUndefined();
});

test('a reader waits while the sink has enough, and goes on when that is looked at again', async () => {
  let isSated = true;
  const window = new Window({ events: 4, bytes: 1_000 }, () => isSated);
  let isIn = 0;
  const waiting = window.room(10)!.then(() => {
    isIn += 1;
  });
  window.recheck();
  await Promise.resolve();
  expect(isIn).toBe(0);
  isSated = false;
  window.recheck();
  await waiting;
  isSated = true;
  const turn = window.turn();
  expect(turn).toBeDefined();
  window.giveWay();
  await turn;
});

test('when the run stops, whoever waits for room goes on', async () => {
  const window = new Window({ events: 1, bytes: 1_000 });
  enter(window, [10]);
  const waiting = window.room(10);
  window.giveWay();
  await expect(waiting).resolves.toBeUndefined();
  expect(window.room(10)).toBeUndefined();
});

test('the few events that are left of a block keep their bytes, and not the memory of the block', () => {
  const window = new Window({ events: 100, bytes: 1_000_000 });
  const { events } = enter(window, Array(40).fill(50));
  for (const event of events.slice(3)) settle(window, event);
  for (const [i, event] of events.slice(0, 3).entries()) {
    expect([...event.bytes.subarray(event.start, event.end)]).toEqual(Array(50).fill(i + 1));
    expect(event.bytes.buffer.byteLength).toBe(50);
  }
});

test('whatever enters and is settled in whatever order, nothing is lost of what is counted, and the bounds hold', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 12 }), { maxLength: 20 }),
      fc.infiniteStream(fc.nat(1_000)),
      (blocks, lots) => {
        const bounds = { events: 30, bytes: 2_000 };
        const window = new Window(bounds);
        const open: Event[] = [];
        const unwritten: Event[] = [];
        const filled = new Map<Event, number[]>();
        const largest = Math.max(0, ...blocks.map((sizes) => sizes.reduce((sum, size) => sum + size, 0)));
        for (const sizes of blocks) {
          const bytes = sizes.reduce((sum, size) => sum + size, 0);
          while (open.length + unwritten.length > 0 && window.room(bytes) !== undefined) {
            // An event is settled first, and released when that was written: others come between.
            const lot = lots.next().value!;
            const settled = open.length === 0 ? [] : open.splice(lot % open.length, 1);
            for (const event of settled) event.settled = true;
            unwritten.push(...settled);
            if (lot % 4 > 0 || open.length === 0) for (const event of unwritten.splice(0)) window.release(event);
          }
          expect(window.room(bytes)).toBeUndefined();
          const { events } = enter(window, sizes);
          for (const event of events) filled.set(event, bytesOf(event));
          open.push(...events);
          for (const event of open) expect(bytesOf(event)).toEqual(filled.get(event));
          // What is really held is never more than what is counted.
          const held = [...new Set(open.map((event) => event.bytes))].reduce((sum, held) => sum + held.length, 0);
          if (held > 0) expect(window.fits(Math.max(0, bounds.bytes - held) + 1)).toBe(false);
        }
        expect(window.events).toBe(open.length + unwritten.length);
        expect(window.peak.events).toBeLessThan(bounds.events + 12);
        expect(window.peak.bytes).toBeLessThanOrEqual(Math.max(bounds.bytes, largest));
        for (const event of [...unwritten, ...open]) settle(window, event);
        expect(window.events).toBe(0);
        expect(window.room(bounds.bytes)).toBeUndefined();
      },
    ),
  );
});
