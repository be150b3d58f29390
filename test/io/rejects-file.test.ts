import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Origin } from '../../src/core/origin.js';
import { type RejectedRecord, RejectsError } from '../../src/core/run.js';
import { openRejectsFile, type RejectsFile } from '../../src/io/rejects-file.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejects-'));
  path = join(folder, 'r.jsonl');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ORIGIN: Origin = { file: 'a.jsonl', line: 17 };

function rejected(text: string | Uint8Array, change: Partial<RejectedRecord> = {}): RejectedRecord {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  return {
    origin: ORIGIN,
    reason: 'schema_violation',
    errors: [{ path: '/user', message: 'must be object' }],
    content: { kind: 'record', bytes, start: 0, end: bytes.length },
    ...change,
  };
}

async function written(records: readonly RejectedRecord[], content: 'full' | 'none' = 'full'): Promise<string> {
  const file = openRejectsFile({ path, content });
  for (const record of records) {
    await file.rejects.write(record);
  }
  await file.close();
  return readFileSync(path, 'utf8');
}

describe('a rejects file', () => {
  it('holds the record byte for byte, and says where it was and what is wrong', async () => {
    const event = '{"id" : 12345678901234567890,\t"user":"\\u00e9é"}';
    expect(await written([rejected(event)])).toBe(
      `{"rejected":{"file":"a.jsonl","line":17,"reason":"schema_violation","errors":[{"path":"/user","message":"must be object"}]},"event":${event}}\n`,
    );
  });

  it('holds only the record’s own part of the bytes', async () => {
    const bytes = Buffer.from('{"a":1}\n{"b":2}\n{"c":3}\n');
    const record = rejected('', { content: { kind: 'record', bytes, start: 8, end: 15 } });
    expect(await written([record])).toMatch(/,"event":\{"b":2\}\}\n$/);
  });

  it('turns line breaks of an array element into spaces', async () => {
    const origin = { file: 'a.zip', entry: 'e.json', line: 3, element: 2, index: 1 };
    expect(await written([rejected('{\r\n "a":\n[1]}', { origin })])).toBe(
      '{"rejected":{"file":"a.zip","entry":"e.json","line":3,"element":2,"index":1,"reason":"schema_violation","errors":[{"path":"/user","message":"must be object"}]},"event":{   "a": [1]}}\n',
    );
  });

  it('holds what is no JSON as text, and what is no UTF-8 as base64', async () => {
    const text = await written([
      rejected('{"a": "\u2028é', { reason: 'invalid_json', errors: [] }),
      rejected(Uint8Array.of(0x7b, 0xff, 0x7d), { reason: 'invalid_utf8', errors: [] }),
    ]);
    expect(text).toBe(
      '{"rejected":{"file":"a.jsonl","line":17,"reason":"invalid_json","errors":[]},"raw":"{\\"a\\": \\"\u2028é"}\n' +
        '{"rejected":{"file":"a.jsonl","line":17,"reason":"invalid_utf8","errors":[]},"rawBase64":"e/99"}\n',
    );
  });

  it('holds the length, hash and head of an over-long record', async () => {
    const content = { kind: 'overlong', length: 99_999, sha256: 'ab'.repeat(32), head: Buffer.from('{"x":') } as const;
    expect(await written([rejected('', { reason: 'line_too_long', errors: [], content })])).toBe(
      `{"rejected":{"file":"a.jsonl","line":17,"reason":"line_too_long","errors":[]},"bytes":99999,"sha256":"${'ab'.repeat(32)}","rawBase64":"eyJ4Ijo="}\n`,
    );
  });

  it('tells verbatim what a parser or the target said', async () => {
    const errors = [{ path: '', message: 'is not valid JSON', verbatim: 'Unexpected token a' }];
    expect(await written([rejected('a', { reason: 'invalid_json', errors })])).toContain(
      '"errors":[{"path":"","message":"Unexpected token a"}]',
    );
  });

  it('keeps a line of an older rejects file that holds no event as it is, but with content "none" nothing of the record', async () => {
    const line =
      '{"rejected":{"file":"a.jsonl","line":17,"reason":"invalid_json","errors":[{"path":"","message":"Unexpected ada@"}]},"raw":"ada@"}';
    const bytes = Buffer.from(` ${line}\r\n`);
    const record = rejected('', {
      reason: 'invalid_json',
      errors: [
        { path: '', message: 'rejected before' },
        { path: '', message: 'Unexpected ada@' },
      ],
      content: { kind: 'rejectLine', bytes, start: 1, end: 1 + line.length },
    });
    expect(await written([record])).toBe(`${line}\n`);
    rmSync(path);
    expect(await written([record], 'none')).toBe(
      '{"rejected":{"file":"a.jsonl","line":17,"reason":"invalid_json","errors":[{"path":"","message":"rejected before"}]}}\n',
    );
  });

  it('with content "none" holds nothing of the record, nor words that may quote it', async () => {
    const text = await written(
      [
        rejected('{"mail":"ada@example.org"}'),
        rejected('ada@', {
          reason: 'invalid_json',
          errors: [{ path: '', message: 'is not JSON', verbatim: 'at ada@' }],
        }),
        rejected('', { content: { kind: 'overlong', length: 9, sha256: 'ff', head: Buffer.from('ada@') } }),
      ],
      'none',
    );
    expect(text).not.toContain('ada');
    expect(text).not.toContain(Buffer.from('ada@').toString('base64'));
    expect(text.split('\n').slice(0, 2)).toEqual([
      '{"rejected":{"file":"a.jsonl","line":17,"reason":"schema_violation","errors":[{"path":"/user","message":"must be object"}]}}',
      '{"rejected":{"file":"a.jsonl","line":17,"reason":"invalid_json","errors":[{"path":"","message":"is not JSON"}]}}',
    ]);
  });

  it('never holds the record of an excluded person', async () => {
    expect(await written([rejected('{"mail":"ada@example.org"}', { reason: 'excluded' })])).not.toContain('ada');
  });

  it('is JSON lines whose content is the record again, whatever the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.string(), async (bytes, name) => {
        rmSync(path, { force: true });
        const origin = { file: name, line: 1 };
        const text = await written([rejected(bytes, { reason: 'invalid_json', origin })]);
        expect(text.indexOf('\n')).toBe(text.length - 1);
        const line = JSON.parse(text) as { rejected: { file: string }; raw?: string; rawBase64?: string };
        const again = line.raw === undefined ? Buffer.from(line.rawBase64!, 'base64') : Buffer.from(line.raw);
        expect(Buffer.compare(again, bytes)).toBe(0);
        expect(line.rejected.file).toBe(name);
      }),
      { numRuns: 60 },
    );
  });

  it('is made at the first reject, and can be read by its owner only', async () => {
    const file = openRejectsFile({ path, content: 'full' });
    expect(existsSync(path)).toBe(false);
    await file.rejects.write(rejected('{}'));
    await file.rejects.flush();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect([file.count, file.path]).toEqual([1, path]);
    await file.close();
  });

  it('is never made without a reject', async () => {
    await openRejectsFile({ path, content: 'full' }).close();
    expect(existsSync(path)).toBe(false);
  });
});

