import { describe, expect, it } from 'vitest';
import { demoToken } from '../../src/sandbox/sandbox.js';
import { events } from './events.js';
import { handMadeServer, takesAll } from './hand-made-server.js';
import { ORGANIZATION, Place, sandbox, until } from './harness.js';

interface Row {
  readonly state: string;
  readonly quota: { readonly day: string; readonly used: number; readonly limit: number; readonly left: number } | null;
}

async function statusOf(place: Place, where: readonly string[], env = {}): Promise<Row> {
  const { stdout } = await place.run(['ledger', 'status', ...where], { env: { ...env, CONSENT_IMPORT_JSON: 'true' } });
  return (JSON.parse(stdout) as { readonly ledgers: readonly Row[] }).ledgers[0]!;
}

describe('the quota of a day', () => {
  it('is never counted too low, however often a run is killed while events are on their way', async () => {
    const place = new Place();
    place.write('events.jsonl', events(3_000));
    let sent = 0;
    let toCome = 0;
    let kill: () => void = () => undefined;
    const server = await handMadeServer({
      events: (request, response) => {
        sent += (JSON.parse(request.body) as readonly unknown[]).length;
        toCome -= 1;
        if (toCome === 0) kill();
        else takesAll(request, response);
      },
    });
    const args = ['events.jsonl', '--batch-size', '37', '--concurrency', '3', '--max-events-per-day', '100000'];
    const where = ['--target', 'didomi', '--organization-id', ORGANIZATION, '--api-url', server.url];
    const requests = [1, 4, 11, 2, 15];
    for (const [kills, request] of requests.entries()) {
      toCome = request;
      const run = place.startImport(server.url, args);
      kill = () => run.signal('SIGKILL');
      expect((await run.ended).exitCode).toBeUndefined();
      const { used } = (await statusOf(place, where)).quota!;
      expect(used).toBeGreaterThanOrEqual(sent);
      // What README says of what a kill may forfeit.
      expect(used).toBeLessThanOrEqual(sent + (kills + 1) * 2_000);
    }
    toCome = 0;
    const before = (await statusOf(place, where)).quota!.used;
    const sentBefore = sent;
    const last = await place.import(server.url, args);
    expect(last.exitCode).toBe(0);
    expect((await statusOf(place, where)).quota!.used - before).toBe(sent - sentBefore);
  });

  it('is told by `ledger status` while a run sends receipts', async () => {
    const place = new Place();
    const server = await sandbox({ latencyMs: 1_500 });
    const purposes = [{ Id: 'a0000000-0000-4000-8000-000000000001', TransactionType: 'CONFIRMED' }];
    const interactionDate = '2024-05-14T01:34:33Z';
    const receipts = Array.from({ length: 20 }, (_, i) =>
      JSON.stringify({ identifier: `p${i}@example.org`, interactionDate, purposes, customPayload: { row: `${i}` } }),
    );
    place.write('r.jsonl', receipts);
    const env = { ONETRUST_COLLECTION_POINT_TOKEN: demoToken() };
    const where = ['--target', 'onetrust', '--api-url', server.oneTrustUrl];
    const more = ['--json', '--new-ledger', '--batch-size', '10', '--concurrency', '1'];
    const run = place.start(['import', 'r.jsonl', ...where, ...more], { env });
    await until(() => server.stats().receipts.taken > 0, run);
    // The run says every second how far it is.
    let row = await statusOf(place, where, env);
    while (row.state === 'held' && (row.quota?.used ?? 0) === 0) row = await statusOf(place, where, env);
    const text = await place.run(['ledger', 'status', ...where], { env });
    const ended = await run.ended;
    expect(row).toMatchObject({ state: 'held', quota: { limit: 3_000_000 } });
    expect(row!.quota!.left).toBe(3_000_000 - row!.quota!.used);
    expect(text.stdout).toMatch(/^ {2}sent today {3}[\d,]+ of 3,000,000, 2,99\d,\d{3} left \(UTC day /m);
    expect(ended.exitCode).toBe(0);
    expect((await statusOf(place, where, env)).quota).toMatchObject({ used: 20, left: 2_999_980 });
  });
});
