import { describe, expect, it } from 'vitest';
import { event, events } from './events.js';
import { arrived, counts, Place, sandbox } from './harness.js';

/** Dated before the first of `events`, and of the same person. */
const OLDER = event(1)
  .replace(/"id":"[^"]*"/, '"id":"older"')
  .replace(/"created_at":"\d{4}/, '"created_at":"1999');

describe('with --strict, an event that is dated before an earlier one of the same person', () => {
  it('is rejected by each run of the same command, also where what was before it is delivered long since', async () => {
    const server = await sandbox();
    const place = new Place();
    // More than one block, so that there is a part that the second run could pass over.
    place.write('events.jsonl', [...events(6_000), OLDER]);
    for (const delivered of [6_000, 0]) {
      const rejects = `${delivered}.rejects.jsonl`;
      const ended = await place.import(server.url, ['--strict', '--rejects', rejects, 'events.jsonl']);
      expect(ended.exitCode).toBe(1);
      expect(ended.summary.events).toEqual(
        counts({ read: 6_001, delivered, duplicate: 6_000 - delivered, rejected: 1 }),
      );
      expect(place.rejectsIn(rejects)[0]!.rejected).toEqual({
        file: 'events.jsonl',
        line: 6_001,
        reason: 'schema_violation',
        errors: [{ path: '', message: 'dated before an earlier event of the same person (--strict)' }],
      });
    }
    expect(arrived(server)).not.toContain(OLDER);
  });

  it('is found by validate, and keeps --validate-first from sending anything', async () => {
    const server = await sandbox();
    const place = new Place();
    place.write('events.jsonl', [...events(2), OLDER]);
    const validated = await place.run(['validate', '--target', 'didomi', '--strict', '--json', 'events.jsonl']);
    expect(validated).toMatchObject({ exitCode: 1, summary: { rejectedByReason: { schema_violation: 1 } } });
    const ended = await place.import(server.url, ['--strict', '--validate-first', 'events.jsonl']);
    expect(ended.exitCode).toBe(9);
    expect(server.stats().requests.total).toBe(0);
  });
});
