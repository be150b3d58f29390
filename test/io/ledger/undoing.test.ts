import { describe, expect, it } from 'vitest';
import type { StoredLedger } from '../../../src/io/ledger/ledger.js';
import { repairLedger } from '../../../src/io/ledger/repair.js';
import { entriesFor, optionsFor, runNamed, temporaryFolder, withLedger } from './fixture.js';

const UNDO = { run: runNamed('run-2') };
const BY = { time: 1_700_000_999_000, user: 'jo', what: 'undo --run run-1' };

function keys(ledger: StoredLedger, ids: readonly string[]): Uint8Array[] {
  return ids.map((id) => ledger.hashOf(id));
}

async function delivered(ledger: StoredLedger, ids: readonly string[]): Promise<string[]> {
  const found = await ledger.lookup(keys(ledger, ids));
  return ids.filter((_, i) => found[i]?.state === 'delivered');
}

/** A ledger that run 1 delivered a to d into. */
async function deliveredFolder(): Promise<string> {
  const folder = await temporaryFolder();
  await withLedger(folder, async (ledger) => {
    await ledger.recordDelivered(entriesFor(ledger, ['a', 'b', 'c', 'd'], 'f'));
    await ledger.files.recordCompleted({ sha256: 'ab', settings: 's', records: 4, run: 'run-1', completedAt: 1 });
  });
  return folder;
}

describe('ids that are taken back', () => {
  it('are not delivered from before their deletion leaves, and tell who took them back, also after a restart', async () => {
    const folder = await deliveredFolder();
    await withLedger(
      folder,
      async (ledger) => {
        await ledger.undoing.begin(keys(ledger, ['a', 'b', 'never']));
        expect(await delivered(ledger, ['a', 'b', 'c', 'd'])).toEqual(['c', 'd']);
        expect(ledger.counters).toMatchObject({ delivered: 2, inDoubt: 0 });
        await ledger.undoing.done(keys(ledger, ['a']));
      },
      UNDO,
    );
    await withLedger(folder, async (ledger) => {
      const [a, b, c, never] = await ledger.undoing.undone(keys(ledger, ['a', 'b', 'c', 'never']));
      expect(a).toMatchObject({
        ...{ state: 'undone', by: 'run-2', time: 1_700_000_000_000 },
        delivered: { state: 'delivered', run: 'run-1', origin: { file: 'f', line: 1 }, time: 1_700_000_000_001 },
      });
      expect(b).toMatchObject({ state: 'undoing', by: 'run-2', delivered: { run: 'run-1', origin: { line: 2 } } });
      expect([c, never]).toEqual([undefined, undefined]);
      expect(ledger.size).toBe(2);
    });
  });

  it('are delivered as before when they surely were not deleted; what was deleted is not', async () => {
    await withLedger(await deliveredFolder(), async (ledger) => {
      const before = await ledger.show('a');
      await ledger.undoing.begin(keys(ledger, ['a', 'b']));
      await ledger.undoing.done(keys(ledger, ['b']));
      await ledger.undoing.giveUp(keys(ledger, ['a', 'b', 'c', 'never']));
      expect(await ledger.show('a')).toEqual(before);
      expect(await delivered(ledger, ['a', 'b', 'c', 'd'])).toEqual(['a', 'c', 'd']);
      expect(ledger.counters.delivered).toBe(3);
      expect((await ledger.undoing.undone(keys(ledger, ['a', 'b']))).map((undone) => undone?.state)).toEqual([
        undefined,
        'undone',
      ]);
    });
  });

  it('can be delivered anew, and stay known as taken back before', async () => {
    await withLedger(await deliveredFolder(), async (ledger) => {
      await ledger.undoing.begin(keys(ledger, ['a']));
      await ledger.recordDelivered(entriesFor(ledger, ['a'], 'g'));
      await ledger.undoing.giveUp(keys(ledger, ['a']));
      expect(await ledger.show('a')).toMatchObject({ state: 'delivered', origin: { file: 'g' } });
      expect(ledger.counters.delivered).toBe(4);
    });
  });

  it('are recorded with who did it, and every file is forgotten before the first of them', async () => {
    const folder = await deliveredFolder();
    await withLedger(
      folder,
      async (ledger) => {
        const done = await ledger.operator.undo(BY, async () => {
          expect(await ledger.files.completedFiles()).toEqual([]);
          expect(await ledger.operator.audit()).toEqual([BY]);
          await ledger.undoing.begin(keys(ledger, ['a']));
          await ledger.undoing.done(keys(ledger, ['a']));
          return 1;
        });
        expect(done).toBe(1);
        expect(await ledger.operator.audit()).toEqual([{ ...BY, ids: 1 }]);
      },
      UNDO,
    );
  });

  it('are kept by a repair', async () => {
    const folder = await deliveredFolder();
    await withLedger(
      folder,
      async (ledger) => {
        await ledger.undoing.begin(keys(ledger, ['a', 'b']));
        await ledger.undoing.done(keys(ledger, ['a']));
      },
      UNDO,
    );
    expect(await repairLedger({ ...optionsFor(folder), user: 'jo' })).toMatchObject({ delivered: 2, lost: 0 });
    await withLedger(folder, async (ledger) => {
      const states = (await ledger.undoing.undone(keys(ledger, ['a', 'b']))).map((undone) => undone?.state);
      expect(states).toEqual(['undone', 'undoing']);
    });
  });
});

it('an event that the target may have had before is told from one that it had, and from one that it had not', async () => {
  const folder = await temporaryFolder();
  await withLedger(folder, async (ledger) => {
    const [plain, had, maybe] = entriesFor(ledger, ['plain', 'had', 'maybe']);
    await ledger.recordDelivered([plain!, { ...had!, hadBefore: true }, { ...maybe!, maybeHadBefore: true }]);
  });
  await withLedger(folder, async (ledger) => {
    expect(await ledger.show('plain')).not.toHaveProperty('maybeHadBefore');
    expect(await ledger.show('had')).toMatchObject({ hadBefore: true });
    expect(await ledger.show('maybe')).toMatchObject({ hadBefore: false, maybeHadBefore: true });
  });
});
