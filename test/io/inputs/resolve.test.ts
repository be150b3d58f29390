import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseGlob } from '../../../src/io/inputs/glob.js';
import { LEFT_OUT_TEXTS } from '../../../src/io/inputs/left-out.js';
import { compareNaturally } from '../../../src/io/inputs/natural-order.js';
import { resolveInputs } from '../../../src/io/inputs/resolve.js';
import { NEVER, readAll } from './collect.js';
import { member } from './gzip-builder.js';
import { tempFolder } from './temp-folder.js';

const temp = tempFolder();
let folders = 0;

/** A new folder with these (empty) files; gives its path. */
function folderWith(...names: readonly string[]): string {
  const name = `f${++folders}`;
  mkdirSync(join(temp.path, name));
  for (const file of names) temp.write(join(name, file), '');
  return join(temp.path, name);
}

/** Resolves and gives paths relative to `folder`. */
async function resolve(folder: string, args: readonly string[], named: readonly string[] = []) {
  const { inputs, leftOut, unmatched } = await resolveInputs(args, { stdin: Readable.from([]), named });
  const short = (path: string) => path.replace(`${folder}/`, '');
  return {
    inputs: inputs.map(({ info }) => short(info.path)),
    leftOut: leftOut.map(({ path, reason }) => `${short(path)}: ${reason}`),
    unmatched,
  };
}

describe('a folder', () => {
  it('gives every importable name below it, in natural order', async () => {
    const folder = folderWith(
      'part-10.jsonl',
      'part-2.jsonl.gz',
      'part-1.ndjson',
      'B.JSON',
      'c.zip',
      'sub-10/x.json.gz',
      'sub-9/y.ndjson.gz',
      'sub-9/z/w.jsonl',
    );
    expect(await resolve(folder, [folder])).toEqual({
      inputs: [
        'B.JSON',
        'c.zip',
        'part-1.ndjson',
        'part-2.jsonl.gz',
        'part-10.jsonl',
        'sub-9/y.ndjson.gz',
        'sub-9/z/w.jsonl',
        'sub-10/x.json.gz',
      ],
      leftOut: [],
      unmatched: [],
    });
  });

  it('leaves out what is no input, and lists it with the reason', async () => {
    const folder = folderWith(
      '.hidden.jsonl',
      '.git/a.jsonl',
      'a.jsonl',
      'consent-import.config.json',
      'notes.txt',
      'run.rejects.jsonl',
      'sub/deeper.rejects.jsonl',
    );
    expect((await resolve(folder, [folder])).leftOut).toEqual([
      '.git: hidden',
      '.hidden.jsonl: hidden',
      'consent-import.config.json: config',
      'notes.txt: other_name',
      'run.rejects.jsonl: rejects',
      'sub/deeper.rejects.jsonl: rejects',
    ]);
    expect(LEFT_OUT_TEXTS.rejects).toBe('a rejects file; name it to import it');
  });

  it('leaves out files and folders that options name, under any spelling and link', async () => {
    const folder = folderWith('a.jsonl', 'summary.json', 'token.json', 'ledger/x.json', 'schema.json');
    linkSync(join(folder, 'token.json'), join(folder, 'other.json'));
    symlinkSync(join(folder, 'schema.json'), join(folder, 'link.json'));
    const named = [
      `${folder}/./summary.json`,
      `${folder}/token.json`,
      `${folder}/ledger`,
      `${folder}/link.json`,
      `${folder}/none.json`,
    ];
    expect(await resolve(folder, [folder], named)).toEqual({
      inputs: ['a.jsonl'],
      leftOut: ['ledger', 'link.json', 'other.json', 'schema.json', 'summary.json', 'token.json'].map(
        (name) => `${name}: named_by_option`,
      ),
      unmatched: [],
    });
  });

  it('follows links to files, not to folders, and reads no FIFO', async () => {
    const folder = folderWith('real/a.jsonl');
    symlinkSync('real/a.jsonl', join(folder, 'b.jsonl'));
    symlinkSync('..', join(folder, 'real', 'up'));
    symlinkSync('nowhere', join(folder, 'z.jsonl'));
    execFileSync('mkfifo', [join(folder, 'pipe.jsonl')]);
    expect(await resolve(folder, [folder])).toEqual({
      inputs: ['b.jsonl', 'real/a.jsonl', 'z.jsonl'],
      leftOut: ['pipe.jsonl: not_a_file', 'real/up: linked_folder'],
      unmatched: [],
    });
    const { inputs } = await resolveInputs([folder], { stdin: Readable.from([]) });
    expect((await inputs.at(-1)!.inspect(NEVER))?.damage?.message).toBe(
      `${folder}/z.jsonl does not exist. Check the path.`,
    );
  });

  it('without an input is named', async () => {
    const folder = folderWith('notes.txt');
    expect((await resolve(folder, [folder])).unmatched).toEqual([
      `No input in ${folder}: no file in it ends in .jsonl, .ndjson, .json (or one of these with .gz), or .zip.`,
    ]);
  });
});

