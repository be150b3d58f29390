import { expect, test } from 'vitest';
import { openPace } from '../../src/pipeline/pace.js';
import { LedgerContent, MemoryLedger } from '../fakes/memory-ledger.js';
import { VirtualClock } from '../fakes/virtual-clock.js';

const NOON = Date.UTC(2026, 0, 15, 12);

test('a demanded pause holds for whoever opens the ledger next, also when its clock counts from elsewhere', async () => {
  const content = new LedgerContent();
  const first = new VirtualClock(NOON);
  await first.run(first.sleep(777));
  const pace = await first.run(openPace(undefined, new MemoryLedger(first, 'a', content), first));
  pace.pacer.pause(first.monotonic() + 60_000);
  await first.run(pace.save());
  const second = new VirtualClock(NOON + 10_777);
  const next = await second.run(openPace(undefined, new MemoryLedger(second, 'b', content), second));
  expect(next.pacer.pausedUntil).toBe(50_000);
});

test('where the clock was set back, what was left to wait is left, and no more', async () => {
  const content = new LedgerContent();
  const first = new VirtualClock(NOON + 365 * 86_400_000);
  const pace = await first.run(openPace(60, new MemoryLedger(first, 'a', content), first));
  pace.pacer.charge(0);
  pace.pacer.pause(60_000);
  await first.run(pace.save());
  const second = new VirtualClock(NOON);
  const next = await second.run(openPace(60, new MemoryLedger(second, 'b', content), second));
  expect(next.pacer.pausedUntil).toBe(60_000);
  expect(next.pacer.state.nextAt).toBeLessThan(3_000);
});

test('a slow pace is kept with every request, a fast one about once a second', async () => {
  for (const [perMinute, writes] of [
    [60, 5],
    [6_000, 1],
  ] as const) {
    const clock = new VirtualClock();
    const ledger = new MemoryLedger(clock);
    let written = 0;
    const write = ledger.writeState.bind(ledger);
    ledger.writeState = (name, value) => {
      written += 1;
      return write(name, value);
    };
    const pace = await clock.run(openPace(perMinute, ledger, clock));
    for (let i = 0; i < 5; i += 1) {
      pace.pacer.charge(clock.monotonic());
      pace.charged();
      await clock.run(clock.sleep(10));
    }
    expect(written).toBe(writes);
  }
});

test('what the ledger holds of another kind is not believed', async () => {
  for (const state of [undefined, null, 'x', { pausedUntil: 'soon', nextAt: 1, at: 1 }]) {
    const clock = new VirtualClock();
    const ledger = new MemoryLedger(clock);
    ledger.content.states.set('pace', state);
    const pace = await clock.run(openPace(undefined, ledger, clock));
    expect(pace.pacer.pausedUntil).toBeLessThanOrEqual(clock.monotonic());
  }
});

test('a pace that can not be kept is told when it is closed', async () => {
  const clock = new VirtualClock();
  const ledger = new MemoryLedger(clock);
  ledger.failFrom = 1;
  const pace = await clock.run(openPace(60, ledger, clock));
  pace.pacer.charge(0);
  pace.charged();
  await expect(clock.run(pace.close())).rejects.toThrow('the ledger can not be written: no space left on device');
});
