import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Slab } from '../../src/core/block.js';
import type { InputDamage } from '../../src/core/input.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { layoutOf } from '../../src/pipeline/layout.js';
import { RecordCutter } from '../../src/pipeline/records.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { memoryInput } from '../fakes/memory-input.js';
import { eventLine, World } from '../fakes/world.js';

const MAX = 200;
const decode = createDecode(
  { maxLineBytes: MAX, secret: new Uint32Array([1, 2, 3, 4]) },
  createDidomiRules({ organizationId: undefined }),
);

/** One record as it was cut out. */
interface Cut {
  readonly text: string;
  readonly line: number;
  readonly element: number | undefined;
  readonly reason: string | undefined;
}

/** The records of a text that comes in chunks of these sizes. */
function cut(text: string | Uint8Array, sizes: readonly number[] = [1 << 20]): { records: Cut[]; unclosed: boolean } {
  const bytes = Buffer.from(text);
  const cutter = new RecordCutter(MAX);
  const slabs: Slab[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    slabs.push(...cutter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  const { unclosed } = cutter;
  slabs.push(...cutter.end(false));
  const records: Cut[] = [];
  let line = 1;
  for (const slab of slabs) {
    const block = decode(slab);
    for (let at = 0; at < block.count; at += 1) {
      const overlong = block.overlong.get(at);
      records.push({
        text: overlong?.sha256 ?? Buffer.from(block.bytes.subarray(block.start[at]!, block.end[at]!)).toString(),
        line: line + block.line[at]!,
        element: block.element?.[at],
        reason: block.rejections.get(at)?.reason,
      });
    }
    line += block.lines;
  }
  return { records, unclosed: unclosed && cutter.unclosed };
}

const at = (text: string, line: number, element: number | undefined, reason?: string): Cut => ({
  ...{ text, line, element, reason },
});
const E = (n: number): string => eventLine(`e${n}`, `p${n}`);

describe('a JSON array', () => {
  it('is cut into its elements, each with its own bytes, line and number', () => {
    const pretty = `[\n  ${E(1)},\r\n\n  {"id":"e2", "created_at":"2024-05-06T07:08:09Z",\n   "user":{"id":"x"}, "consents":{}},\n${E(3)}\n]\n`;
    expect(cut(pretty).records).toEqual([
      at(E(1), 2, 1),
      at('{"id":"e2", "created_at":"2024-05-06T07:08:09Z",\n   "user":{"id":"x"}, "consents":{}}', 4, 2),
      at(E(3), 6, 3),
    ]);
    expect(cut(`\ufeff [${E(1)},${E(2)}]`).records).toEqual([at(E(1), 1, 1), at(E(2), 1, 2)]);
  });

  it('may be empty, and stand in a row with others, whose elements are numbered through', () => {
    expect(cut('[]').records).toEqual([]);
    expect(cut(' [ \n ] \n').records).toEqual([]);
    expect(cut(`[${E(1)}]\n[]\n\ufeff[${E(2)},\n${E(3)}][${E(4)}]\n`).records).toEqual([
      at(E(1), 1, 1),
      at(E(2), 3, 2),
      at(E(3), 4, 3),
      at(E(4), 4, 4),
    ]);
  });

  it('with a bad element gives the others', () => {
    expect(cut(`[{"a":},${E(1)},,\n'x',${E(2)},]`).records).toEqual([
      at('{"a":}', 1, 1, 'invalid_json'),
      at(E(1), 1, 2),
      at('', 1, 3, 'invalid_json'),
      at("'x'", 2, 4, 'invalid_json'),
      at(E(2), 2, 5),
      at('', 2, 6, 'invalid_json'),
    ]);
  });

  it('with a too long element gives the others, and never holds it', () => {
    const long = `{"a":"${'x'.repeat(MAX)}"}`;
    const text = `[${E(1)},\n${long} \n,${E(2)}]`;
    const [first, tooLong, last] = cut(text).records;
    expect([first, last]).toEqual([at(E(1), 1, 1), at(E(2), 3, 3)]);
    expect(tooLong).toMatchObject({ line: 2, element: 2, reason: 'line_too_long' });
    for (const size of [1, 7, 50]) expect(cut(text, [size]).records).toEqual([first, tooLong, last]);
    const cutter = new RecordCutter(MAX);
    const held = Array.from({ length: 50 }, () => cutter.push(Buffer.from(`[{"a":"${'x'.repeat(100_000)}`)));
    expect(held.flat()).toEqual([]);
  });

  it('that breaks off is told, and its whole elements are there', () => {
    const { records, unclosed } = cut(`[${E(1)},\n{"id":"e`);
    expect(unclosed).toBe(true);
    expect(records).toEqual([at(E(1), 1, 1), at('{"id":"e', 2, 2, 'invalid_json')]);
    expect(cut(`[${E(1)}]`).unclosed).toBe(false);
  });

  it('that is followed by lines is an array and lines', () => {
    const { records, unclosed } = cut(`[${E(1)}\n]\n${E(2)}\n\n[${E(3)}]\n`);
    expect(unclosed).toBe(false);
    expect(records).toEqual([
      at(E(1), 1, 1),
      at(E(2), 3, undefined),
      at(`[${E(3)}]`, 5, undefined, 'schema_violation'),
    ]);
  });

  it('with a damaged bracket in an element gives the others', () => {
    for (const bad of ['{"a":{"b":1]}', '{"a":[1}]', '[{"a":1}}', '{"a":1]', '{"a":1}}']) {
      const { records, unclosed } = cut(`[${E(1)},\n${bad},\n${E(2)},${E(3)}\n]\n`);
      expect(unclosed, bad).toBe(false);
      const good = records.filter(({ reason }) => reason === undefined);
      expect(
        good.map(({ text, line }) => [text, line]),
        bad,
      ).toEqual([
        [E(1), 1],
        [E(2), 3],
        [E(3), 3],
      ]);
    }
  });

  it('goes on where a comma follows the bracket that seemed to end it', () => {
    expect(cut(`[${E(1)}],\n${E(2)}\n]\n`)).toEqual({
      records: [at(E(1), 1, 1), at(E(2), 2, 2)],
      unclosed: false,
    });
    expect(cut(`[${E(1)}],\n`)).toEqual({
      records: [at(E(1), 1, 1), at(',', 1, undefined, 'invalid_json')],
      unclosed: false,
    });
  });

  it('gives the same records however it is cut into chunks', () => {
    const piece = fc.constantFrom(
      '[',
      ']',
      ',',
      '\n',
      ' ',
      '{',
      '}',
      '"',
      '\\',
      '\ufeff',
      'é',
      '1',
      E(1),
      E(2),
      '{"a":1}',
      '\r\n',
    );
    fc.assert(
      fc.property(
        fc.constantFrom('', '[{}', `[${E(1)},`),
        fc.array(piece, { maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
        (beginning, pieces, sizes) => {
          const text = `${beginning}${pieces.join('')}`;
          expect(cut(text, sizes)).toEqual(cut(text));
        },
      ),
      { numRuns: 1500 },
    );
  });

  it('gives what JSON.parse finds, however it is printed', () => {
    const values = fc.array(fc.dictionary(fc.string({ maxLength: 3 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }));
    fc.assert(
      fc.property(values, fc.integer({ min: 0, max: 2 }), fc.integer({ min: 1, max: 9 }), (elements, indent, size) => {
        const { records } = cut(JSON.stringify(elements, null, indent), [size]);
        const short = records.filter(({ reason }) => reason !== 'line_too_long');
        expect(records).toHaveLength(elements.length);
        for (const { text, element } of short)
          expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(elements[element! - 1])));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the layout of a text', () => {
  it.each([
    ['', 'lines'],
    ['{"a":1}\n', 'lines'],
    ['[{"a":1}]', 'elements'],
    ['[\n{"a":1}', 'elements'],
    ['[]\n[]\n', 'elements'],
    ['["id","date"]\n["1","2024"]\n', 'lines'],
    ['["id","date"]\n', 'elements'],
    ['[1,\n2]', 'elements'],
    ['[1] [2]\n', 'lines'],
    ['[[1]', 'elements'],
    ['["id":1}\n{"a":1}\n{"a":2}\n', 'lines'],
    ['["id":1}\n\n{"a":1}', 'lines'],
    ['[{"id":\n{"a":1}\n{"a":2}\n', 'lines'],
    ['[\n{"a":1}\n{"a":2}\n]\n', 'lines'],
    ['[\n{"a":1}', 'elements'],
    ['[1,\n{"a":1}', 'elements'],
    ['[1,\n{"a":1},\n{"a":2}\n]', 'elements'],
    ['[1\n,{"a":1}\n,{"a":2}\n]', 'elements'],
    ['[{"a":1},\n{"a":1}\n{"a":2}\n]', 'elements'],
  ])('%j is told by its beginning: %s', (text, layout) => {
    expect(layoutOf(Buffer.from(text), true)).toBe(layout);
  });
});

describe('an import of arrays', () => {
  const run = async (text: string, damage?: InputDamage, isInspected = false) => {
    const world = new World();
    const inspection = { sha256: undefined, intactBytes: text.length, damage };
    const options = damage === undefined ? {} : isInspected ? { inspection } : { damage };
    const result = await world.import([memoryInput('a.json', text, world.clock, { chunkBytes: 50, ...options })]);
    return { world, file: result.tally.files[0]! };
  };

  it('delivers the elements in order, and rejects with line and element', async () => {
    const { world, file } = await run(`[\n${E(1)},\n[],\n${E(2)}\n]\n`);
    expect(world.didomi.taken).toEqual(['e1', 'e2']);
    expect(file).toMatchObject({ state: 'partial', read: 3, delivered: 2, rejected: 1 });
    expect(world.rejects.records.map(({ origin }) => origin)).toEqual([{ file: 'a.json', line: 3, element: 2 }]);
  });

  it('that are never closed says after which element', async () => {
    const { world, file } = await run(`[${E(1)},${E(2)}`);
    expect(world.didomi.taken).toEqual(['e1', 'e2']);
    expect(file.damage).toEqual({
      code: 'cut_off',
      message:
        'a.json is cut off after element 2: the JSON array in it is never closed. Get the file again and run the same command; what was delivered is not sent twice.',
    });
  });

  it('leaves out the element in which the input is known to break off', async () => {
    const damage = { code: 'cut_off', message: 'cut off' } as const;
    for (const isInspected of [false, true]) {
      const { world, file } = await run(`[${E(1)},{"id":`, damage, isInspected);
      expect(world.didomi.taken).toEqual(['e1']);
      expect(file).toMatchObject({ read: 1, delivered: 1, damage });
    }
  });

  it.each([
    ['objects spread over lines', `${JSON.stringify(JSON.parse(E(1)), null, 1)}\n`.repeat(3)],
    ['a large object spread over lines', `{\n "a": [\n${' 1,\n'.repeat(20_000)}`],
  ])('does not take %s for arrays or lines', async (_name, text) => {
    const { world, file } = await run(text);
    expect(world.didomi.taken).toEqual([]);
    expect(file).toMatchObject({
      ...{ state: 'unreadable', read: 0 },
      damage: {
        code: 'not_importable',
        message:
          'a.json seems to hold JSON objects that are spread over several lines. Nothing of it was sent. Write each object on a line of its own (jq -c . old.json > new.jsonl), or all of them into a JSON array, and import that.',
      },
    });
  });

  it.each([
    ['one line', (many: string[]) => many.join('')],
    ['one line, with commas', (many: string[]) => many.join(', ')],
    ['one line that is too long', (many: string[]) => `${many.join('')}${' '.repeat(100_000)}x`],
  ])('refuses objects one behind the other on %s', async (_name, join) => {
    const { world, file } = await run(join(Array.from({ length: 20 }, (_, i) => E(i))));
    expect(world.didomi.taken).toEqual([]);
    expect(file.damage).toEqual({
      code: 'not_importable',
      message:
        'a.json seems to hold JSON objects one behind the other, without line breaks between them. Nothing of it was sent. Write each object on a line of its own (jq -c . old.json > new.jsonl), or all of them into a JSON array, and import that.',
    });
  });

  it('costs no line but the first when that one is damaged', async () => {
    const rest = `${E(2)}\n${E(3)}\n`;
    const broken = E(1).replace(',', ',\n');
    for (const [first, rejected] of [
      [`[${E(1).slice(1)}`, 1],
      [`[${E(1).slice(0, 20)}`, 1],
      [broken, 2],
    ] as const) {
      const { world, file } = await run(`${first}\n${rest}`);
      expect(world.didomi.taken, first).toEqual(['e2', 'e3']);
      expect(file).toMatchObject({ read: 2 + rejected, rejected, damage: undefined });
    }
  });

  it('reads lines between the brackets of an array without its commas', async () => {
    const { world, file } = await run(`[\n${E(1)}\n${E(2)}\n]\n`);
    expect(world.didomi.taken).toEqual(['e1', 'e2']);
    expect(file).toMatchObject({ read: 4, rejected: 2, damage: undefined });
  });

  it('judges a file line by line in which one line is good', async () => {
    const { world, file } = await run(`${E(1)}${E(2)}\n${E(3)}\n`);
    expect(world.didomi.taken).toEqual(['e3']);
    expect(file).toMatchObject({ read: 2, rejected: 1, damage: undefined });
  });
});
