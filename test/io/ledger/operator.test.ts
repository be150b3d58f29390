import { describe, expect, it } from 'vitest';
import type { StoredLedger } from '../../../src/io/ledger/ledger.js';
import type { Selection } from '../../../src/io/ledger/operator.js';
import { entriesFor, idsNamed, optionsFor, runNamed, temporaryFolder, withLedger } from './fixture.js';

const BY = { time: 1_700_000_999_000, user: 'jo', what: 'resolve --delivered' };

async function inDoubt(ledger: StoredLedger, selection?: Selection): Promise<string[]> {
  const found: string[] = [];
  for await (const page of ledger.operator.inDoubt(selection)) {
    for (const { record } of page) found.push(`${record.run} ${record.origin.file}:${record.origin.line}`);
  }
  return found.sort();
}

async function withDoubts(act: (ledger: StoredLedger, folder: string) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder();
  await withLedger(folder, async (ledger) => {
    await ledger.recordDelivered(entriesFor(ledger, idsNamed(2500, 'sure'), 'a'));
    await ledger.recordIntents(entriesFor(ledger, ['a-1', 'a-2'], 'a'));
    await ledger.recordIntents(entriesFor(ledger, ['b-1', 'b-2'], 'b'));
    await ledger.files.recordCompleted({ sha256: 'ab', settings: 's', records: 1, run: 'run-1', completedAt: 1 });
    await ledger.files.putCheckpoint('x', {
      firstLine: 1,
      lines: 1,
      records: 1,
      decodedStart: 0,
      decodedEnd: 1,
      runningHash: '',
    });
  });
  await withLedger(
    folder,
    async (ledger) => {
      await ledger.recordIntents(entriesFor(ledger, ['b-3'], 'b'));
      await act(ledger, folder);
    },
    { run: runNamed('run-2') },
  );
}

describe('what is in doubt', () => {
  it('is listed by all, file, run and id', async () => {
    await withDoubts(async (ledger) => {
      expect(await inDoubt(ledger)).toEqual(['run-1 a:1', 'run-1 a:2', 'run-1 b:1', 'run-1 b:2', 'run-2 b:1']);
      expect(await inDoubt(ledger, { file: 'b' })).toEqual(['run-1 b:1', 'run-1 b:2', 'run-2 b:1']);
      expect(await inDoubt(ledger, { run: 'run-2' })).toEqual(['run-2 b:1']);
      const keys = ['b-3', 'sure-1@example.com', 'none'].map((id) => ledger.hashOf(id));
      expect(await inDoubt(ledger, { keys })).toEqual(['run-2 b:1']);
    });
  });

  it('becomes delivered on an operator’s word, which is recorded', async () => {
    await withDoubts(async (ledger, folder) => {
      expect(await ledger.operator.resolve({ file: 'b' }, 'delivered', BY)).toBe(3);
      expect(ledger.counters).toMatchObject({ delivered: 2503, inDoubt: 2 });
      expect(await ledger.show('b-2')).toMatchObject({ state: 'delivered', settledByOperator: true, run: 'run-1' });
      expect(await inDoubt(ledger)).toEqual(['run-1 a:1', 'run-1 a:2']);
      expect(await ledger.operator.audit()).toEqual([{ ...BY, ids: 3 }]);
      expect(await ledger.files.completedByContent('ab', 's')).toBeDefined();
      expect(folder).toBeTruthy();
    });
  });

  it('is sent by the next import when an operator allows it, and no file is skipped any more', async () => {
    await withDoubts(async (ledger) => {
      expect(await ledger.operator.resolve({ all: true }, 'retry', { ...BY, what: 'resolve --retry' })).toBe(5);
      expect(ledger.counters).toMatchObject({ delivered: 2500, inDoubt: 0 });
      expect(await ledger.show('a-1')).toBeUndefined();
      expect(await ledger.files.completedFiles()).toEqual([]);
      expect(await ledger.files.checkpoints('x')).toEqual([]);
    });
  });

  it('is left alone when it is not what was meant', async () => {
    await withDoubts(async (ledger) => {
      const keys = [ledger.hashOf('sure-1@example.com'), ledger.hashOf('none')];
      expect(await ledger.operator.resolve({ keys }, 'retry', BY)).toBe(0);
      expect(ledger.counters).toMatchObject({ delivered: 2500, inDoubt: 5 });
      expect((await ledger.show('sure-1@example.com'))?.state).toBe('delivered');
    });
  });
});

describe('delivered ids', () => {
  it('are dropped by file, by run, by id and by date, each time with the memory of files', async () => {
    await withDoubts(async (ledger) => {
      await ledger.recordDelivered(entriesFor(ledger, idsNamed(10, 'later'), 'c'));
      expect(await ledger.operator.drop({ run: 'run-2' }, { ...BY, what: 'resend' })).toBe(10);
      expect(await ledger.files.completedFiles()).toEqual([]);
      expect(await ledger.operator.drop({ before: 1_700_000_000_101 }, { ...BY, what: 'prune' })).toBe(100);
      expect(await ledger.operator.drop({ keys: [ledger.hashOf('sure-200@example.com')] }, BY)).toBe(1);
      expect(await ledger.show('sure-200@example.com')).toBeUndefined();
      expect(await ledger.operator.drop({ file: 'a' }, BY)).toBe(2399);
      expect(ledger.counters).toMatchObject({ delivered: 0, inDoubt: 5 });
      expect((await ledger.operator.audit()).map(({ what, ids }) => [what, ids])).toEqual([
        ['resend', 10],
        ['prune', 100],
        [BY.what, 1],
        [BY.what, 2399],
      ]);
    });
  });

  it('leave a record of a change that was begun, when it breaks off', async () => {
    const folder = await temporaryFolder();
    let breaks = false;
    const hooks = {
      before: ({ holds }: { holds: string }) => {
        if (breaks && holds.includes('d')) throw new Error('EIO');
      },
    };
    const { openLedger } = await import('../../../src/io/ledger/open.js');
    const open = await openLedger(optionsFor(folder, { hooks }));
    await open.ledger.recordIntents(entriesFor(open.ledger, ['id-1']));
    breaks = true;
    await expect(open.ledger.operator.resolve({ all: true }, 'retry', BY)).rejects.toThrow('EIO');
    await expect(open.close()).rejects.toThrow('EIO');
    await withLedger(folder, async (ledger) => {
      expect(await ledger.operator.audit()).toEqual([BY]);
      expect(await inDoubt(ledger)).toEqual(['run-1 a.jsonl.gz:1']);
    });
  });
});
