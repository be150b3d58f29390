import { describe, expect, it } from 'vitest';
import type { CompletedFile, FileIdentity } from '../../../src/core/ledger.js';
import { temporaryFolder, withLedger } from './fixture.js';

const IDENTITY: FileIdentity = { path: '/in/a.jsonl.gz', size: 1234, ino: 77, mtimeMs: 1.5, ctimeMs: 2.25 };
const FILE: CompletedFile = {
  sha256: 'c0ffee',
  settings: 'settings-1',
  identity: IDENTITY,
  records: 1_000_000,
  run: 'run-1',
  completedAt: 1_700_000_000_000,
};

describe('completed files', () => {
  it('are found by content, also under another name, and by what the file system says', async () => {
    const folder = await temporaryFolder();
    const events: string[] = [];
    const hooks = { after: ({ kind, holds }: { kind: string; holds: string }) => void events.push(`${kind} ${holds}`) };
    await withLedger(
      folder,
      async (ledger) => {
        events.length = 0;
        await ledger.files.recordCompleted(FILE);
        expect(events).toEqual(['sync fkp', 'mark ']);
      },
      { hooks },
    );
    await withLedger(folder, async ({ files }) => {
      expect(await files.completedByContent('c0ffee', 'settings-1')).toEqual(FILE);
      expect(await files.completedByIdentity(IDENTITY, 'settings-1')).toEqual(FILE);
      expect(await files.completedFiles()).toEqual([FILE]);
    });
  });

  it('are not found with other content, other settings, or when anything about the file changed', async () => {
    await withLedger(await temporaryFolder(), async ({ files }) => {
      await files.recordCompleted(FILE);
      expect(await files.completedByContent('c0ffe0', 'settings-1')).toBeUndefined();
      expect(await files.completedByContent('c0ffee', 'settings-2')).toBeUndefined();
      expect(await files.completedByIdentity(IDENTITY, 'settings-2')).toBeUndefined();
      for (const [name, value] of Object.entries({ path: '/in/b', size: 1, ino: 1, mtimeMs: 1, ctimeMs: 1 })) {
        expect(await files.completedByIdentity({ ...IDENTITY, [name]: value }, 'settings-1')).toBeUndefined();
      }
    });
  });
});

describe('checkpoints', () => {
  it('come back in the order of their lines, for their file only, until they are dropped', async () => {
    const folder = await temporaryFolder();
    const checkpoint = (firstLine: number) => ({
      firstLine,
      lines: 500,
      records: 499,
      decodedStart: firstLine * 100,
      decodedEnd: firstLine * 100 + 50_000,
      runningHash: `hash-${firstLine}`,
    });
    const lines = [1, 501, 70_000, 300, 16_777_217];
    await withLedger(folder, async ({ files }) => {
      for (const line of lines) await files.putCheckpoint('a', checkpoint(line));
      await files.putCheckpoint('b', checkpoint(1));
    });
    await withLedger(folder, async ({ files }) => {
      expect(await files.checkpoints('a')).toEqual([1, 300, 501, 70_000, 16_777_217].map(checkpoint));
      await files.dropCheckpoints('a');
      expect(await files.checkpoints('a')).toEqual([]);
      expect(await files.checkpoints('b')).toEqual([checkpoint(1)]);
    });
  });
});
