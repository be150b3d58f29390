import { setImmediate as immediate } from 'node:timers/promises';
import type { Clock } from '../core/ports.js';

/** The longest wait that a timer of Node can hold; longer ones are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    const until = performance.now() + ms;
    // A timer may ring up to a millisecond early, so what is left is waited for too.
    for (let left = ms; left > 0 && signal?.aborted !== true; left = until - performance.now()) {
      await timer(Math.min(Math.ceil(left), LONGEST_TIMER_MS), signal);
    }
  },
  yield: () => immediate(),
};

function timer(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(handle);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const handle = setTimeout(end, ms);
    signal?.addEventListener('abort', end, { once: true });
  });
}
