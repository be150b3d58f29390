import { describe, expect, it } from 'vitest';
import type { Block, Slab } from '../../src/core/block.js';
import type { QuickLook, RecordRules, Sighting } from '../../src/core/target.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';
import { SeededRandom } from '../simulation/seeded-random.js';

const SETTINGS = { maxLineBytes: 2_000, keepIds: true, secret: Uint32Array.of(1, 2, 3, 4) };
const RULES = createDidomiRules({ organizationId: 'org' });
const STRICT = createDidomiRules({ organizationId: undefined, strict: true });

/** More of them are for a search: `FUZZ_RUNS=20000 npx vitest run …`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);

/** The same rules, which must parse every record. */
function withoutQuickLook({ examine, generalPath }: RecordRules): RecordRules {
  return { examine, generalPath };
}

const quickly = createDecode(SETTINGS, RULES);
const slowly = createDecode(SETTINGS, withoutQuickLook(RULES));
const strictQuickly = createDecode(SETTINGS, STRICT);
const strictSlowly = createDecode(SETTINGS, withoutQuickLook(STRICT));

/** All that a block says, without the room that its columns have left. */
function said(block: Block): unknown {
  const { count } = block;
  return {
    ...block,
    start: [...block.start.slice(0, count)],
    end: [...block.end.slice(0, count)],
    line: [...block.line.slice(0, count)],
    element: block.element && [...block.element.slice(0, count)],
    idHash: [...block.idHash.slice(0, 4 * count)],
    fingerprint: [...block.fingerprint.slice(0, 2 * count)],
    subjects: [...block.subjects.slice(0, 2 * count)],
    dates: [...block.dates.slice(0, count)],
    warnings: [...block.warnings.slice(0, count)],
  };
}

/** Does the quick look take it for an ordinary event, all of it? */
function isTaken(text: string, look: QuickLook | undefined = RULES.quickLook): boolean {
  const bytes = Buffer.from(text);
  return look?.look(bytes, 0, bytes.length, sighting()) === bytes.length;
}

function sighting(): Sighting {
  const subjects = { subjectAStart: 0, subjectAEnd: 0, subjectBStart: 0, subjectBEnd: 0 };
  return { idStart: 0, idEnd: 0, ...subjects, date: 0, crossedLine: false };
}

// Records as text, so that they can be spelled in ways in which JSON.stringify never does. Made from a seed by plain
// functions, for arbitraries of such depth take most of their time to put together.
type Make = (random: SeededRandom) => string;

const oneOf =
  (...texts: readonly string[]): Make =>
  (random) =>
    random.pick(texts);
/** Mostly what belongs there, at times anything. */
const mostly =
  (right: Make, chance = 0.03): Make =>
  (random) =>
    random.chance(chance) ? any(random) : right(random);

function space(random: SeededRandom): string {
  return random.chance(0.05) ? random.pick([' ', '\t', ' \r', '\n']) : '';
}

function around(open: string, parts: readonly string[], close: string, random: SeededRandom): string {
  const inner = parts.map((part, i) => `${i === 0 ? '' : ','}${space(random)}${part}${space(random)}`).join('');
  return `${open}${inner}${close}`;
}

function times<T>(random: SeededRandom, most: number, make: () => T): T[] {
  return Array.from({ length: random.whole(0, most) }, make);
}

const oddText = oneOf(
  ...[
    '""',
    '"é"',
    '"\\u00e9"',
    '"a\\/b"',
    '"\\""',
    '"\\ud800"',
    '"\\x"',
    '"\u007f"',
    '"😀"',
    '"\\u12"',
    '"a',
    '"\u0001"',
    "'a'",
  ],
);
const plainText = oneOf('"a"', '"user1@domain.com"', '"9556b7f5-ae22"', '"x y"');
const text: Make = (random) => (random.chance(0.05) ? oddText(random) : plainText(random));
const scalar = oneOf(
  ...[
    'true',
    'false',
    'null',
    '0',
    '-1',
    '12345678901234567890',
    '1.5e+3',
    '-0.0E1',
    '01',
    '1.',
    '.5',
    '-',
    '1e',
    'nul',
  ],
);
const date: Make = (random) =>
  random.chance(0.1)
    ? random.pick([
        '"2020-06-03"',
        '"2020-06-03T21:28:5\\u0035Z"',
        '"2020-06-03T21:28:55+2:00"',
        '"2021-02-29T00:00:00Z"',
      ])
    : random.pick(['"2020-06-03T21:28:55Z"', '"2020-06-03T21:28:55.123+0200"', '"2016-12-31T23:59:60Z"']);

function any(random: SeededRandom, depth = 3): string {
  const kind = random.whole(0, depth === 0 ? 1 : 3);
  if (kind === 0) return random.chance(0.2) ? scalar(random) : random.pick(['true', 'null', '7', '-1.25']);
  if (kind === 1) return text(random);
  const inner = (): string => any(random, depth - 1);
  if (kind === 2) return around('[', times(random, 3, inner), ']', random);
  return around(
    '{',
    times(random, 3, () => `${text(random)}:${inner()}`),
    '}',
    random,
  );
}

const free: Make = (random) =>
  around(
    '{',
    times(random, 3, () => `${text(random)}:${any(random)}`),
    '}',
    random,
  );

/** An object of these members in any order, most of them there, one at times twice, at times one more. */
function object(members: Record<string, Make>): Make {
  return (random) => {
    const chosen = Object.entries(members)
      .filter(() => random.chance(0.95))
      .map(([name, make]) => `"${name}"${space(random)}:${space(random)}${make(random)}`);
    if (chosen.length > 0 && random.chance(0.01)) chosen.push(random.pick(chosen));
    if (random.chance(0.02)) chosen.splice(random.whole(0, chosen.length), 0, `${text(random)}:${any(random)}`);
    if (random.chance(0.2)) chosen.reverse();
    return around('{', chosen, '}', random);
  };
}

