import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LedgerEntry } from '../../../src/core/ledger.js';
import type { StoredLedger } from '../../../src/io/ledger/ledger.js';
import { type OpenOptions, openLedger } from '../../../src/io/ledger/open.js';
import { type Pruning, pruneLedger } from '../../../src/io/ledger/prune.js';
import type { StorageEvent } from '../../../src/io/ledger/store.js';
import { ManualClock, optionsFor, runNamed, temporaryFolder } from './fixture.js';

const START = 1_700_000_000_000;
const BY = { time: START + 9_000, user: 'jo', what: 'prune --before x' };

function entry(ledger: StoredLedger, id: string, time: number, file = 'a.jsonl'): LedgerEntry {
  return { key: ledger.hashOf(id), fingerprint: [1, 2], origin: { file, line: 1 }, time };
}

/** A ledger with `old-…` from before the date, `new-…` from after it, one in doubt, and remembered files. */
async function filled(count = 50): Promise<{ options: OpenOptions; folder: string; keys: Record<string, Uint8Array> }> {
  const options = optionsFor(await temporaryFolder());
  const { ledger, folder, close } = await openLedger(options);
  const named = (name: string): string[] => Array.from({ length: count }, (_, i) => `${name}-${i}`);
  const keys = Object.fromEntries(
    [...named('old'), ...named('new'), 'doubt'].map((id) => [id, ledger.hashOf(id)] as const),
  );
  await ledger.recordDelivered(named('old').map((id) => entry(ledger, id, START + 1)));
  await ledger.recordDelivered(named('new').map((id) => entry(ledger, id, START + 5_000, 'b.jsonl')));
  await ledger.recordIntents([entry(ledger, 'doubt', START + 1)]);
  const file = { sha256: 'f', settings: 's', records: 1, run: 'run-1', completedAt: START };
  await ledger.files.recordCompleted(file);
  await ledger.files.recordRejected({ ...file, sha256: 'g', path: 'g.jsonl', rejected: 1 });
  await ledger.files.putCheckpoint('k', CHECKPOINT);
  await ledger.recordRun({ exitCode: 0 }, { whole: true });
  await close();
  return { options, folder, keys };
}

const CHECKPOINT = { firstLine: 1, lines: 1, records: 1, decodedStart: 0, decodedEnd: 9, runningHash: 'h' };

function pruning(options: OpenOptions, more: Partial<Pruning> = {}): Pruning {
  return { ...options, run: runNamed('prune'), before: START + 1_000, by: BY, ...more };
}

async function bytesBelow(folder: string): Promise<Buffer> {
  const files = (await readdir(folder, { recursive: true, withFileTypes: true })).filter((each) => each.isFile());
  return Buffer.concat(await Promise.all(files.map((file) => readFile(join(file.parentPath, file.name)))));
}

async function states(options: OpenOptions, ids: readonly string[]): Promise<(string | undefined)[]> {
  const { ledger, close } = await openLedger({ ...options, create: false, run: runNamed('look') });
  const found = await ledger.lookup(ids.map((id) => ledger.hashOf(id)));
  await close();
  return found.map((record) => record?.state);
}

