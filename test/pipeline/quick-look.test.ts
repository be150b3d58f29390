import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block, Slab } from '../../src/core/block.js';
import type { QuickLook, RecordRules, Sighting } from '../../src/core/target.js';
import { createDecode } from '../../src/pipeline/decode.js';
import { createDidomiRules } from '../../src/targets/didomi/rules.js';

const SETTINGS = { maxLineBytes: 2_000, keepIds: true, secret: Uint32Array.of(1, 2, 3, 4) };
const RULES = createDidomiRules({ organizationId: 'org' });
const STRICT = createDidomiRules({ organizationId: undefined, strict: true });

/** More of them are for a search: `FUZZ_RUNS=20000 npx vitest run …`. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 200);

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

// Values as text, so that they can be spelled in ways in which JSON.stringify never does.
const space = fc.oneof({ weight: 40, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\t', ' \r', '\n'));
const text = fc.oneof(
  { weight: 20, arbitrary: fc.constantFrom('"a"', '"user1@domain.com"', '"9556b7f5-ae22"', '"x y"') },
  fc.constantFrom('""', '"é"', '"\\u00e9"', '"a\\/b"', '"\\""', '"\\ud800"', '"\\x"', '"\u007f"', '"😀"', '"\\u12"'),
  fc.string().map((any) => JSON.stringify(any)),
);
const scalar = fc.constantFrom(
  ...['true', 'false', 'null', '0', '-1', '12345678901234567890', '1.5e+3', '01', '1.', '.5', '-', '1e', 'nul', 'tru'],
);
const date = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.constantFrom('"2020-06-03T21:28:55Z"', '"2020-06-03T21:28:55.123+0200"', '"2016-12-31T23:59:60Z"'),
  },
  fc.constantFrom(
    ...['"2020-06-03"', '"2020-06-03T21:28:5\\u0035Z"', '"2020-06-03T21:28:55+2:00"', '"2021-02-29T00:00:00Z"'],
  ),
);
const { any } = fc.letrec<{ any: string }>((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    scalar,
    text,
    fc.array(tie('any'), { maxLength: 3 }).chain((items) => around('[', items, ']')),
    fc.array(fc.tuple(text, tie('any')), { maxLength: 3 }).chain((members) => around('{', members.map(joined), '}')),
  ),
}));

function joined([key, value]: readonly [string, string]): string {
  return `${key}:${value}`;
}

/** Mostly what belongs there, at times anything. */
function mostly(right: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof({ weight: 30, arbitrary: right }, any);
}

function around(open: string, parts: readonly string[], close: string): fc.Arbitrary<string> {
  return fc
    .array(space, { minLength: parts.length + 1, maxLength: parts.length + 1 })
    .map((spaces) => `${open}${spaces[0]}${parts.map((part, i) => part + spaces[i + 1]).join(',')}${close}`);
}

/** An object of these members in any order, most of them there, one at times twice. */
function object(members: Record<string, fc.Arbitrary<string>>): fc.Arbitrary<string> {
  const all = Object.entries(members).map(([name, value]) => value.map((spelled) => `"${name}":${spelled}`));
  const odd = fc.tuple(text, any).map(joined);
  return fc.tuple(fc.tuple(...all), fc.infiniteStream(fc.nat(99)), odd).chain(([spelled, dice, extra]) => {
    const roll = (): number => dice.next().value as number;
    const chosen = spelled.filter(() => roll() < 96);
    if (chosen.length > 0 && roll() < 3) chosen.push(chosen[roll() % chosen.length]!);
    if (roll() < 2) chosen.splice(roll() % (chosen.length + 1), 0, extra);
    if (roll() < 20) chosen.reverse();
    return around('{', chosen, '}');
  });
}

function list(items: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.array(items, { maxLength: 3 }).chain((all) => around('[', all, ']'));
}

const choice = mostly(fc.constantFrom('true', 'false', 'null'));
const free = mostly(fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value)));
const channels = mostly(list(object({ id: mostly(text), enabled: choice, metadata: free })));
const purpose = object({
  id: mostly(text),
  enabled: choice,
  enabled_li: choice,
  metadata: free,
  values: mostly(fc.constantFrom('{}', '{"a":{"value":"b"}}', '{"a":{"value":null} , "b":{}}', '{"a":{"value":1}}')),
  channels,
  preferences: mostly(list(object({ id: mostly(text), channels }))),
});
const event = object({
  id: mostly(text),
  organization_id: mostly(fc.constant('"org"')),
  created_at: mostly(date),
  status: mostly(fc.constantFrom('"confirmed"', '"pending_approval"', '"confirmed "')),
  user: mostly(object({ id: mostly(text), organization_user_id: mostly(text), metadata: free })),
  consents: mostly(
    object({ purposes: mostly(list(mostly(purpose))), vendors: mostly(fc.constant('{"enabled":["a"]}')) }),
  ),
  updated_at: any,
});

/** One byte put in, taken away, or altered. */
const mutation = fc.option(
  fc.record({
    at: fc.nat(),
    kind: fc.constantFrom('in', 'out', 'over'),
    byte: fc.constantFrom(...Buffer.from('"\\{}[],: \r\n\t0-.eE'), 0, 0x1f, 0x7f, 0x80, 0xc3, 0xff),
  }),
  { freq: 3 },
);

function mutated(bytes: Buffer, change: { at: number; kind: string; byte: number } | null): Buffer {
  if (change === null || bytes.length === 0) return bytes;
  const at = change.at % bytes.length;
  const put = change.kind === 'out' ? [] : [change.byte];
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + (change.kind === 'in' ? 0 : 1))]);
}

describe('the quick look at an event', () => {
  it('gives for any lines the block that parsing and checking each record gives', () => {
    let taken = 0;
    let seen = 0;
    const lineEnd = fc.constantFrom('\n', '\n', '\r\n', ' \n', '\n\n', '\r');
    fc.assert(
      fc.property(fc.array(fc.tuple(event, lineEnd), { minLength: 1, maxLength: 4 }), mutation, (lines, change) => {
        const bytes = mutated(Buffer.from(lines.flat().join('')), change);
        const slab: Slab = { kind: 'lines', bytes };
        expect(said(quickly(slab))).toEqual(said(slowly(slab)));
        expect(said(strictQuickly(slab))).toEqual(said(strictSlowly(slab)));
        for (const [line] of lines) if (isTaken(line)) taken += 1;
        seen += lines.length;
      }),
      { numRuns: RUNS },
    );
    // Else nothing would be proved.
    expect(taken).toBeGreaterThan(seen / 20);
    expect(taken).toBeLessThan(seen);
  });

  it('gives for any elements of an array the same', () => {
    fc.assert(
      fc.property(event, mutation, space, (spelled, change, behind) => {
        const element = mutated(Buffer.from(spelled), change);
        const bytes = Buffer.concat([Buffer.from(' '), element, Buffer.from(`${behind},`)]);
        const slab: Slab = {
          ...{ kind: 'elements', bytes, lines: 0, firstElement: 3 },
          start: Uint32Array.of(1),
          end: Uint32Array.of(bytes.length - 1),
          line: Uint32Array.of(0),
        };
        expect(said(quickly(slab))).toEqual(said(slowly(slab)));
      }),
      { numRuns: RUNS },
    );
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
