import { describe, expect, it } from 'vitest';
import { buildSummary, type SummaryFacts, summaryJson } from '../../../src/cli/output/summary.js';
import { newFileAccount, newTally } from '../../../src/core/tally.js';

function facts(): SummaryFacts {
  const tally = newTally();
  const file = newFileAccount('a.jsonl.gz', 100);
  Object.assign(file, {
    state: 'partial',
    sha256: 'ab',
    bytesRead: 100,
    read: 5,
    delivered: 2,
    rejected: 2,
    duplicate: 1,
  });
  const unread = newFileAccount('-', undefined);
  tally.files.push(file, unread);
  Object.assign(tally.events, { read: 5, delivered: 2, rejected: 2, duplicate: 1 });
  tally.duplicates.input = 1;
  tally.rejectedByReason.refused = 1;
  tally.rejectedByReason.invalid_json = 1;
  tally.warnings.missing_created_at = 3;
  return {
    run: 'run-1',
    command: 'import',
    toolVersion: '1.2.3',
    verdict: { exitCode: 1, reason: 'rejects' },
    destination: { target: 'didomi', apiUrl: 'https://me:pw@api.example/v1?secret=1', organization: 'acme' },
    settings: { batchSize: 5 },
    user: 'ada',
    host: 'engine',
    result: { stop: undefined, complete: true, tally },
    rejectsFile: '/srv/r.jsonl',
    ledger: '/state/l',
    startedAt: Date.parse('2026-01-02T03:04:05.000Z'),
    finishedAt: Date.parse('2026-01-02T03:04:07.500Z'),
    durationMs: 2500.4,
  };
}

describe('the summary', () => {
  it('is the published format, field for field and in its order', () => {
    expect(summaryJson(buildSummary(facts()))).toBe(
      `${JSON.stringify({
        version: 1,
        run: 'run-1',
        command: 'import',
        toolVersion: '1.2.3',
        exitCode: 1,
        reason: 'rejects',
        complete: true,
        destination: { target: 'didomi', apiUrl: 'https://api.example/v1', organization: 'acme' },
        settings: { batchSize: 5 },
        user: 'ada',
        host: 'engine',
        events: { read: 5, delivered: 2, duplicate: 1, rejected: 2, inDoubt: 0, undelivered: 0 },
        duplicates: { ledger: 0, input: 1, target: 0 },
        rejectedByReason: { invalid_json: 1, refused: 1 },
        warnings: { missing_created_at: 3 },
        requests: { sent: 0, succeeded: 0, retried: 0, rateLimited: 0, split: 0 },
        bytes: { read: 0, decoded: 0, sent: 0 },
        files: [
          {
            path: 'a.jsonl.gz',
            state: 'partial',
            sha256: 'ab',
            bytes: 100,
            bytesRead: 100,
            read: 5,
            delivered: 2,
            duplicate: 1,
            rejected: 2,
            inDoubt: 0,
            undelivered: 0,
          },
          {
            path: '-',
            state: 'unread',
            sha256: null,
            bytes: null,
            bytesRead: 0,
            read: 0,
            delivered: 0,
            duplicate: 0,
            rejected: 0,
            inDoubt: 0,
            undelivered: 0,
          },
        ],
        rejectsFile: '/srv/r.jsonl',
        ledger: '/state/l',
        startedAt: '2026-01-02T03:04:05.000Z',
        finishedAt: '2026-01-02T03:04:07.500Z',
        durationMs: 2500,
      })}\n`,
    );
  });

  it('says null where there is no rejects file, ledger or address', () => {
    const none = { ...facts(), rejectsFile: undefined, ledger: undefined };
    const destination = { target: 'didomi', apiUrl: undefined, organization: undefined };
    expect(buildSummary({ ...none, command: 'validate', destination })).toMatchObject({
      destination: { target: 'didomi', apiUrl: null, organization: null },
      rejectsFile: null,
      ledger: null,
    });
  });

  it('is not changed by what the run counts after it was made', () => {
    const made = facts();
    const summary = buildSummary(made);
    made.result.tally.events.read = 99;
    made.result.tally.requests.sent = 99;
    expect([summary.events.read, summary.requests.sent]).toEqual([5, 0]);
  });
});