const list =
  (make: Make): Make =>
  (random) =>
    around(
      '[',
      times(random, 3, () => make(random)),
      ']',
      random,
    );

const choice = mostly(oneOf('true', 'false', 'null'));
const channels = mostly(list(object({ id: mostly(text), enabled: choice, metadata: mostly(free) })));
const purpose = object({
  id: mostly(text),
  enabled: choice,
  enabled_li: choice,
  metadata: mostly(free),
  values: mostly(oneOf('{}', '{"a":{"value":"b"}}', '{"a":{"value":null} , "b":{}}')),
  channels,
  preferences: mostly(list(object({ id: mostly(text), channels }))),
});
const event = object({
  id: mostly(text),
  organization_id: mostly(oneOf('"org"')),
  created_at: mostly(date),
  status: mostly(oneOf('"confirmed"', '"pending_approval"')),
  user: mostly(object({ id: mostly(text), organization_user_id: mostly(text), metadata: mostly(free) })),
  consents: mostly(
    object({ purposes: mostly(list(mostly(purpose, 0.01))), vendors: mostly(oneOf('{"enabled":["a"]}')) }),
  ),
  updated_at: any,
});

const BYTES = [...Buffer.from('"\\{}[],: \r\n\t0-.eE'), 0, 0x1f, 0x7f, 0x80, 0xc3, 0xff];

/** One byte put in, taken away, or altered, at times. */
function mutated(bytes: Buffer, random: SeededRandom): Buffer {
  if (random.chance(0.6)) return bytes;
  const at = random.whole(0, bytes.length - 1);
  const put = random.chance(0.3) ? [] : [random.pick(BYTES)];
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + random.whole(0, 1))]);
}

describe('the quick look at an event', () => {
  it('gives for any lines the block that parsing and checking each record gives', () => {
    let taken = 0;
    let seen = 0;
    for (let seed = 0; seed < RUNS; seed += 1) {
      const random = new SeededRandom(seed);
      const lines = times(random, 4, () => event(random));
      const ends = ['\n', '\n', '\n', '\r\n', ' \n', '\n\n', '\r', ''];
      const bytes = mutated(Buffer.from(`${lines.map((line) => line + random.pick(ends)).join('')}\n`), random);
      const slab: Slab = { kind: 'lines', bytes };
      expect(said(quickly(slab)), `seed ${seed}`).toEqual(said(slowly(slab)));
      expect(said(strictQuickly(slab)), `seed ${seed}`).toEqual(said(strictSlowly(slab)));
      taken += lines.filter((line) => isTaken(line)).length;
      seen += lines.length;
    }
    // Else nothing would be proved.
    expect(taken).toBeGreaterThan(seen / 20);
    expect(taken).toBeLessThan(seen * 0.9);
  });

  it('gives for any elements of an array the same', () => {
    for (let seed = 0; seed < RUNS; seed += 1) {
      const random = new SeededRandom(seed);
      const element = mutated(Buffer.from(event(random)), random);
      const bytes = Buffer.concat([Buffer.from(' '), element, Buffer.from(`${space(random)},`)]);
      const slab: Slab = {
        ...{ kind: 'elements', bytes, lines: 0, firstElement: 3 },
        start: Uint32Array.of(1),
        end: Uint32Array.of(bytes.length - 1),
        line: Uint32Array.of(0),
      };
      expect(said(quickly(slab)), `seed ${seed}`).toEqual(said(slowly(slab)));
    }
  });

  const ORDINARY =
    '{"id":"9556b7f5","created_at":"2020-06-03T21:28:55Z","user":{"organization_user_id":"u","metadata":{"k":[1,{}]}},' +
    '"consents":{"purposes":[{"id":"p","enabled":true}]}}';

  it('takes the ordinary event, with its fields in any order and with white space in it', () => {
    expect(isTaken(ORDINARY)).toBe(true);
    expect(isTaken(JSON.stringify(JSON.parse(ORDINARY), null, 2))).toBe(true);
    const reversed = Object.fromEntries(Object.entries(JSON.parse(ORDINARY)).reverse());
    expect(isTaken(JSON.stringify(reversed))).toBe(true);
    expect(isTaken(ORDINARY)).toBe(true);
    expect(isTaken(ORDINARY.replace('[1,{}]', '"Stra\\u00dfe \\"ß\\" \\\\"'))).toBe(true);
  });

  it('leaves to the parser what it can not be sure of', () => {
    for (const [what, other] of [
      ['"9556b7f5"', '"9556b7\\u0066"'],
      ['"9556b7f5"', '"é"'],
      ['"organization_user_id":"u"', '"organization_user_id":""'],
      ['"id":"9556b7f5",', ''],
      ['{"id"', '{"extra":1,"id"'],
      ['"enabled":true', '"enabled":true,"enabled":false'],
      ['"enabled":true', '"enabled":1'],
      ['"k":[1,{}]', '"k":[1,{]}'],
      ['"k":[1,{}]', `"k":${'['.repeat(31)}${']'.repeat(31)}`],
      ['{"id"', '{"organization_id":"other","id"'],
      ['}}', '}'],
    ] as const) {
      expect(isTaken(ORDINARY.replace(what, other)), other).toBe(false);
    }
  });

  it('is not taken where the user has a schema of their own', () => {
    expect(createDidomiRules({ organizationId: 'org', userSchema: {} }).quickLook).toBeUndefined();
  });
});
