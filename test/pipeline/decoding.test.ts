import { expect, test } from 'vitest';
import type { Block, Slab } from '../../src/core/block.js';
import { beginDecoding } from '../../src/pipeline/decoding.js';
import { Window } from '../../src/pipeline/window.js';

const SLAB: Slab = { kind: 'lines', bytes: new Uint8Array(10) };

/** Begins to decode while so many more looks find a request about to leave; returns the turns that it waited. */
async function turnsWaited(busyTurns: number): Promise<number> {
  let turns = 0;
  const clock = {
    yield: async () => {
      turns += 1;
    },
  };
  const ports = {
    ...{ clock: clock as never, decoder: { ahead: 0, decode: () => ({}) as Block }, settle: { room: async () => {} } },
    ...{ window: new Window(), onFull: () => undefined, areStarting: () => turns <= busyTurns },
  };
  await beginDecoding(SLAB, async () => {}, ports, new AbortController().signal);
  return turns;
}

test('a slab is decoded one turn later, and later still while a request is about to leave', async () => {
  expect(await turnsWaited(0)).toBe(1);
  expect(await turnsWaited(2)).toBe(3);
});

test('a request that does not leave, since it connects, does not keep slabs from being decoded', async () => {
  expect(await turnsWaited(1_000)).toBe(4);
});
