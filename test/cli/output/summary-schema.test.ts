import { expect, it } from 'vitest';
import { buildSummary, summaryJson } from '../../../src/cli/output/summary.js';
import { SUMMARY_SCHEMA } from '../../../src/cli/output/summary-schema.js';
import { newFileAccount, newTally } from '../../../src/core/tally.js';
import { compileUserSchema } from '../../../src/targets/json-schema.js';

const check = compileUserSchema(SUMMARY_SCHEMA);

function summary(): Record<string, unknown> {
  const tally = newTally();
  tally.files.push(newFileAccount('a.jsonl', undefined));
  const text = summaryJson(
    buildSummary({
      ...{ run: 'r', command: 'import', toolVersion: '1', verdict: { exitCode: 0, reason: 'completed' } },
      destination: { target: 'didomi', apiUrl: undefined, organization: 'o' },
      ...{ settings: { sandbox: true }, user: 'u', host: 'h', result: { stop: undefined, complete: true, tally } },
      ...{ rejectsFile: undefined, ledger: undefined, startedAt: 0, finishedAt: 1, durationMs: 1 },
    }),
  );
  return JSON.parse(text) as Record<string, unknown>;
}

it('the published schema describes the summary', () => {
  expect(check(summary(), 0)).toBeUndefined();
});

it.each(Object.keys(SUMMARY_SCHEMA).length > 0 ? Object.keys(summary()) : [])(
  'the published schema demands %s',
  (name) => {
    const { [name]: _, ...rest } = summary();
    expect(check(rest, 0)).toMatchObject([{ message: `must have required property '${name}'` }]);
  },
);

it('the published schema knows the quota, where there is one', () => {
  const quota = { day: '2026-01-31', used: 1, limit: 3, left: 2 };
  expect(check({ ...summary(), quota }, 0)).toBeUndefined();
  expect(check({ ...summary(), quota: { ...quota, left: '2' } }, 0)).toMatchObject([{ path: '/quota/left' }]);
});

it('the published schema knows no other members', () => {
  expect(check({ ...summary(), extra: 1 }, 0)).toMatchObject([{ message: 'must NOT have additional properties' }]);
});
