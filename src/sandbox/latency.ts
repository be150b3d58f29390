import type { LatencyAction } from './faults.js';

/** Milliseconds that a latency rule adds to one answer. */
export function latencyOf(action: LatencyAction, atMs: number, inFlight: number, random: () => number): number {
  const step = action.steps.findLast((each) => each.atMs <= atMs)?.ms ?? 0;
  const crowd = action.crowd === undefined ? 0 : Math.max(0, inFlight - action.crowd.above) * action.crowd.msEach;
  const drift = (action.driftMsPerSecond * atMs) / 1000;
  const sum = action.ms + action.jitterMs * random() + drift + step + crowd;
  return Math.min(action.maxMs, Math.max(0, sum));
}
