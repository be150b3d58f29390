import { rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { LedgerError } from '../../../src/core/ledger.js';
import { compactLevel } from '../../../src/io/ledger/level-store.js';
import { openLedger } from '../../../src/io/ledger/open.js';
import { dataFolder } from '../../../src/io/ledger/store-folder.js';
import {
  entriesFor,
  entryFor,
  idsNamed,
  ManualClock,
  optionsFor,
  runNamed,
  temporaryFolder,
  withLedger,
} from './fixture.js';

describe('a ledger', () => {
  it('remembers a delivered event with run, place, time and fingerprint across a reopening', async () => {
    const folder = await temporaryFolder();
    const origin = { file: 'dump.zip', entry: 'part-2.jsonl', line: 40_000_017, element: 3, index: 300 };
    await withLedger(folder, async (ledger, open) => {
      expect(open.isNew).toBe(true);
      const entry = { ...entryFor(ledger, 'id-1'), origin, time: 1_700_000_123_456, hadBefore: true };
      await ledger.recordDelivered([entry, entryFor(ledger, 'id-2', 7)]);
      expect(ledger.size).toBe(2);
    });
    await withLedger(
      folder,
      async (ledger, open) => {
        expect(open.isNew).toBe(false);
        expect(ledger.size).toBe(2);
        expect(await ledger.show('id-1')).toEqual({
          state: 'delivered',
          hadBefore: true,
          run: 'run-1',
          origin,
          time: 1_700_000_123_456,
          fingerprint: [1, 0xffff_fffe],
        });
        expect((await ledger.show('id-2'))?.origin).toEqual({ file: 'a.jsonl.gz', line: 7 });
        expect(await ledger.show('id-3')).toBeUndefined();
      },
      { run: runNamed('run-2') },
    );
  });

  it('counts an id once however often it is recorded, also inside one group', async () => {
    await withLedger(await temporaryFolder(), async (ledger) => {
      const entry = entryFor(ledger, 'id-1');
      await Promise.all([ledger.recordDelivered([entry, entry]), ledger.recordDelivered([entry])]);
      await ledger.recordDelivered([entry]);
      expect(ledger.counters).toMatchObject({ delivered: 1, inDoubt: 0 });
    });
  });

  it('keeps an intent in doubt until it is delivered or forgotten', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async (ledger) => {
      await ledger.recordIntents(entriesFor(ledger, ['arrived', 'refused', 'unanswered']));
      expect(ledger.counters).toMatchObject({ delivered: 0, inDoubt: 3 });
      await ledger.recordDelivered([entryFor(ledger, 'arrived')]);
      await ledger.forgetIntents([ledger.hashOf('refused')]);
    });
    await withLedger(folder, async (ledger) => {
      expect(ledger.counters).toMatchObject({ delivered: 1, inDoubt: 1 });
      expect((await ledger.show('arrived'))?.state).toBe('delivered');
      expect(await ledger.show('refused')).toBeUndefined();
      expect((await ledger.show('unanswered'))?.state).toBe('inDoubt');
    });
  });

  it('leaves an earlier doubt when a later sending of the same event is refused', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, (ledger) => ledger.recordIntents([entryFor(ledger, 'id-1')]));
    await withLedger(
      folder,
      async (ledger) => {
        await ledger.recordIntents([entryFor(ledger, 'id-1')]);
        await ledger.recordIntents([entryFor(ledger, 'id-1')]);
        await ledger.forgetIntents([ledger.hashOf('id-1')]);
        expect((await ledger.show('id-1'))?.state).toBe('inDoubt');
        expect(ledger.size).toBe(1);
      },
      { run: runNamed('run-2') },
    );
  });

  it('takes a delivered event to stay delivered when it is about to be sent again', async () => {
    await withLedger(await temporaryFolder(), async (ledger) => {
      await ledger.recordDelivered([entryFor(ledger, 'id-1')]);
      await ledger.recordIntents([entryFor(ledger, 'id-1')]);
      expect(ledger.counters).toMatchObject({ delivered: 1, inDoubt: 0 });
      await ledger.forgetIntents([ledger.hashOf('id-1')]);
      expect((await ledger.show('id-1'))?.state).toBe('delivered');
    });
  });

  it('writes calls that arrive while a write is on its way as one group, and syncs intents', async () => {
    const writes: string[] = [];
    const hooks = {
      before: ({ kind, holds }: { kind: string; holds: string }) => void writes.push(`${kind} ${holds}`),
    };
    await withLedger(
      await temporaryFolder(),
      async (ledger) => {
        writes.length = 0;
        await Promise.all(idsNamed(50).map((id) => ledger.recordDelivered([entryFor(ledger, id)])));
        expect(writes).toEqual(['write iknr']);
        writes.length = 0;
        const first = ledger.recordDelivered([entryFor(ledger, 'one')]);
        await new Promise((resolve) => setImmediate(resolve));
        await Promise.all([first, ...idsNamed(50, 'more').map((id) => ledger.recordDelivered([entryFor(ledger, id)]))]);
        expect(writes).toEqual(['write ik', 'write ik']);
        writes.length = 0;
        await ledger.recordIntents([entryFor(ledger, 'intent')]);
        expect(writes).toEqual(['sync dk', 'mark ']);
      },
      { hooks },
    );
  });

  it('syncs within a second although nothing more is written', async () => {
    const events: string[] = [];
    const clock = new ManualClock();
    const hooks = { after: ({ kind }: { kind: string }) => void events.push(kind) };
    await withLedger(
      await temporaryFolder(),
      async (ledger) => {
        await ledger.recordDelivered([entryFor(ledger, 'id-1')]);
        events.length = 0;
        clock.advance(999);
        while (events.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
        expect(events).toEqual(['sync', 'mark']);
      },
      { hooks, clock },
    );
  });

  it('syncs with the next write when the last sync is long past', async () => {
    const events: string[] = [];
    const clock = new ManualClock();
    await withLedger(
      await temporaryFolder(),
      async (ledger) => {
        const sleepless = clock.now();
        await ledger.recordDelivered([entryFor(ledger, 'id-1')]);
        expect(clock.now()).toBe(sleepless);
        clock.sleep = () => new Promise(() => undefined);
        clock.advance(0);
        await ledger.recordDelivered([entryFor(ledger, 'id-2')]);
        events.length = 0;
        clock.now = () => sleepless + 900;
        clock.monotonic = () => sleepless + 900;
        await ledger.recordDelivered([entryFor(ledger, 'id-3')]);
        expect(events).toEqual(['sync', 'mark']);
      },
      { hooks: { after: ({ kind }) => void events.push(kind) }, clock },
    );
  });

  it.each(['write', 'sync', 'mark'] as const)(
    'fails every later call after a %s failed, and names what to do',
    async (kind) => {
      const folder = await temporaryFolder();
      let broken = false;
      const hooks = {
        before: (event: { kind: string }) => {
          if (broken && event.kind === kind) throw new Error('ENOSPC: no space left on device, write');
        },
      };
      const open = await openLedger(optionsFor(folder, { hooks }));
      const { ledger } = open;
      await ledger.recordDelivered([entryFor(ledger, 'before')]);
      broken = true;
      const message =
        `The ledger ${open.folder} can't be written: ENOSPC: no space left on device, write. Make sure that the disk has room ` +
        'and that the folder can be written, then run the same command again: what was delivered and recorded is not sent again.';
      const record = kind === 'write' ? ledger.recordDelivered : ledger.recordIntents;
      await expect(record.call(ledger, [entryFor(ledger, 'id-1')])).rejects.toThrow(message);
      broken = false;
      await expect(ledger.recordDelivered([entryFor(ledger, 'id-2')])).rejects.toThrow(message);
      await expect(ledger.forgetIntents([ledger.hashOf('id-1')])).rejects.toThrow(message);
      await expect(ledger.lookup([ledger.hashOf('id-1')])).rejects.toThrow(message);
      await expect(open.close()).rejects.toThrow(message);
      await withLedger(folder, async (again) => expect((await again.show('before'))?.state).toBe('delivered'));
    },
  );

  it('enters a run only when it records something, and keeps its summary', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, async (ledger) => {
      await ledger.recordDelivered([entryFor(ledger, 'id-1')]);
      await ledger.recordRun({ exitCode: 0 });
    });
    await withLedger(folder, async () => undefined, { run: runNamed('looking') });
    await withLedger(
      folder,
      async (ledger) => {
        expect(ledger.runs).toEqual([{ ...runNamed('run-1'), summary: { exitCode: 0 } }]);
        expect(await ledger.stats()).toMatchObject({
          delivered: 1,
          inDoubt: 0,
          runs: 1,
          completedFiles: 0,
          lastUsed: 1_700_000_000_000,
        });
        expect((await ledger.stats()).diskBytes).toBeGreaterThan(0);
      },
      { run: runNamed('run-2') },
    );
  });

  it('keeps small named values', async () => {
    const folder = await temporaryFolder();
    await withLedger(folder, (ledger) => ledger.writeState('pace', { pausedUntil: 5 }));
    await withLedger(folder, async (ledger) => {
      expect(await ledger.readState('pace')).toEqual({ pausedUntil: 5 });
      expect(await ledger.readState('other')).toBeUndefined();
    });
  });

  it('notices when its folder vanishes, and fails from then on', async () => {
    const open = await openLedger(optionsFor(await temporaryFolder()));
    await open.ledger.recordDelivered([entryFor(open.ledger, 'id-1')]);
    await rm(open.folder, { recursive: true });
    await expect(open.ledger.sync()).rejects.toThrow(
      /^The ledger .* can't be written: ENOENT: no such file or directory/,
    );
    await expect(open.ledger.recordDelivered([entryFor(open.ledger, 'id-2')])).rejects.toThrow(LedgerError);
    await expect(open.close()).rejects.toThrow(LedgerError);
  });

  it('needs at most 50 bytes on disk for an id', async () => {
    const folder = await temporaryFolder();
    const count = 60_000;
    const own = await withLedger(folder, async (ledger, open) => {
      for (let at = 0; at < count; at += 1000) {
        const ids = Array.from({ length: 1000 }, (_, index) => at + index);
        await ledger.recordDelivered(
          ids.map((id) => ({ ...entryFor(ledger, String(id), 8_000_000 + id), time: 1_700_003_600_000 + id })),
        );
      }
      return open.folder;
    });
    await compactLevel(dataFolder(own, 1));
    // Every byte of what LevelDB made of it is checked here.
    await withLedger(folder, async (ledger) => {
      expect(ledger.size).toBe(count);
      expect((await ledger.stats()).diskBytes / count).toBeLessThan(50);
    });
  });
});
