import { describe, expect, it } from 'vitest';
import { notSeen } from './required-sights.js';
import { simulate } from './simulate.js';

const SEEDS = 300;

describe('the importer in a simulated world', () => {
  it(`keeps every promise in ${SEEDS} of them, which hold every fault, kill and signal there is`, async () => {
    const seen = new Set<string>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const outcome = await simulate(seed);
      const replay = `npm run simulate -- --seed ${seed} --trace`;
      expect(outcome.failure, `replay: ${replay}`).toBeUndefined();
      for (const sight of outcome.seen) seen.add(sight);
    }
    expect(notSeen(seen)).toEqual([]);
  });

  it('goes the same way whenever the same seed is played', async () => {
    for (const seed of [2, 34, 292]) {
      expect((await simulate(seed)).hash).toBe((await simulate(seed)).hash);
    }
  });

  it('goes another way with another seed', async () => {
    const hashes = new Set<string>();
    for (const seed of [1, 2, 3, 4, 5]) hashes.add((await simulate(seed)).hash);
    expect(hashes.size).toBe(5);
  });
});
