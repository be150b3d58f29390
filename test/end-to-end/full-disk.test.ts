import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { event, events, oddEvents } from './events.js';
import { arrived, importArgs, Place, sandbox, until } from './harness.js';

const NEXT =
  'Make sure that the disk has room and that the folder can be written, then run the same command again: what was delivered and recorded is not sent again.';

/** May this process mount a small file system of its own? Elsewhere the crash tests let the ledger's disk fail. */
const CAN_MOUNT = canMount();

function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'none', folder], { stdio: 'ignore' });
    execFileSync('umount', [folder]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A file system of its own, of so many bytes, in a folder. Gone after the test. */
function smallDisk(folder: string, bytes: number): string {
  mkdirSync(folder, { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'none', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}

/** Fills what is left of a disk. @returns makes room again */
function fill(folder: string): () => void {
  const path = join(folder, 'ballast');
  for (let size = 1 << 20; size >= 512; size >>= 1) {
    try {
      for (;;) writeFileSync(path, Buffer.alloc(size), { flag: 'a' });
    } catch {
      // So much does not fit any more; half of it may.
    }
  }
  return () => rmSync(path);
}

if (CAN_MOUNT)
  describe('on a disk of its own, that is full', () => {
    it('a ledger that can not be made or opened: exit 10, nothing is sent, and with room it goes on', async () => {
      const place = new Place();
      const server = await sandbox();
      place.write('events.jsonl', events(50));
      const disk = smallDisk(join(place.folder, 'disk'), 8 << 20);
      const room = fill(disk);
      const args = ['events.jsonl', '--ledger', join(disk, 'l')];

      const full = await place.import(server.url, args);
      room();
      const after = await place.import(server.url, args);

      expect([full.exitCode, full.summary.reason, full.summary.events.read]).toEqual([10, 'storage', 0]);
      expect(full.said[0]).toMatch(/^error\[ledger\]: The ledger \S+ can't be opened: .*(ENOSPC|No space left)/);
      expect(full.said[0]).toContain(NEXT);
      expect([after.exitCode, arrived(server).length]).toEqual([0, 50]);
    });

    it('a ledger for which it is too small: exit 10 in the middle; with room the same command finishes the job', async () => {
      const place = new Place();
      const server = await sandbox({ latencyMs: 2 });
      const lines = oddEvents(4_000, 400);
      place.write('events.jsonl', lines);
      const disk = smallDisk(join(place.folder, 'disk'), 4 << 20);
      const args = ['events.jsonl', '--ledger', join(disk, 'l'), '--batch-size', '10'];
      const run = place.startImport(server.url, args);
      await until(() => server.stats().events.accepted > 200, run);
      const room = fill(disk);
      const full = await run.ended;
      room();
      const after = await place.import(server.url, args);

      expect([full.exitCode, full.summary.reason]).toEqual([10, 'storage']);
      expect(full.said).toHaveLength(1);
      expect(full.said[0]).toMatch(/^error\[storage\]: The ledger \S+ can't be written: .*(ENOSPC|No space left)/);
      expect(full.said[0]).toContain(NEXT);
      expect([after.exitCode, after.said]).toEqual([0, []]);
      expect(arrived(server).sort()).toEqual([...lines].sort());
      // In flight, and acknowledged while the disk was full: far less than a second of it.
      expect(server.stats().events.resent).toBeLessThan(lines.length / 2);
    });

    it('the rejects file: exit 10; with room every reject is named', async () => {
      const place = new Place();
      const server = await sandbox();
      place.write('events.jsonl', [...events(20), ...Array.from({ length: 3_000 }, () => '{"not":"an event"}')]);
      const disk = smallDisk(join(place.folder, 'disk'), 64 << 10);
      const path = join(disk, 'rejects.jsonl');

      const full = await place.import(server.url, ['events.jsonl', '--rejects', path, '--max-rejects', 'none']);
      const after = await place.import(server.url, ['events.jsonl', '--rejects', 'r.jsonl', '--max-rejects', 'none']);

      expect([full.exitCode, full.summary.reason]).toEqual([10, 'storage']);
      expect(full.said).toEqual([
        `error[storage]: can't write the rejects file ${path} (ENOSPC). Make room or correct the permissions there, or name another file with --rejects; then run the same command again.`,
      ]);
      expect(after.exitCode).toBe(1);
      expect(place.rejectsIn('r.jsonl').map(({ rejected }) => rejected.line)).toEqual(
        Array.from({ length: 3_000 }, (_, i) => 21 + i),
      );
    });

    it('the summary file: a warning, and the import is not affected', async () => {
      const place = new Place();
      const server = await sandbox();
      place.write('events.jsonl', events(20));
      const disk = smallDisk(join(place.folder, 'disk'), 64 << 10);
      fill(disk);
      const path = join(disk, 'summary.json');

      const run = await place.import(server.url, ['events.jsonl', '--summary-file', path]);

      expect([run.exitCode, arrived(server).length]).toEqual([0, 20]);
      expect(run.said).toEqual([
        `warning[output_failed]: --summary-file ${path} was not written (ENOSPC). The import itself is not affected.`,
      ]);
      expect(existsSync(path)).toBe(false);
    });

    it('that became read-only: exit 10, and when it can be written again the same command finishes the job', async () => {
      const place = new Place();
      const server = await sandbox();
      place.write('first.jsonl', events(50));
      place.write('second.jsonl', events(50, 51));
      const disk = smallDisk(join(place.folder, 'disk'), 8 << 20);
      await place.import(server.url, ['first.jsonl', '--ledger', join(disk, 'l')]);
      execFileSync('mount', ['-o', 'remount,ro', disk]);

      const readOnly = await place.import(server.url, ['second.jsonl', '--ledger', join(disk, 'l')]);
      execFileSync('mount', ['-o', 'remount,rw', disk]);
      const after = await place.import(server.url, ['first.jsonl', 'second.jsonl', '--ledger', join(disk, 'l')]);

      expect([readOnly.exitCode, readOnly.summary.reason]).toEqual([10, 'storage']);
      expect(readOnly.said[0]).toMatch(/^error\[ledger\]: The ledger \S+ can't be opened: .*(EROFS|Read-only)/);
      expect(readOnly.said[0]).toContain(NEXT);
      expect([after.exitCode, after.said]).toEqual([0, []]);
      expect(server.stats().events).toMatchObject({ accepted: 100, resent: 0 });
    });
  });

// Root may write anywhere: for root it is the disk above that became read-only.
if (process.getuid?.() !== 0)
  describe('in a folder that may not be written', () => {
    it('a ledger ends the run with exit 10 and what to do; nothing is sent', async () => {
      const place = new Place();
      const server = await sandbox();
      place.write('events.jsonl', events(5));
      mkdirSync(join(place.cwd, 'closed'));
      chmodSync(join(place.cwd, 'closed'), 0o555);

      const run = await place.import(server.url, ['events.jsonl', '--ledger', 'closed/l']);

      expect([run.exitCode, run.said[0]]).toEqual([10, expect.stringContaining(NEXT)]);
      expect(server.stats().requests.total).toBe(0);
    });
  });

describe('a ledger that vanishes while a run writes it', () => {
  it.each(['one file after the other', 'at once, by another name'])(
    'ends the run with exit 10, never well: %s',
    async (how) => {
      const place = new Place();
      const server = await sandbox({ latencyMs: 20 });
      const lines = oddEvents(2_000, 300);
      place.write('events.jsonl', lines);
      const args = ['events.jsonl', '--ledger', 'l', '--batch-size', '5', '--concurrency', '4'];
      const run = place.startImport(server.url, args);
      await until(() => server.stats().events.accepted > 100, run);
      if (how.startsWith('one')) rmSync(join(place.cwd, 'l'), { recursive: true, force: true, maxRetries: 20 });
      else execFileSync('mv', [join(place.cwd, 'l'), join(place.cwd, 'elsewhere')]);
      const gone = await run.ended;

      expect([gone.exitCode, gone.summary.reason]).toEqual([10, 'storage']);
      expect(gone.said.at(-1)).toMatch(/^error\[storage\]: The ledger \S+ can't be written: ENOENT/);
      expect(gone.said.at(-1)).toContain(NEXT);
      // It was noticed within the second in which what was written must be on disk.
      expect(gone.summary.events.undelivered).toBeGreaterThan(0);
      if (!how.startsWith('one')) execFileSync('sh', ['-c', 'rm -rf l; mv elsewhere l'], { cwd: place.cwd });
      const after = await place.import(server.url, args);
      expect([after.exitCode, after.said]).toEqual([0, []]);
      expect(arrived(server).sort()).toEqual([...lines].sort());
    },
  );
});

describe('what a run leaves behind', () => {
  it('is private, also after a kill', async () => {
    const place = new Place();
    const server = await sandbox({ latencyMs: 5 });
    place.write('events.jsonl', [...events(300), '{}']);
    const run = place.start(
      importArgs(server.url, ['events.jsonl', '--ledger', 'l', '--rejects', 'r.jsonl', '--batch-size', '5']),
    );
    await until(() => server.stats().events.accepted > 50, run);
    run.signal('SIGKILL');
    await run.ended;
    expect(statSync(join(place.cwd, 'l')).mode & 0o077).toBe(0);
    place.write('more.jsonl', [event(9_001)]);
    expect((await place.import(server.url, ['more.jsonl', '--ledger', 'l'])).exitCode).toBe(0);
  });
});
