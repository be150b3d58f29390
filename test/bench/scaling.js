import { availableParallelism } from 'node:os';
import { parseEvents } from './measure.js';

const CORES = availableParallelism();
/** 1, 2, 4, … and as many as there are cores. */
const COUNTS = [1, 2, 4, 8, 16, 32, 64].filter((count) => count < CORES);
COUNTS.push(Math.min(CORES, 64));

/** The main thread and decompression need cores as well: on few of them the figure says more of the machine. */
const CAVEAT =
  CORES > 4
    ? ''
    : `; on ${CORES} cores it can't reach 1, and cpuOf1 (their CPU time by that of 1) tells what threads cost`;

/**
 * How decoding grows with the threads it has.
 * @type {import('./cases.js').Case}
 */
export const SCALING = {
  name: 'scaling',
  about: `validate events that must be parsed (--schema), 1 to ${COUNTS.at(-1)} threads: perCore is their throughput by that of 1 thread, and by their number${CAVEAT}`,
  events: 500_000,
  rounds: 3,
  noFloor: true,
  run: async (bin, file) => {
    const byThreads = new Map();
    for (const threads of COUNTS) byThreads.set(threads, await parseEvents(bin, file, threads));
    return { ...byThreads.get(COUNTS.at(-1)), byThreads };
  },
  figures: ({ byThreads }) => {
    const one = byThreads.get(1);
    return Object.fromEntries(
      [...byThreads].flatMap(([threads, { summary, cpuSeconds }]) => [
        [`eventsPerSecond-${threads}`, summary.events.read / (summary.durationMs / 1_000)],
        [`perCore-${threads}`, one.summary.durationMs / summary.durationMs / threads],
        [`cpuOf1-${threads}`, cpuSeconds / one.cpuSeconds],
      ]),
    );
  },
};
