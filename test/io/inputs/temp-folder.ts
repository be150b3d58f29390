import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll } from 'vitest';

/** A folder that is removed after the tests of the file. */
export function tempFolder(): { path: string; write: (name: string, content: Uint8Array | string) => string } {
  const path = mkdtempSync(join(tmpdir(), 'inputs-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  const write = (name: string, content: Uint8Array | string) => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
    return file;
  };
  return { path, write };
}
