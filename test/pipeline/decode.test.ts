import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hashBytes64, hashText128, subjectHash } from '../../src/core/siphash.js';
import type { RecordRules } from '../../src/core/target.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { validUtf8Length } from '../../src/pipeline/utf8.js';

const SECRET = new Uint32Array([1, 2, 3, 4]);

const RULES: RecordRules = {
  examine: (value, _bytes, _start, _end, into) => {
    const { id, a = '', b = '', bad = false } = value as { id: string; a?: string; b?: string; bad?: boolean };
    into.rejection = bad ? { reason: 'schema_violation', errors: [{ path: '/bad', message: 'is bad' }] } : undefined;
    into.warnings = id === 'warn' ? ['missing_created_at'] : [];
    into.id = id;
    into.subjectA = a;
    into.subjectB = b;
    into.splice = id === 'spliced' ? new Uint8Array([1]) : undefined;
  },
  generalPath: (path) => path,
};

const decode = createDecode({ maxLineBytes: 1_000, secret: SECRET }, RULES);

function decodeText(text: string | Uint8Array) {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  return decode({ kind: 'lines', bytes });
}

test('an event has its place, its hashes and its subjects', () => {
  const record = '{"id":"é","a":"o:x","b":"u:y"}';
  const block = decodeText(`\n \n\ufeff${record} \r\n`);
  expect([block.count, block.lines, block.line[0]]).toEqual([1, 3, 2]);
  expect(Buffer.from(block.bytes.subarray(block.start[0]!, block.end[0]!)).toString()).toBe(record);
  const idHash = new Uint32Array(4);
  hashText128(SECRET, 'é', idHash, 0);
  expect(block.idHash.slice(0, 4)).toEqual(idHash);
  const fingerprint = new Uint32Array(2);
  const bytes = new TextEncoder().encode(record);
  hashBytes64(SECRET, bytes, 0, bytes.length, fingerprint, 0);
  expect(block.fingerprint.slice(0, 2)).toEqual(fingerprint);
  expect([...block.subjects.slice(0, 2)]).toEqual([subjectHash(SECRET, 'o:x'), subjectHash(SECRET, 'u:y')]);
});

test('what one record was told by the rules does not cling to the next', () => {
  const block = decodeText('{"id":"warn"}\n{"id":"spliced"}\n{"id":"x","bad":true}\n{"id":"y"}');
  expect([...block.warnings.slice(0, 4)]).toEqual([1, 0, 0, 0]);
  expect([...block.splices.keys()]).toEqual([1]);
  expect([...block.rejections.keys()]).toEqual([2]);
});

test('more and smaller records than expected fit', () => {
  const block = decodeText('{"id":"i"}\n'.repeat(1_000) + '0\n'.repeat(5_000).replaceAll('0', '{"id":"j"}'));
  expect(block.count).toBe(6_000);
  expect(block.line[5_999]).toBe(5_999);
  expect(block.idHash.slice(4 * 5_998, 4 * 5_999)).toEqual(block.idHash.slice(4 * 5_999, 4 * 6_000));
});

test('a record that is not UTF-8 is rejected with the place of the first bad byte, and its neighbours are not', () => {
  const bad = [0x7b, 0x22, 0xc3, 0xa9, 0xff, 0x22, 0x7d];
  const bytes = Buffer.concat([Buffer.from('{"id":"é"}\n  '), Buffer.from(bad), Buffer.from('\n{"id":"ü"}')]);
  const block = decodeText(bytes);
  expect([...block.rejections]).toEqual([
    [
      1,
      {
        reason: 'invalid_utf8',
        errors: [{ path: '', message: 'not valid UTF-8', detail: 'not valid UTF-8 at byte 5 of the record' }],
      },
    ],
  ]);
});

test('text that is not JSON is rejected, and what the parser said kept apart', () => {
  const block = decodeText('{"id":\n{"id":"x"} {"id":"y"}');
  for (const at of [0, 1]) {
    expect(block.rejections.get(at)!.reason).toBe('invalid_json');
    expect(block.rejections.get(at)!.errors[0]!.message).toBe('not valid JSON');
    expect(block.rejections.get(at)!.errors[0]!.verbatim).toMatch(/JSON/);
  }
});

test('a record nested a hundred thousand deep is no reason to fall over', () => {
  const deep = createDecode({ maxLineBytes: 1e6, secret: SECRET }, RULES);
  const text = `{"id":"x","m":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
  const block = deep({ kind: 'lines', bytes: new TextEncoder().encode(text) });
  expect(block.count).toBe(1);
});

test('the length of what is valid UTF-8 is that of the decoder of the platform', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 4 }), (tail, text) => {
      const bytes = Buffer.concat([Buffer.from(text, 'utf8'), tail]);
      const isValid = (length: number): boolean => {
        try {
          new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length));
          return true;
        } catch {
          return false;
        }
      };
      const longest = Array.from({ length: bytes.length + 1 }, (_, i) => bytes.length - i).find(isValid)!;
      expect(validUtf8Length(bytes)).toBe(longest);
    }),
    { numRuns: 1_000 },
  );
});

test('a record that would take a parser gigabytes is rejected unparsed, and brackets in strings are none', () => {
  const large = createDecode({ maxLineBytes: 10_000_000, secret: SECRET }, RULES);
  const decodeLarge = (text: string) => large({ kind: 'lines', bytes: new TextEncoder().encode(text) });
  const nested = (depth: number) => `{"id":"i","m":${'['.repeat(depth)}${']'.repeat(depth)}}`;
  const message = 'nested more than 1,000,000 brackets deep';
  const block = decodeLarge(`${nested(1_000_001)}\n${nested(100_000)}\n{"id":"s","m":"${'['.repeat(2_000_000)}"}\n`);
  expect([...block.rejections]).toEqual([
    [0, { reason: 'invalid_json', errors: [{ path: '', message: 'nested too deep', detail: message }] }],
  ]);
  expect(block.count).toBe(3);
});
