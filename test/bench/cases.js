import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMPARATORS } from './comparators.js';
import { eventsFile, eventsFolder } from './events.js';
import { ledgerOfIds } from './ledger-of-ids.js';
import { importInto, importTwice, parseEvents, runNode, shareOfPossible, validate, WITHOUT_LEDGER } from './measure.js';
import { SCALING } from './scaling.js';
import { SOAK } from './soak.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const FLOOR = join(HERE, 'floor.js');

const KINDS = {
  members: 'gzip with a member for every 256 KiB',
  array: 'a plain JSON array',
  zip: 'a zip archive',
  deflate64: 'a zip archive as Windows makes it of large files (Deflate64)',
};

/**
 * What is measured. Each case runs once a round, in turn with the floor of its input.
 * @typedef {{
 *   name: string, about: string, events: number, input?: object, folder?: number, noInput?: boolean, rounds?: number, slow?: boolean,
 *   noFloor?: boolean, exitCode?: number,
 *   run: (bin: string, file: string) => Promise<import('./measure.js').Measurement>,
 *   figures?: (measured: import('./measure.js').Measurement) => Record<string, number>
 * }} Case
 */

/** @type {readonly Case[]} */
export const CASES = [
  {
    name: 'import-20ms',
    about: 'import, 10 in flight, 20 ms each: 50,000 events/s is all that this allows',
    events: 200_000,
    run: (bin, file) => importInto(bin, file, { sink: { latencyMs: 20 }, flags: ['--concurrency', '10'] }),
    figures: shareOfPossible,
  },
  {
    name: 'import-0ms',
    about: 'import, 10 in flight, a sink that answers at once',
    events: 200_000,
    run: (bin, file) => importInto(bin, file, { flags: ['--concurrency', '10'] }),
  },
  ...COMPARATORS,
  {
    name: 'validate',
    about: 'validate, with the search for duplicates',
    events: 200_000,
    run: (bin, file) => validate(bin, file),
  },
  {
    name: 'validate-0-threads',
    about: 'validate, with the search for duplicates, on one thread',
    events: 1_000_000,
    run: (bin, file) => validate(bin, file, ['--threads', '0']),
  },
  {
    name: 'validate-alone',
    about: 'validate, without the search for duplicates, on one thread',
    events: 1_000_000,
    run: (bin, file) => validate(bin, file, ['--threads', '0'], WITHOUT_LEDGER),
  },
  ...[0, 1, 2, availableParallelism()].filter(isFirst).map((threads) => ({
    name: `parse-${threads}-threads`,
    about: `validate events that must be parsed (--schema), without the search for duplicates, ${threads} thread${threads === 1 ? '' : 's'}`,
    events: 200_000,
    run: (bin, file) => parseEvents(bin, file, threads),
  })),
  SCALING,
  {
    name: 'limit-1200',
    about: 'requests used of a hard limit of 1,200 a minute that was set, over 90 s',
    events: 220_000,
    rounds: 1,
    slow: true,
    noFloor: true,
    exitCode: 8,
    run: (bin, file) =>
      importInto(bin, file, {
        sink: { latencyMs: 20, perMinute: 1_200 },
        flags: ['--max-requests-per-minute', '1200', '--max-duration', '90s'],
      }),
    figures: ({ sink }) => ({
      shareOfAllowed: sink.accepted / (((sink.lastAt - sink.firstAt) / 60_000) * 1_200),
      shareThrottled: sink.throttled / sink.requests,
    }),
  },
  {
    name: 'ramp',
    about: 'from 4 in flight to the 32 that are allowed, 50 ms each',
    events: 200_000,
    noFloor: true,
    run: (bin, file) => importInto(bin, file, { sink: { latencyMs: 50 }, flags: ['--concurrency', '32'] }),
    figures: ({ sink }) => ({
      mostInFlight: sink.mostInFlight,
      msTo8: sink.levels.find(([, level]) => level >= 8)?.[0] ?? Number.NaN,
      msTo16: sink.levels.find(([, level]) => level >= 16)?.[0] ?? Number.NaN,
      msTo32: sink.levels.find(([, level]) => level >= 32)?.[0] ?? Number.NaN,
    }),
  },
  {
    name: 'trouble',
    about: 'import, 20 ms each, 5 % answered 429 with a second to wait and 5 % answered 503',
    events: 100_000,
    noFloor: true,
    run: (bin, file) =>
      importInto(bin, file, {
        sink: { latencyMs: 20, share429: 0.05, share503: 0.05 },
        flags: ['--concurrency', '10'],
      }),
    figures: ({ summary, sink }) => ({
      requestsOfNeed: sink.requests / 1_000,
      throttled: sink.throttled,
      retried: summary.requests.retried,
    }),
  },
  {
    name: 'ledger-share',
    about: 'import as in import-20ms, and again with a ledger that does nothing: what the ledger adds to the wall time',
    events: 200_000,
    noFloor: true,
    run: async (bin, file) => {
      const options = { sink: { latencyMs: 20 }, flags: ['--concurrency', '10'] };
      const bare = await importInto(bin, file, { ...options, nodeFlags: WITHOUT_LEDGER });
      return { ...(await importInto(bin, file, options)), bare };
    },
    figures: ({ summary, cpuSeconds, bare }) => ({
      timesWithout: summary.durationMs / bare.summary.durationMs,
      timesWithoutCpu: cpuSeconds / bare.cpuSeconds,
    }),
  },
  {
    name: 'again',
    about: 'a second import of a file that the first one completed',
    events: 1_000_000,
    rounds: 1,
    noFloor: true,
    run: (bin, file) => importTwice(bin, file, ['--concurrency', '10']),
    figures: ({ summary, first }) => ({ ofFirst: summary.durationMs / first.summary.durationMs }),
  },
  ...[1_000_000, 10_000_000, 2 ** 24 + 1_000_000].map((events) => ({
    name: `ledger-${events}`,
    about: `${events.toLocaleString('en-US')} ids into the ledger and looked up, against a bare loop over the store`,
    events,
    noInput: true,
    noFloor: true,
    rounds: 1,
    slow: events > 1_000_000,
    run: (bin) => ledgerOfIds(bin, events),
    figures: ({ ids }) => ids,
  })),
  ...Object.entries(KINDS).flatMap(([kind, about]) => [
    besideGzip(`kind-${kind}`, about, 200_000, 0),
    // With 2,000 bytes more in each, 450,000 events are 1 GB.
    besideGzip(`kind-${kind}-1gb`, `1 GB of ${about}`, 450_000, 2_000),
  ]),
  ...[1, 100, 10_000].map((files) => ({
    name: `files-${files}`,
    about: `import of 100,000 events in ${files.toLocaleString('en-US')} file${files === 1 ? '' : 's'}`,
    ...{ events: 100_000, folder: files, rounds: 3, slow: files > 100, noFloor: true },
    run: (bin, folder) => importInto(bin, folder, { flags: ['--concurrency', '10'] }),
  })),
  ...[1, 100, 10_000, 100_000].map((subjects) => ({
    name: `subjects-${subjects}`,
    about: `import of ${subjects === 1 ? '10,000' : '100,000'} events of ${subjects === 1 ? 'one person' : `${subjects.toLocaleString('en-US')} people`}`,
    // One person's events go one at a time.
    events: subjects === 1 ? 10_000 : 100_000,
    ...{ input: { subjects }, rounds: 3 },
    run: (bin, file) => importInto(bin, file, { flags: ['--concurrency', '10'] }),
  })),
  ...[
    [200_000, 0, '234 B'],
    [50_000, 2_000, '2 KB'],
    [10_000, 20_000, '20 KB'],
    [1_000, 200_000, '200 KB'],
    [200, 1_000_000, '1 MB'],
    [60, 15_000_000, '15 MB'],
  ].map(([events, padding, size]) => ({
    name: `size-${size.replace(' ', '')}`,
    about: `import of events of ${size}`,
    ...{ events, input: { padding }, rounds: 3, slow: padding > 1_000_000 },
    run: (bin, file) => importInto(bin, file, { flags: ['--concurrency', '10'] }),
    figures: ({ summary }) => ({ mibPerSecond: summary.bytes.sent / 2 ** 20 / (summary.durationMs / 1_000) }),
  })),
  SOAK,
  ...[100_000, 1_000_000, 5_000_000, 20_000_000].map((events) => ({
    name: `memory-${events}`,
    about: `resident memory while ${events.toLocaleString('en-US')} events are imported`,
    events,
    rounds: 1,
    slow: events > 1_000_000,
    run: (bin, file) => importInto(bin, file, { flags: ['--concurrency', '10'] }),
  })),
];

