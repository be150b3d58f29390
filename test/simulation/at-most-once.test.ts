import { expect, test } from 'vitest';
import { RECEIPT_SIGHTS, simulateReceipts } from './at-most-once.js';

const SEEDS = Number(process.env['RECEIPT_SEEDS'] ?? 150);

test('nothing is taken twice, nothing is lost, and in doubt is what was not answered', async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const outcome = await simulateReceipts(seed);
    expect(outcome.failure, `seed ${seed}`).toBeUndefined();
    for (const sight of outcome.seen) seen.add(sight);
  }
  expect(RECEIPT_SIGHTS.filter((sight) => !seen.has(sight))).toEqual([]);
}, 600_000);
