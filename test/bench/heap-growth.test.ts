import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

interface Share {
  readonly count: number;
  readonly bytes: number;
}

const { heapByConstructor, mostGrown } = (await import(new URL('heap-growth.js', import.meta.url).href)) as {
  heapByConstructor(file: string): Map<string, Share>;
  mostGrown(
    before: Map<string, Share>,
    after: Map<string, Share>,
    most: number,
  ): { name: string; before: Share; after: Share; grew: number }[];
};

test('the constructor whose objects are kept is the one that grew most between two heap snapshots', () => {
  const folder = mkdtempSync(join(tmpdir(), 'consent-import-heap-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const files = ['before', 'after'].map((name) => join(folder, name));
  const leaking = `
    const { writeHeapSnapshot } = require('node:v8');
    class Leaked { a = 1; b = 2; c = 3; d = 4; }
    writeHeapSnapshot(${JSON.stringify(files[0])});
    globalThis.kept = Array.from({ length: 50000 }, () => new Leaked());
    writeHeapSnapshot(${JSON.stringify(files[1])});`;
  execFileSync(process.execPath, ['-e', leaking]);

  const [most] = mostGrown(heapByConstructor(files[0]!), heapByConstructor(files[1]!), 5);
  expect(most).toMatchObject({ name: 'Leaked', before: { count: 0 }, after: { count: 50_000 } });
  expect(most!.grew).toBe(most!.after.bytes);
});
