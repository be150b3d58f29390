import { expect, test } from 'vitest';
import { findImbalance } from '../../src/core/tally.js';
import { startValidation } from '../../src/pipeline/validate.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { memoryInput } from '../fakes/memory-input.js';
import { MemoryLedger } from '../fakes/memory-ledger.js';
import { MemoryRejects } from '../fakes/memory-rejects.js';
import { VirtualClock } from '../fakes/virtual-clock.js';
import { eventLine, eventLines, settingsWith } from '../fakes/world.js';

test('validation reads, checks and finds duplicates, and leaves every valid event undelivered', async () => {
  const clock = new VirtualClock();
  const rejects = new MemoryRejects();
  const lines = [...eventLines(5_000), ...eventLines(10), '{', eventLine('e3', 'p3', { domain: 'other' }), '[]'];
  const running = startValidation([memoryInput('a.jsonl', lines.join('\r\n'), clock)], settingsWith(), {
    ...{ clock, rejects, ledger: new MemoryLedger(clock), rules: createDidomiRules({ organizationId: undefined }) },
  });
  const { stop, complete, tally } = await clock.run(running.result);
  expect([stop, complete, findImbalance(tally)]).toEqual([undefined, true, undefined]);
  expect(tally.events).toEqual({
    read: 5_013,
    delivered: 0,
    duplicate: 10,
    rejected: 3,
    inDoubt: 0,
    undelivered: 5_000,
  });
  expect(tally.duplicates.input).toBe(10);
  expect(tally.rejectedByReason).toEqual({ invalid_json: 1, conflicting_duplicate: 1, schema_violation: 1 });
});
