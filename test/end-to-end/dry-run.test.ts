import { expect, it } from 'vitest';
import { SUMMARY_SCHEMA } from '../../src/cli/output/summary-schema.js';
import { compileUserSchema } from '../../src/targets/json-schema.js';
import { events, oddEvents } from './events.js';
import { Place, sandbox } from './harness.js';

it('a dry run sends nothing, and its plan is what the import then does', async () => {
  const place = new Place();
  const server = await sandbox();
  place.write('first.jsonl', events(30));
  place.write('events.jsonl', [...oddEvents(250, 250), ...oddEvents(10, 10), '{}']);
  await place.import(server.url, ['first.jsonl', '--limit', '10']);
  const before = server.stats().requests;

  const args = ['first.jsonl', 'events.jsonl', '--order', 'none', '--batch-size', '50', '--rejects', '/dev/null'];
  const dry = await place.import(server.url, [...args, '--dry-run']);

  expect(dry.exitCode).toBe(1);
  expect(server.stats().requests).toEqual(before);
  // The first ids of the second file are those of the first: known, or in conflict.
  const { plan } = dry.summary;
  expect(plan).toMatchObject({
    events: dry.summary.events.undelivered,
    alreadyDelivered: 10,
    leastTimeMs: 0,
    requestsPerMinute: null,
    eventsPerDay: null,
    daysOfQuota: null,
    firstDate: '2024-01-01T00:00:30.000Z',
    lastDate: '2024-03-01T08:00:00.000Z',
  });
  const check = compileUserSchema(SUMMARY_SCHEMA);
  expect(check(dry.summary, 0)).toBeUndefined();

  const real = await place.import(server.url, args);
  expect(real.summary.events.delivered).toBe(plan!.events);
  expect(real.summary).not.toHaveProperty('plan');
  // One opens the session.
  expect(real.summary.requests.sent - 1).toBeGreaterThanOrEqual(plan!.requests);
  expect(check(real.summary, 0)).toBeUndefined();
});

it('the plan is told as text, with the limits and the days that they take', async () => {
  const place = new Place();
  place.write('events.jsonl', events(1000));
  const limits = ['--max-requests-per-minute', '60', '--max-events-per-day', '1000'];
  const { exitCode, stdout } = await place.run(['import', 'events.jsonl', '--sandbox', '-n', ...limits]);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    [
      'Plan:',
      '  to be sent        1,000 events in at least 10 requests',
      '  delivered before  0 events',
      '  least time        9.0 s, at 60 requests a minute',
      '  days of quota     1, at 1,000 events a UTC day',
      '  dates             2024-03-01',
      '',
    ].join('\n'),
  );
});