function isFirst(value, at, all) {
  return all.indexOf(value) === at;
}

/**
 * The import of a kind of file beside that of the same events as plain gzip, in turn.
 * @returns {Case}
 */
function besideGzip(name, about, events, padding) {
  const options = { flags: ['--concurrency', '10'] };
  return {
    name,
    about: `import of ${about}, against the same events as one gzip member`,
    events,
    input: { kind: name.split('-')[1], padding },
    noFloor: true,
    slow: padding > 0,
    ...(padding > 0 ? { rounds: 1 } : {}),
    run: async (bin, file) => {
      const gzip = await importInto(bin, await eventsFile(events, { padding }), options);
      return { ...(await importInto(bin, file, options)), gzip };
    },
    figures: ({ seconds, cpuSeconds, gzip }) => ({
      timesGzip: seconds / gzip.seconds,
      timesGzipCpu: cpuSeconds / gzip.cpuSeconds,
      gzipMiB: gzip.rssMiB,
    }),
  };
}

/** The floor of a case's input. */
export const floorOf = (file) => runNode([FLOOR, file]);

/** @param {Case} one */
export const inputOf = (one) => {
  if (one.noInput) return undefined;
  return one.folder === undefined ? eventsFile(one.events, one.input) : eventsFolder(one.events, one.folder);
};