describe('a rejects file that exists', () => {
  it('is appended to', async () => {
    await written([rejected('{"a":1}')]);
    expect((await written([rejected('{"a":2}')])).split('\n')).toHaveLength(3);
  });

  it.each([
    ['{"whole":1}\n{"torn":', '{"whole":1}\n'],
    ['{"torn":', ''],
    ['{"whole":1}\n{"no line end":2}', '{"whole":1}\n{"no line end":2}\n'],
    [`{"whole":1}\n{"long":"${'x'.repeat(200_000)}`, '{"whole":1}\n'],
    ['{"whole":1}\n', '{"whole":1}\n'],
  ])('loses a torn last line only', async (before, kept) => {
    writeFileSync(path, before);
    const text = await written([rejected('{}')]);
    expect(text.slice(0, kept.length)).toBe(kept);
    expect(text.slice(kept.length)).toMatch(/^\{"rejected":.*\}\n$/);
  });
});

describe('writing rejects', () => {
  it('keeps order and loses nothing, however many are written at once', async () => {
    const file = openRejectsFile({ path, content: 'full' });
    for (let index = 0; index < 2_000; index++) {
      void file.rejects.write(rejected(`{"n":${index}}`));
    }
    await file.close();
    const numbers = readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as { event: { n: number } }).event.n);
    expect(numbers).toEqual(Array.from({ length: 2_000 }, (_, index) => index));
  });

  it('asks to wait when too much is queued, until it is written', async () => {
    const file = openRejectsFile({ path, content: 'full', maxQueuedBytes: 300 });
    expect(file.rejects.write(rejected('{}'))).toBeUndefined();
    expect(file.rejects.write(rejected('{}'))).toBeUndefined();
    const wait = file.rejects.write(rejected('{}'));
    expect(wait).toBeInstanceOf(Promise);
    await wait;
    expect(readFileSync(path, 'utf8').split('\n')).toHaveLength(4);
    expect(file.rejects.write(rejected('{}'))).toBeUndefined();
    await file.close();
  });

  it('takes a copy of the record, for its block is soon reused', async () => {
    const bytes = Buffer.from('{"a":1}');
    const file = openRejectsFile({ path, content: 'full' });
    void file.rejects.write(rejected(bytes));
    bytes.fill(0x20);
    await file.close();
    expect(readFileSync(path, 'utf8')).toContain('"event":{"a":1}');
  });

  it.each([
    ['a folder that is not there', () => join(folder, 'none', 'r.jsonl'), 'ENOENT'],
    ['a folder', () => folder, 'EISDIR'],
    ['a full disk', () => '/dev/full', 'ENOSPC'],
  ])('to %s fails with what to do, now and ever after', async (_, where, code) => {
    const file: RejectsFile = openRejectsFile({ path: where(), content: 'full' });
    const message = `can't write the rejects file ${where()} (${code}). Make room or correct the permissions there, or name another file with --rejects; then run the same command again.`;
    void file.rejects.write(rejected('{}'));
    await expect(file.rejects.flush()).rejects.toThrow(new RejectsError(message));
    await expect(file.rejects.write(rejected('{}'))).rejects.toThrow(message);
    await expect(file.close()).rejects.toThrow(message);
  });

  it('leaves the mode of a file that somebody made otherwise', async () => {
    writeFileSync(path, '');
    chmodSync(path, 0o640);
    await written([rejected('{}')]);
    expect(statSync(path).mode & 0o777).toBe(0o640);
  });
});
