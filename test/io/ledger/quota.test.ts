import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredLedger } from '../../../src/io/ledger/ledger.js';
import { ManualClock, runNamed } from './fixture.js';
import { MemoryDisk } from './memory-store.js';

const DAY = '2026-01-31';

function openOn(disk: MemoryDisk): Promise<StoredLedger> {
  const meta = { format: 1, destination: ['d'], idRule: 'r', secret: '00'.repeat(16), createdAt: 0 };
  return StoredLedger.open(disk.open(), meta, runNamed('run-1'), new ManualClock());
}

describe('the quota of a day', () => {
  it('counts exactly across clean ends, and gives back what never left', async () => {
    const disk = new MemoryDisk();
    const first = await openOn(disk);
    expect(await first.quota.reserve(DAY, 100, 3_000_000)).toBe(100);
    first.quota.giveBack(DAY, 30);
    expect(await first.quota.usedToday(DAY)).toBe(70);
    await first.close();
    const second = await openOn(disk);
    expect(await second.quota.usedToday(DAY)).toBe(70);
    expect(await second.quota.usedToday('2026-02-01')).toBe(0);
    expect(await second.quota.reserve('2026-02-01', 5, 10)).toBe(5);
    await second.close();
  });

  it('grants what the limit leaves, also to those who ask at once', async () => {
    const ledger = await openOn(new MemoryDisk());
    const granted = await Promise.all([60, 60, 60].map((events) => ledger.quota.reserve(DAY, events, 150)));
    expect(granted).toEqual([60, 60, 30]);
    expect(await ledger.quota.reserve(DAY, 1, 150)).toBe(0);
    expect(await ledger.quota.reserve(DAY, 1, 100)).toBe(0);
  });

  it('is never undercounted after power losses, and forfeits at most a thousand at each', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 700 }), { maxLength: 8 }), { maxLength: 5 }),
        async (runs) => {
          const disk = new MemoryDisk();
          let sent = 0;
          for (const [index, requests] of runs.entries()) {
            const ledger = await openOn(disk);
            const used = await ledger.quota.usedToday(DAY);
            expect(used).toBeGreaterThanOrEqual(sent);
            expect(used).toBeLessThanOrEqual(sent + index * 1000);
            for (const events of requests) sent += await ledger.quota.reserve(DAY, events, 20_000);
            disk.losePower(1000);
          }
        },
      ),
    );
  });

  it('syncs only once for many small requests', async () => {
    const disk = new MemoryDisk();
    const ledger = await openOn(disk);
    for (let request = 0; request < 10; request++) await ledger.quota.reserve(DAY, 100, 3_000_000);
    expect(ledger.counters.sequence).toBe(1);
    await ledger.quota.reserve(DAY, 101, 3_000_000);
    expect(ledger.counters.sequence).toBe(2);
  });

  it('forgets days that are long past', async () => {
    const disk = new MemoryDisk();
    const days = Array.from({ length: 45 }, (_, day) =>
      new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10),
    );
    for (const day of days) {
      const ledger = await openOn(disk);
      await ledger.quota.reserve(day, 1, 10);
      await ledger.close();
    }
    const again = await openOn(disk);
    const counted = await Promise.all(days.map((day) => again.quota.usedToday(day)));
    expect(counted.filter((used) => used === 1)).toHaveLength(41);
    expect(counted.at(-1)).toBe(1);
  });
});
