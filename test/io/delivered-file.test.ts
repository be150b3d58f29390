import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveredRecord } from '../../src/core/run.js';
import { checkDeliveredFile, openDeliveredFile } from '../../src/io/delivered-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'delivered-'));
  path = join(folder, 'd.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function delivered(n: number, more: Partial<DeliveredRecord> = {}): DeliveredRecord {
  return { origin: { file: 'a.jsonl', line: n }, id: `id-${n}`, time: 1_700_000_000_123, returned: undefined, ...more };
}

describe('a delivered file', () => {
  it('has a line per event: where it stood, its id, the time, and what the target returned; only its owner may read it', async () => {
    const file = openDeliveredFile({ path });
    await file.deliveries.write(delivered(1));
    const origin = { file: 'b.zip', entry: 'x.json', line: 3, element: 2, index: 1 };
    await file.deliveries.write(delivered(2, { origin, returned: { receipt: 'r-2' } }));
    expect(await file.close()).toBeUndefined();

    expect(readFileSync(path, 'utf8')).toBe(
      '{"file":"a.jsonl","line":1,"id":"id-1","time":"2023-11-14T22:13:20.123Z","returned":null}\n' +
        '{"file":"b.zip","entry":"x.json","line":3,"element":2,"index":1,"id":"id-2","time":"2023-11-14T22:13:20.123Z","returned":{"receipt":"r-2"}}\n',
    );
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is appended to, after a line that a killed run left torn is cut off', async () => {
    writeFileSync(path, '{"file":"a.jsonl","line":1}\n{"file":"a.js');
    const file = openDeliveredFile({ path });
    await file.deliveries.write(delivered(2));
    await file.close();
    expect(readFileSync(path, 'utf8').split('\n')).toEqual([
      '{"file":"a.jsonl","line":1}',
      '{"file":"a.jsonl","line":2,"id":"id-2","time":"2023-11-14T22:13:20.123Z","returned":null}',
      '',
    ]);
  });

  it('is not made while nothing is delivered', async () => {
    expect(await openDeliveredFile({ path }).close()).toBeUndefined();
    expect(() => statSync(path)).toThrow('ENOENT');
  });

  it('tells at its end that it could not be written, and stops nobody before', async () => {
    mkdirSync(path);
    const file = openDeliveredFile({ path, maxQueuedBytes: 1 });
    await file.deliveries.write(delivered(1));
    await file.deliveries.write(delivered(2));
    await file.deliveries.flush();
    expect(await file.close()).toBe('EISDIR');
  });

  it('asks to wait when much is waiting to be written', async () => {
    const file = openDeliveredFile({ path, maxQueuedBytes: 150 });
    expect(file.deliveries.write(delivered(1))).toBeUndefined();
    expect(file.deliveries.write(delivered(2))).toBeInstanceOf(Promise);
    await file.close();
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(3);
  });

  it('can be found out to be impossible before anything is sent, without being made', async () => {
    expect(await checkDeliveredFile(path)).toBeUndefined();
    expect(() => statSync(path)).toThrow('ENOENT');
    expect(await checkDeliveredFile(folder)).toBe('EISDIR');
    expect(await checkDeliveredFile(join(folder, 'no', 'd.jsonl'))).toBe('ENOENT');
    writeFileSync(path, '');
    expect(await checkDeliveredFile(path)).toBeUndefined();
    chmodSync(path, 0o400);
    // The superuser may do everything.
    if (process.getuid?.() !== 0) expect(await checkDeliveredFile(path)).toBe('EACCES');
  });
});
