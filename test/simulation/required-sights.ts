import { FAULTS } from './fault-script.js';

/** What must have been seen over all seeds; a simulation that never met one of these proves nothing about it. */
export const REQUIRED_SIGHTS: readonly string[] = [
  ...FAULTS,
  'retry',
  'split',
  'duplicate answers',
  'answers at the same moment',
  'duplicate of the target',
  'renewal',
  'resume',
  'decoded on the main thread',
  'decoded ahead',
  'a later slab decoded first',
  'kill while decoding ahead',
  'signal while decoding ahead',
  'kill',
  'power-loss',
  'disk-full',
  'signal',
  'second signal',
  'hold-back',
  'probe',
  'waiting: outage',
  'waiting: target',
  'waiting: rate_limit',
  'ends: completed',
  'ends: interrupted',
  'ends: unavailable',
  'ends: auth',
  'ends: limit',
  'ends: too_many_rejects',
  'ends: storage',
];

export function notSeen(seen: ReadonlySet<string>): string[] {
  return REQUIRED_SIGHTS.filter((sight) => !seen.has(sight));
}
