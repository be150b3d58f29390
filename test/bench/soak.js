import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { heapByConstructor, mostGrown } from './heap-growth.js';
import { importInto } from './measure.js';
import { spread } from './spread.js';

const PROBE = join(dirname(fileURLToPath(import.meta.url)), 'soak-probe.js');
const MINUTES = Number(process.env.SOAK_MINUTES ?? 60);
const [LATENCY_MS, CONCURRENCY, BATCH] = [200, 4, 100];
const EVENTS_PER_MINUTE = (60_000 / LATENCY_MS) * CONCURRENCY * BATCH;
const MS = MINUTES * 60_000;
const MIB = 2 ** 20;
const MOST_GROWN = 5;

/**
 * Does memory grow while the target is slow?
 * @type {import('./cases.js').Case}
 */
export const SOAK = {
  name: 'soak',
  about: `import for ${MINUTES} minutes (SOAK_MINUTES) into a slow target, ${CONCURRENCY} in flight, ${LATENCY_MS} ms each: memory after 10 % and 90 % of the time, with heap snapshots`,
  events: Math.ceil(MINUTES * EVENTS_PER_MINUTE),
  ...{ rounds: 1, slow: true, noFloor: true },
  run: async (bin, file) => {
    const folder = mkdtempSync(join(tmpdir(), 'consent-import-bench-soak-'));
    try {
      const probe = { folder, everyMs: MS / 60, snapshotsAtMs: [MS * 0.1, MS * 0.9] };
      const measured = await importInto(bin, file, {
        sink: { latencyMs: LATENCY_MS },
        flags: ['--concurrency', `${CONCURRENCY}`],
        nodeFlags: ['--import', PROBE],
        env: { SOAK_PROBE: JSON.stringify(probe) },
      });
      const growth = growthIn(folder);
      process.stdout.write(tableOf(growth));
      return { ...measured, growth };
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
  figures: ({ growth: { resident, heap, grown } }) => ({
    ...{ residentMiBBeforeSnapshots: resident.begin, residentMiBFirst: resident.first, residentMiBLast: resident.last },
    ...{ heapMiBFirst: heap.first, heapMiBLast: heap.last },
    ...Object.fromEntries(grown.map(({ name, grew }) => [`grewKiB ${name}`, grew / 1024])),
  }),
};

/** What the probe left. Resident memory is compared between the snapshots, for they take memory themselves. */
function growthIn(folder) {
  const lines = (name) =>
    readFileSync(join(folder, name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
  const collected = lines('collected.jsonl');
  if (collected.length < 2) throw new Error(`the import was over after less than 90 % of ${MINUTES} minutes`);
  const [before, after] = collected;
  const samples = lines('samples.jsonl');
  const between = samples.filter(({ atMs }) => atMs > before.atMs && atMs < after.atMs);
  const sixth = Math.ceil(between.length / 6);
  const resident = (some) => spread(some.map(({ rss }) => rss)).median / MIB;
  const [first, last] = [before, after].map(({ file }) => heapByConstructor(file));
  return {
    resident: {
      begin: resident(samples.filter(({ atMs }) => atMs < before.atMs)),
      first: resident(between.slice(0, sixth)),
      last: resident(between.slice(-sixth)),
    },
    heap: { first: before.heapUsed / MIB, last: after.heapUsed / MIB },
    buffers: { first: before.arrayBuffers / MIB, last: after.arrayBuffers / MIB },
    grown: mostGrown(first, last, MOST_GROWN),
  };
}

function tableOf({ resident, heap, buffers, grown }) {
  const change = ({ first, last }) => `${first.toFixed(1)} -> ${last.toFixed(1)} MiB`;
  const rows = grown.map(
    ({ name, before, after, grew }) =>
      `  ${name.slice(0, 40).padEnd(40)} ${before.count} -> ${after.count} objects, ${(grew / 1024).toFixed(1)} KiB more`,
  );
  return [
    `resident ${change(resident)}, heap after collection ${change(heap)}, array buffers ${change(buffers)}; grew most:`,
    ...rows,
    '',
  ].join('\n');
}