describe('a path', () => {
  it('is an input whatever its name, in the order given, each time it is named', async () => {
    const folder = folderWith('b.txt', 'a.rejects.jsonl', 'consent-import.config.json', '.hidden');
    const args = ['b.txt', 'a.rejects.jsonl', '.hidden', 'b.txt'].map((name) => join(folder, name));
    expect((await resolve(folder, args)).inputs).toEqual(['b.txt', 'a.rejects.jsonl', '.hidden', 'b.txt']);
  });

  it('that is missing is an input that says so when it is inspected', async () => {
    const path = join(temp.path, 'missing.jsonl');
    const { inputs, unmatched } = await resolveInputs([path], { stdin: Readable.from([]) });
    expect((await inputs[0]!.inspect(NEVER))?.damage?.code).toBe('missing');
    expect(unmatched).toEqual([]);
  });

  it('with wildcard characters in its name is that file', async () => {
    const folder = folderWith('data[1].jsonl', 'data1.jsonl');
    expect((await resolve(folder, [join(folder, 'data[1].jsonl')])).inputs).toEqual(['data[1].jsonl']);
  });

  it('has its size, as stored', async () => {
    const path = temp.write('sized.gz', member('{}\n'));
    const { inputs } = await resolveInputs([path, temp.path], { stdin: Readable.from([]) });
    expect(inputs[0]!.info.size).toBe(member('{}\n').length);
  });
});