describe('pruneLedger', () => {
  it('forgets what was delivered before the date, and keeps the rest, what is in doubt, the runs and what was changed', async () => {
    const { options } = await filled();
    expect(await pruneLedger(pruning(options))).toEqual({ forgotten: 50, delivered: 50, inDoubt: 1 });

    expect(await states(options, ['old-0', 'old-49', 'new-0', 'new-49', 'doubt'])).toEqual([
      undefined,
      undefined,
      'delivered',
      'delivered',
      'inDoubt',
    ]);
    const { ledger, close } = await openLedger({ ...options, create: false });
    expect(ledger.counters).toMatchObject({ delivered: 50, inDoubt: 1 });
    expect(ledger.runs.map(({ id, summary }) => [id, summary])).toEqual([['run-1', { exitCode: 0 }]]);
    expect(await ledger.accountOf('run-1')).toEqual({ whole: true });
    expect(await ledger.operator.audit()).toEqual([{ ...BY, ids: 50 }]);
    expect((await ledger.show('new-3'))?.origin).toEqual({ file: 'b.jsonl', line: 1 });
    await close();
  });

  it('forgets all files, for none may be passed over that holds a forgotten event', async () => {
    const { options } = await filled();
    await pruneLedger(pruning(options));
    const { ledger, close } = await openLedger({ ...options, create: false });
    expect(await ledger.files.completedFiles()).toEqual([]);
    expect(await ledger.files.rejectedFiles()).toEqual([]);
    expect(await ledger.files.checkpoints('k')).toEqual([]);
    await close();
  });

  it('forgets what was taken back before the date, and nothing that is still being taken back', async () => {
    const { options, folder, keys } = await filled(5);
    const undone = async (id: string) => {
      const { ledger, close } = await openLedger({ ...options, create: false, run: runNamed('look') });
      const [found] = await ledger.undoing.undone([keys[id]!]);
      await close();
      return found?.state;
    };
    const { ledger, close } = await openLedger({ ...options, create: false, run: runNamed('undo') });
    await ledger.undoing.begin([keys['new-0']!, keys['new-1']!]);
    await ledger.undoing.done([keys['new-0']!]);
    await close();
    expect([await undone('new-0'), await undone('new-1')]).toEqual(['undone', 'undoing']);

    expect(await pruneLedger(pruning(options))).toEqual({ forgotten: 5, delivered: 3, inDoubt: 1 });
    expect([await undone('new-0'), await undone('new-1')]).toEqual([undefined, 'undoing']);
    const bytes = await bytesBelow(folder);
    expect(bytes.includes(Buffer.from(keys['new-0']!.subarray(6)))).toBe(false);
    expect(bytes.includes(Buffer.from(keys['new-2']!.subarray(6)))).toBe(true);
  });

  it('leaves no byte of a forgotten key on disk', async () => {
    const { options, folder, keys } = await filled(2_000);
    // What LevelDB has sorted into tables, and what a look leaves in its filter.
    await states(options, Object.keys(keys).slice(0, 100));
    const before = await bytesBelow(folder);
    // Its last ten bytes: tables leave out the first ones that a key shares with the one before it.
    const has = (bytes: Buffer, id: string): boolean => bytes.includes(Buffer.from(keys[id]!.subarray(6)));
    const found = (bytes: Buffer, name: string): number =>
      Object.keys(keys).filter((id) => id.startsWith(name) && has(bytes, id)).length;
    // A log cuts a key in two wherever a block of 32 KiB ends.
    expect(found(before, 'old')).toBeGreaterThan(1_980);

    await pruneLedger(pruning(options));
    const after = await bytesBelow(folder);
    expect(found(after, 'old')).toBe(0);
    expect(found(after, 'new')).toBeGreaterThan(1_980);
  });

  it('leaves the old ledger or the new one when it is killed at any moment', async () => {
    const outcomes = new Set<string>();
    for (let at = 1; ; at++) {
      const { options } = await filled(5);
      let count = 0;
      const die = (event: StorageEvent): void => {
        if (event.holds === 'holder.json') return;
        count += 1;
        if (count === at) throw new Error('killed');
      };
      const killed = await pruneLedger(pruning(options, { hooks: { before: die, after: die } })).then(
        () => false,
        () => true,
      );
      const found = await states(options, ['old-0', 'new-0', 'doubt']);
      outcomes.add(String(found[0]));
      expect(found.slice(1)).toEqual(['delivered', 'inDoubt']);
      // And it can be done, or done again.
      expect((await pruneLedger(pruning(options))).delivered).toBe(5);
      if (!killed) break;
    }
    expect([...outcomes].sort()).toEqual(['delivered', 'undefined']);
  });

  it('refuses a ledger that somebody holds, and one of another destination', async () => {
    const { options } = await filled(5);
    const held = await openLedger({ ...options, create: false });
    await expect(pruneLedger(pruning(options))).rejects.toThrow('holds the ledger');
    await held.close();
    await expect(pruneLedger(pruning(options, { idRule: 'another' }))).rejects.toThrow('another');
    expect(await states(options, ['old-0'])).toEqual(['delivered']);
  });

  it('counts on from the writes before, so that an export from before it is not restored over it', async () => {
    const { options } = await filled(5);
    const sequence = async (): Promise<number> => {
      const { ledger, close } = await openLedger({ ...options, create: false, clock: new ManualClock() });
      await close();
      return ledger.counters.sequence;
    };
    const before = await sequence();
    await pruneLedger(pruning(options));
    expect(await sequence()).toBe(before + 1);
  });
});
