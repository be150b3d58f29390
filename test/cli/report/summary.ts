import type { Recording, RequestEnd } from '../../../src/cli/import/series-recorder.js';
import { buildSummary, type Summary, type SummaryFacts } from '../../../src/cli/output/summary.js';
import { detailsOf, type ReportDetails } from '../../../src/cli/report/details.js';
import { Latencies } from '../../../src/core/latencies.js';
import type { RunResult } from '../../../src/core/run.js';
import type { Sample } from '../../../src/core/run-series.js';
import { newFileAccount, newTally } from '../../../src/core/tally.js';

/** A name that nobody would give a file, but a file may have. */
export const HOSTILE = '<script>alert("x")</script>&\'.jsonl.gz';

/** A run with something in it of everything that a report tells. */
export function troubledRun(change: Partial<SummaryFacts> = {}): {
  readonly summary: Summary;
  readonly details: ReportDetails;
} {
  const tally = newTally();
  const good = Object.assign(newFileAccount('in/events-1.jsonl.gz', 4_096), {
    ...{ state: 'partial', sha256: 'ab'.repeat(32), bytesRead: 4_096 },
    ...{ read: 9_000, delivered: 8_000, duplicate: 900, rejected: 60, undelivered: 40 },
  });
  const cut = Object.assign(newFileAccount(HOSTILE, 2_048), {
    ...{ state: 'unreadable', bytesRead: 1_024, read: 1_000, delivered: 990, inDoubt: 10 },
    damage: { code: 'cut_off', message: `${HOSTILE} is cut off after line 1,000: the rest of it is missing.` },
  });
  tally.files.push(good, cut, newFileAccount('-', undefined));
  Object.assign(tally.events, {
    ...{ read: 10_000, delivered: 8_990, duplicate: 900, rejected: 60, inDoubt: 10, undelivered: 40 },
  });
  Object.assign(tally.duplicates, { ledger: 880, input: 20 });
  Object.assign(tally.rejectedByReason, { invalid_json: 57, refused: 3 });
  Object.assign(tally.warnings, { missing_created_at: 12, older_than_previous: 2 });
  Object.assign(tally.warnedFirst, { older_than_previous: [{ file: 'in/events-1.jsonl.gz', line: 77 }] });
  Object.assign(tally.requests, { sent: 130, succeeded: 100, retried: 21, rateLimited: 9, split: 4 });
  Object.assign(tally.bytes, { read: 5_120, decoded: 2_000_000, sent: 1_900_000 });
  const lines = (from: number, to: number) =>
    Array.from({ length: to - from + 1 }, (_, i) => ({ file: 'in/events-1.jsonl.gz', line: from + i }));
  tally.rejectGroups.push(
    {
      ...{ reason: 'invalid_json', path: '', message: 'not valid JSON', count: 57 },
      first: { file: 'in/events-1.jsonl.gz', line: 1_000 },
      next: lines(1_001, 1_019),
    },
    {
      ...{ reason: 'refused', path: '/user', message: 'the target refused it: 400 BadRequest', count: 3 },
      first: { file: 'in/a.zip', entry: 'b.json', line: 3, element: 2 },
      next: [
        { file: HOSTILE, line: 12 },
        { file: 'in/a.zip', entry: 'b.json', line: 1, element: 1 },
      ],
    },
  );
  const result: RunResult = {
    stop: {
      reason: 'interrupted',
      signal: 'SIGTERM',
      message: 'interrupted by SIGTERM; run the same command again to go on',
    },
    complete: false,
    tally,
  };
  const summary = buildSummary({
    run: '20260102T030405Z-abcdef',
    command: 'import',
    toolVersion: '1.2.3',
    verdict: { exitCode: 143, reason: 'interrupted' },
    destination: { target: 'didomi', apiUrl: 'https://me:pw@api.example/v1?key=1', organization: 'acme' },
    settings: { batchSize: 100, ledger: '/state/<b>', timeout: '30s', strict: false },
    user: 'ada',
    host: 'engine',
    result,
    rejectsFile: '/srv/r.jsonl',
    ledger: '/state/l',
    startedAt: Date.parse('2026-01-02T03:04:05.000Z'),
    finishedAt: Date.parse('2026-01-02T03:07:25.000Z'),
    durationMs: 200_000,
    ...change,
  });
  return { summary, details: detailsOf(result, 'organization acme', recording()) };
}

/** Of 200 s, with an outage in the middle. */
function recording(): Recording {
  const samples = Array.from({ length: 200 }, (_, i): Sample => {
    const isDown = i >= 80 && i < 120;
    const latencies = new Latencies();
    if (!isDown) for (let k = 0; k < 10; k++) latencies.add(80 + ((i * 7 + k * 13) % 60));
    const events = isDown ? 0 : 45 + (i % 9);
    return {
      ...{ from: i * 1_000, to: (i + 1) * 1_000, latencies },
      ...{ inFlight: isDown ? 0 : 3 + (i % 4), concurrency: isDown ? 1 : 6 },
      counts: {
        ...{ read: events, settled: events + 5, delivered: events, requests: 2 },
        ...{ retried: i === 121 ? 21 : 0, rateLimited: i === 40 ? 9 : 0 },
      },
      pauses: isDown ? { outage: 1_000 } : i === 40 ? { target: 500 } : {},
    };
  });
  return {
    samples,
    requestEnds: new Map<RequestEnd, number>([
      [200, 100],
      [429, 9],
      ['timeout', 21],
    ]),
  };
}