describe('a glob pattern', () => {
  const names = [
    'part-10.jsonl',
    'part-2.jsonl',
    'part-2.csv',
    'x/part-1.jsonl',
    'x/y/part-3.jsonl',
    '.z/part-4.jsonl',
    'x/part-1.rejects.jsonl',
  ];

  it.each([
    ['part-*.jsonl', ['part-2.jsonl', 'part-10.jsonl']],
    ['*.{csv,jsonl}', ['part-2.csv', 'part-2.jsonl', 'part-10.jsonl']],
    ['part-?.jsonl', ['part-2.jsonl']],
    ['**/*.jsonl', ['part-2.jsonl', 'part-10.jsonl', 'x/part-1.jsonl', 'x/y/part-3.jsonl']],
    ['*/*.jsonl', ['x/part-1.jsonl']],
    ['{x/y,x}/part-*.jsonl', ['x/part-1.jsonl', 'x/y/part-3.jsonl']],
    ['.*/*.jsonl', ['.z/part-4.jsonl']],
    ['x*', ['x/part-1.jsonl', 'x/y/part-3.jsonl']],
    ['**/*.rejects.jsonl', ['x/part-1.rejects.jsonl']],
    ['!(part-2).jsonl', ['part-10.jsonl']],
  ])('%s gives what it matches, in natural order', async (pattern, expected) => {
    const folder = folderWith(...names);
    expect((await resolve(folder, [`${folder}/${pattern}`])).inputs).toEqual(expected);
  });

  it('leaves out rejects files, config files and files that options name, unless it spells them out', async () => {
    const folder = folderWith('a.jsonl', 'a.rejects.jsonl', 'consent-import.config.json', 'b.json', '.c.json');
    expect(await resolve(folder, [`${folder}/*.json*`], [join(folder, 'b.json')])).toEqual({
      inputs: ['a.jsonl'],
      leftOut: ['a.rejects.jsonl: rejects', 'b.json: named_by_option', 'consent-import.config.json: config'],
      unmatched: [],
    });
  });

  it('enters linked folders when it says how deep, and lists them when it does not', async () => {
    const folder = folderWith('2024/a.jsonl');
    symlinkSync('2024', join(folder, 'latest'));
    expect((await resolve(folder, [`${folder}/*/*.jsonl`])).inputs).toEqual(['2024/a.jsonl', 'latest/a.jsonl']);
    expect(await resolve(folder, [`${folder}/**/*.jsonl`])).toMatchObject({
      inputs: ['2024/a.jsonl'],
      leftOut: ['latest: linked_folder'],
    });
  });

  it('enters no folder that can not hold a match', () => {
    const enters = (pattern: string, path: string) =>
      parseGlob(pattern)!.selection.folder(path, path.split('/').at(-1)!, false);
    expect(enters('a/*.jsonl', 'x')).toBe(false);
    expect([enters('a/*/*.jsonl', 'x'), enters('a/*/*.jsonl', 'x/y')]).toEqual([true, false]);
    expect([enters('**/*.jsonl', 'x/y/z'), enters('**/*.jsonl', '.git'), enters('**/.x/*', '.git')]).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('that matches nothing is named', async () => {
    const folder = folderWith('a.jsonl');
    const patterns = [`${folder}/*.gz`, `${folder}/none/*.gz`];
    expect((await resolve(folder, patterns)).unmatched).toEqual([
      `No file matches ${folder}/*.gz.`,
      `No file matches ${folder}/none/*.gz: there is no folder ${folder}/none.`,
    ]);
  });
});

describe('other arguments', () => {
  it('"-" is standard input, once', async () => {
    const { inputs } = await resolveInputs(['-', '-'], { stdin: Readable.from([Buffer.from('{}\n')]) });
    expect(inputs.map(({ info }) => info.path)).toEqual(['-', '-']);
    expect((await readAll(inputs[0]!)).bytes.toString()).toBe('{}\n');
    expect((await inputs[1]!.inspect(NEVER))?.damage?.message).toBe(
      'Standard input (-) is named twice, but can be read only once. Name it once.',
    );
    expect((await readAll(inputs[1]!)).error).toBeUndefined();
  });

  it('a URL is refused, and shown without what may be secret', async () => {
    const { inputs } = await resolveInputs(['https://user:pass@example.com/a.jsonl?signature=1#x'], {
      stdin: Readable.from([]),
    });
    expect((await readAll(inputs[0]!)).error?.damage).toEqual({
      code: 'not_importable',
      message:
        'https://example.com/a.jsonl is not read, or leads to an address that is not read: only https:// and s3:// are (http:// on this machine). Download it by hand and import the file.',
    });
  });
});

describe('compareNaturally', () => {
  it('is a total order in which runs of digits count by their value', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '0', '1', '2', '9'), maxLength: 8 });
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNaturally(a, b))).toBe(-Math.sign(compareNaturally(b, a)) + 0);
        if (a !== b) expect(compareNaturally(a, b)).not.toBe(0);
        if (compareNaturally(a, b) < 0 && compareNaturally(b, c) < 0) expect(compareNaturally(a, c)).toBeLessThan(0);
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n }), fc.bigInt({ min: 0n }), (a, b) => {
        if (a !== b) expect(compareNaturally(`part-${a}.gz`, `part-${b}.gz`) < 0).toBe(a < b);
      }),
    );
  });
});
