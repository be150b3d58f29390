import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Block, Slab } from '../../src/core/block.js';
import type { RecordRules } from '../../src/core/target.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { LineCutter } from '../../src/pipeline/lines.js';

const MOST = 2_000;

/** Takes every JSON value. */
const RULES: RecordRules = {
  examine: (_value, _bytes, _start, _end, into) => {
    Object.assign(into, {
      rejection: undefined,
      warnings: [],
      id: 'id',
      subjectA: '',
      subjectB: '',
      splice: undefined,
    });
  },
  generalPath: (path) => path,
};

function cut(chunks: readonly Uint8Array[], most = MOST): Slab[] {
  const cutter = new LineCutter(most);
  return [...chunks.flatMap((chunk) => cutter.push(chunk)), ...cutter.end()];
}

/** Every record of the text: its physical line, its bytes, and why it was rejected. */
function recordsOf(chunks: readonly Uint8Array[], most = MOST) {
  const decode = createDecode({ maxLineBytes: most, secret: new Uint32Array([1, 2, 3, 4]) }, RULES);
  let line = 1;
  return cut(chunks, most).flatMap((slab) => {
    const block = decode(slab);
    const first = line;
    line += block.lines;
    return rowsOf(block, first);
  });
}

function rowsOf(block: Block, firstLine: number) {
  return Array.from({ length: block.count }, (_, at) => {
    const overlong = block.overlong.get(at);
    const end = overlong === undefined ? block.end[at]! : Math.min(block.end[at]!, block.start[at]! + 1_024);
    return {
      line: firstLine + block.line[at]!,
      bytes: Buffer.from(block.bytes.subarray(block.start[at]!, end)).toString('latin1'),
      reason: block.rejections.get(at)?.reason,
      ...(overlong === undefined ? {} : { length: overlong.length, sha256: overlong.sha256 }),
    };
  });
}

function pieces(text: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b);
  return [0, ...at].map((from, i) => text.subarray(from, at[i] ?? text.length));
}

const lineOfText = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    '\r',
    ' \t\r',
    '{}',
    '{"a":1}',
    '\ufeff{"a":1}',
    '\ufeff',
    '"é€😀"',
    '[1,2]\r',
    'nope',
    '{}\r\r',
  ),
  fc.integer({ min: 0, max: 2 * MOST }).map((length) => 'x'.repeat(length)),
  fc.integer({ min: MOST - 3, max: MOST + 3 }).map((length) => `"${'y'.repeat(Math.max(0, length - 2))}"\r`),
  fc.integer({ min: 0, max: 2 * MOST }).map((length) => `${' '.repeat(length)}{"b":2}`),
  fc.integer({ min: 0, max: 2 * MOST }).map((length) => `{"c":3}${' '.repeat(length)}\r`),
  fc.integer({ min: 0, max: 3 * MOST }).map((length) => ' '.repeat(length)),
);

test('any way of cutting a text into chunks gives the same records on the same lines', () => {
  fc.assert(
    fc.property(
      fc.array(lineOfText, { maxLength: 12 }),
      fc.constantFrom('', '\n'),
      fc.array(fc.nat(), { maxLength: 30 }),
      (lines, end, cuts) => {
        const text = new TextEncoder().encode(lines.join('\n') + end);
        expect(recordsOf(pieces(text, cuts))).toEqual(recordsOf([text]));
      },
    ),
    { numRuns: 400 },
  );
});

test('a text in chunks of one byte gives the records of its lines', () => {
  const text = Buffer.from('{"a":1}\n\r\n  \n\ufeff {"b":2} \r\n{"c":\r3}\nlast', 'utf8');
  const bytes = pieces(text, Array.from(text.keys()));
  expect(recordsOf(bytes).map(({ line, bytes, reason }) => [line, bytes, reason])).toEqual([
    [1, '{"a":1}', undefined],
    [4, '{"b":2}', undefined],
    [5, '{"c":\r3}', undefined],
    [6, 'last', 'invalid_json'],
  ]);
});

test.each([
  ['one chunk', (text: Uint8Array) => [text]],
  [
    'chunks of ten bytes',
    (text: Uint8Array) =>
      pieces(
        text,
        Array.from({ length: 600 }, (_, i) => 10 * i),
      ),
  ],
])('a line over the limit is counted, hashed and told by its first KiB (%s)', (_, chunked) => {
  const long = 'z'.repeat(MOST + 1);
  const text = Buffer.from(`{}\n${long}\r\n{}\n${'w'.repeat(MOST)}\r\n`);
  expect(recordsOf(chunked(text))).toEqual([
    { line: 1, bytes: '{}', reason: undefined },
    {
      line: 2,
      bytes: 'z'.repeat(1_024),
      reason: 'line_too_long',
      length: MOST + 1,
      sha256: createHash('sha256').update(long).digest('hex'),
    },
    { line: 3, bytes: '{}', reason: undefined },
    { line: 4, bytes: 'w'.repeat(MOST), reason: 'invalid_json' },
  ]);
});

test('a line over the limit is never held whole', () => {
  const cutter = new LineCutter(1_000);
  const chunk = new Uint8Array(900).fill(0x61);
  for (let i = 0; i < 1_000; i += 1) expect(cutter.push(chunk)).toEqual([]);
  const [slab] = cutter.end();
  expect(slab).toMatchObject({ kind: 'overlong', length: 900_000 });
  expect((slab as { head: Uint8Array }).head).toHaveLength(1_024);
});
