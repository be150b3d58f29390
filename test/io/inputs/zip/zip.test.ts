import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Chunk, InputError } from '../../../../src/core/input.js';
import { FileInput } from '../../../../src/io/inputs/file-input.js';
import { NEVER } from '../collect.js';
import { anyContent, lines } from '../gzip-builder.js';
import { tempFolder } from '../temp-folder.js';
import { type BuiltFile, deflate64, zip } from './zip-builder.js';

const folder = tempFolder();
const AGAIN = 'Get the file again and run the same command; what was delivered is not sent twice.';
let files = 0;

/** What an archive gave. Entries that broke off have no end. */
interface Read {
  readonly path: string;
  readonly entries: readonly { name: string; text: string; ended: boolean }[];
  readonly damage: { code: string; message: string } | undefined;
  readonly leftOut: readonly { path: string; why: string }[];
  readonly sha256: string | undefined;
  readonly chunks: readonly Chunk[];
}

async function readArchive(bytes: Uint8Array, options: { inspect?: boolean } = {}): Promise<Read> {
  files += 1;
  return readPath(folder.write(`${files}.zip`, bytes), options);
}

async function readPath(path: string, { inspect = true }: { inspect?: boolean } = {}): Promise<Read> {
  const input = new FileInput({ path, size: undefined });
  const inspection = inspect ? await input.inspect(NEVER) : undefined;
  const entries: { name: string; parts: Uint8Array[]; ended: boolean }[] = [];
  const chunks: Chunk[] = [];
  let damage = inspection?.damage;
  try {
    for await (const chunk of input.read(NEVER)) {
      chunks.push(chunk);
      if (chunk.entryBegins !== undefined) entries.push({ name: chunk.entryBegins, parts: [], ended: false });
      if (chunk.bytes.length > 0 && entries.length > 0) entries.at(-1)!.parts.push(chunk.bytes);
      if (chunk.entryEnds) entries.at(-1)!.ended = true;
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    damage = error.damage;
  }
  const texts = entries.map(({ name, parts, ended }) => ({ name, text: Buffer.concat(parts).toString(), ended }));
  if (inspection !== undefined && damage === inspection.damage) {
    expect(inspection.intactBytes).toBe(Buffer.byteLength(texts.map(({ text }) => text).join('')));
  }
  return { path, entries: texts, damage, leftOut: input.leftOut(), sha256: input.sha256(), chunks };
}

const whole = (name: string, text: string) => ({ name, text, ended: true });
const flip = (bytes: Buffer, at: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy[at] = copy[at]! ^ 1;
  return copy;
};

describe('a zip archive', () => {
  it('is read entry by entry, in natural order, whatever the compression', async () => {
    const built: BuiltFile[] = [
      { name: './part-2.jsonl', content: lines(1) },
      { name: 'part-10.jsonl', content: lines(3), method: 0 },
      { name: 'in/a folder/part-2.jsonl', content: lines(5000), method: 8 },
      { name: 'deflate64.jsonl', content: lines(4000), method: 9 },
      { name: 'packed.jsonl.gz', content: Buffer.concat([gzipSync(lines(2)), gzipSync(lines(2, 2))]) },
      { name: 'empty.jsonl', content: '' },
      { name: 'wide.jsonl', content: lines(2), zip64: true },
      { name: 'streamed.jsonl', content: lines(2), descriptor: true },
    ];
    const bytes = zip(built, { comment: 'made by hand' });
    for (const inspect of [true, false]) {
      const { entries, damage, sha256, chunks } = await readArchive(bytes, { inspect });
      expect(damage).toBeUndefined();
      expect(entries).toEqual([
        whole('deflate64.jsonl', lines(4000)),
        whole('empty.jsonl', ''),
        whole('in/a folder/part-2.jsonl', lines(5000)),
        whole('packed.jsonl.gz', lines(4)),
        whole('./part-2.jsonl', lines(1)),
        whole('part-10.jsonl', lines(3)),
        whole('streamed.jsonl', lines(2)),
        whole('wide.jsonl', lines(2)),
      ]);
      expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      expect(chunks.at(-1)!.storedBytesRead).toBe(bytes.length);
      const told = chunks.map(({ storedBytesRead }) => storedBytesRead);
      expect(told).toEqual([...told].sort((a, b) => a - b));
    }
  });

  it('may have a 64-bit directory', async () => {
    const { entries, damage } = await readArchive(zip([{ name: 'a.jsonl', content: lines(2) }], { zip64: true }));
    expect([entries, damage]).toEqual([[whole('a.jsonl', lines(2))], undefined]);
  });

  it('made by the zip program is read', async () => {
    folder.write('made/b.jsonl', lines(400));
    folder.write('made/sub/a.jsonl', lines(3));
    const path = join(folder.path, 'made.zip');
    execFileSync('zip', ['-r', path, 'b.jsonl', 'sub'], { cwd: join(folder.path, 'made'), stdio: 'ignore' });
    const { entries, damage } = await readPath(path);
    expect([entries, damage]).toEqual([[whole('b.jsonl', lines(400)), whole('sub/a.jsonl', lines(3))], undefined]);
    const streamed = execFileSync('zip', ['-r', '-', 'b.jsonl'], { cwd: join(folder.path, 'made') });
    expect((await readArchive(streamed)).entries).toEqual([whole('b.jsonl', lines(400))]);
  });

  it('leaves out what a folder would, and takes a single file whatever its name', async () => {
    const several = await readArchive(
      zip([
        { name: 'folder/', method: 0 },
        { name: '__MACOSX/._a.jsonl', content: 'x' },
        { name: '.hidden/b.jsonl', content: 'x' },
        { name: 'readme.txt', content: 'x' },
        { name: 'old.rejects.jsonl', content: 'x' },
        { name: 'a.jsonl', content: lines(1) },
      ]),
    );
    expect([several.entries, several.damage]).toEqual([[whole('a.jsonl', lines(1))], undefined]);
    expect(several.leftOut).toEqual([
      { path: `${several.path}/.hidden/b.jsonl`, why: 'hidden; name it to import it' },
      {
        path: `${several.path}/readme.txt`,
        why: 'its name does not end in .jsonl, .ndjson, .json (or one of these with .gz), or .zip; name it to import it',
      },
      { path: `${several.path}/old.rejects.jsonl`, why: 'a rejects file; name it to import it' },
    ]);
    const single = await readArchive(zip([{ name: 'export.txt', content: lines(1) }]));
    expect([single.entries, single.leftOut]).toEqual([[whole('export.txt', lines(1))], []]);
  });

  it('of many sizes gives what went in, stored and compressed, checked and unchecked', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(anyContent, fc.constantFrom(0, 8, 9), fc.boolean()), { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        async (contents, inspect) => {
          const built = contents.map(([content, method, descriptor], i) => ({
            name: `${i}.jsonl`,
            ...{ content, method, descriptor },
          }));
          // What begins as another kind of file does (zip, a page of HTML) is judged elsewhere.
          fc.pre(!contents.some(([content]) => /^(?:P|\s*<)/.test(content.toString('latin1'))));
          const { entries, damage } = await readArchive(zip(built), { inspect });
          expect(damage).toBeUndefined();
          expect(entries).toEqual(contents.map(([content], i) => whole(`${i}.jsonl`, content.toString())));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('an entry whose check fails', () => {
  const good = { name: 'good.jsonl', content: lines(3) };
  it.each([
    ['a wrong checksum', { crc: 1 }, 'its checksum is wrong'],
    ['a smaller size', { size: 10 }, 'it is larger than the archive says'],
    ['a larger size', { size: 1_000_000 }, 'it is smaller than the archive says'],
    ['data that is no deflate data', { data: Buffer.alloc(50, 0xff) }, "it can't be decompressed"],
  ])('by %s gives nothing, and the others are imported', async (_name, change, what) => {
    const bad = { name: 'bad.jsonl', content: lines(50), ...change };
    const { path, entries, damage, sha256 } = await readArchive(zip([good, bad, { ...good, name: 'last.jsonl' }]));
    expect(entries).toEqual([whole('good.jsonl', lines(3)), whole('last.jsonl', lines(3))]);
    expect(damage).toEqual({
      code: 'damaged',
      message: `${path}/bad.jsonl is damaged: ${what}. Nothing of it is imported. ${AGAIN}`,
    });
    expect(sha256).toBeUndefined();
  });

  it('gives nothing altered whichever byte is damaged', async () => {
    const archive = zip([
      { name: 'a.jsonl', content: lines(40) },
      { name: 'b.jsonl', content: lines(40, 40), method: 9 },
      { name: 'c.jsonl', content: lines(40, 80), method: 0 },
    ]);
    const right = [lines(40), lines(40, 40), lines(40, 80)];
    for (let at = 0; at < archive.length; at += 37) {
      // Without "PK" at its beginning it is no archive at all.
      if (at < 4) continue;
      const { entries } = await readArchive(flip(archive, at));
      expect(entries.every(({ text }) => right.includes(text))).toBe(true);
    }
  });

  it('is named with the lines that left when the archive was not checked first', async () => {
    const bad = { name: 'bad.jsonl', content: lines(50), crc: 1 };
    const { path, entries, damage } = await readArchive(zip([bad, good]), { inspect: false });
    expect(entries).toEqual([{ name: 'bad.jsonl', text: lines(50), ended: false }, whole('good.jsonl', lines(3))]);
    expect(damage?.message).toBe(
      `${path}/bad.jsonl is damaged: its checksum is wrong. ${AGAIN} Lines 1 to 50 left unchecked, for the input was not checked before it was read: compare with the good file.`,
    );
  });

  it('of Deflate64 may be misread: a short result is never a success', async () => {
    const content = Buffer.from('['.repeat(40) + 'a'.repeat(5000) + lines(3));
    const data = deflate64(content.subarray(0, -100));
    const { path, entries, damage } = await readArchive(zip([{ name: 'a.jsonl', content, method: 9, data }]));
    expect(entries).toEqual([]);
    expect(damage?.message).toBe(
      `${path}/a.jsonl is damaged: it is smaller than the archive says, or it is valid Deflate64 that this program can't read: then unpack the archive and import the files in it. Nothing of it is imported. ${AGAIN}`,
    );
  });

  it('in gzip inside it gives its intact members', async () => {
    const content = Buffer.concat([gzipSync(lines(2)), flip(gzipSync(lines(9)), 14)]);
    const { path, entries, damage } = await readArchive(zip([{ name: 'a.gz', content }, good]));
    expect(entries.map(({ text }) => text)).toEqual([lines(3)]);
    const named = await readArchive(zip([{ name: 'a.json.gz', content }, good]));
    expect(named.entries).toEqual([whole('a.json.gz', lines(2)), whole('good.jsonl', lines(3))]);
    expect(named.damage?.message).toMatch(/a\.json\.gz is damaged after line 2: .*gzip member 2/);
    expect([path, damage]).toEqual([expect.any(String), undefined]);
  });
});

describe('an entry that can not be read', () => {
  it('is refused by name, and the others are imported', async () => {
    const { path, entries, damage } = await readArchive(
      zip([
        { name: 'secret.jsonl', content: lines(1), flags: 1 },
        { name: 'new.jsonl', content: lines(1), method: 93 },
        { name: 'odd.jsonl', content: lines(1), method: 77 },
        { name: 'page.json', content: '<!DOCTYPE html>' },
        { name: 'inner.zip', content: zip([{ name: 'a.jsonl' }]) },
        { name: 'good.jsonl', content: lines(1) },
      ]),
    );
    expect(entries).toEqual([whole('good.jsonl', lines(1))]);
    const unpack = 'Unpack the archive and import the files in it.';
    expect(damage).toEqual({
      code: 'not_importable',
      message: [
        `${path}/new.jsonl is compressed with zstd, which this program can't read. ${unpack}`,
        `${path}/odd.jsonl is compressed with method 77, which this program can't read. ${unpack}`,
        `${path}/secret.jsonl is encrypted. Unpack the archive with its password and import the files in it.`,
        `${path}/inner.zip seems to be a zip archive inside a zip archive: unpack the outer one and import what is in it.`,
        `${path}/page.json seems to be an HTML or XML page, as a server sends in place of a file: open it to see what it says, then get the file again.`,
      ].join(' '),
    });
  });

  it('is all there is in an archive of folders', async () => {
    const { path, damage } = await readArchive(zip([{ name: 'a/', method: 0 }]));
    expect(damage?.message).toBe(
      `${path} is a zip archive without any file to import. Check that this is the right file.`,
    );
  });
});

describe('an archive without its directory', () => {
  const built: BuiltFile[] = [
    { name: 'a.jsonl', content: lines(3) },
    { name: 'b.jsonl', content: lines(30), descriptor: true },
    { name: 'c.jsonl', content: lines(30), descriptor: true, method: 9 },
    { name: 'd.jsonl', content: lines(3), zip64: true },
    { name: 'e.jsonl', content: lines(300) },
  ];

  it('is read by the headers of its files', async () => {
    const { path, entries, damage } = await readArchive(zip(built, { directory: false }));
    expect(entries).toEqual(built.map(({ name, content }) => whole(name, String(content))));
    expect(damage).toEqual({
      code: 'cut_off',
      message: `${path} is cut off or damaged: the directory at its end is missing. It is read by the headers of the 5 files found in it. ${AGAIN}`,
    });
  });

  it('gives of the file in which it was cut off nothing', async () => {
    const { path, entries, damage } = await readArchive(zip(built, { directory: false }).subarray(0, -20));
    expect(entries.map(({ name }) => name)).toEqual(['a.jsonl', 'b.jsonl', 'c.jsonl', 'd.jsonl']);
    expect(damage?.message).toBe(
      `${path} is cut off or damaged: the directory at its end is missing. It is read by the headers of the 4 files found in it; nothing of e.jsonl is imported (it is cut off). ${AGAIN}`,
    );
  });

  it('gives whole files only, wherever it was cut', async () => {
    const archive = zip(built);
    for (let length = 4; length < archive.length; length += 61) {
      const { entries, damage } = await readArchive(archive.subarray(0, length));
      expect(damage?.code).toBe('cut_off');
      expect(entries).toEqual(built.slice(0, entries.length).map(({ name, content }) => whole(name, String(content))));
    }
  });

  it('is also one with something behind it', async () => {
    const { entries, damage } = await readArchive(Buffer.concat([zip(built), Buffer.from('garbage')]));
    expect(entries).toHaveLength(5);
    expect(damage?.code).toBe('cut_off');
  });
});

describe('a hostile archive', () => {
  it('whose files share their bytes is refused', async () => {
    const content = lines(20);
    const shared = [
      { name: 'a.jsonl', content },
      { name: 'b.jsonl', content, offset: 0 },
    ];
    const { path, entries, damage } = await readArchive(zip(shared));
    expect(entries).toEqual([]);
    expect(damage).toEqual({
      code: 'damaged',
      message: `${path} is damaged: the files in it overlap, as in a zip bomb. Nothing in it is imported. Get the file again and run the same command.`,
    });
  });

  it('is decompressed no further than its sizes say', async () => {
    const chunks: number[] = [];
    const path = folder.write('bomb.zip', zip([{ name: 'a.jsonl', content: Buffer.alloc(50_000_000), size: 1000 }]));
    const input = new FileInput({ path, size: undefined });
    const { damage } = (await input.inspect(NEVER, (bytes) => chunks.push(bytes)))!;
    expect(damage?.message).toContain('a.jsonl is damaged: it is larger than the archive says.');
    expect(chunks).toEqual([]);
  });
});

describe('an archive that changes', () => {
  it('between check and import is read no further, and no handle stays open', async () => {
    const path = folder.write('changes.zip', zip([{ name: 'a.jsonl', content: lines(3) }]));
    const input = new FileInput({ path, size: undefined });
    await input.inspect(NEVER);
    appendFileSync(path, 'more');
    const read = async () => {
      for await (const chunk of input.read(NEVER)) expect(chunk.bytes.length).toBe(0);
    };
    await expect(read()).rejects.toMatchObject({ damage: { code: 'changed' } });
    const open = readdirSync('/proc/self/fd').filter((fd) => {
      try {
        return statSync(`/proc/self/fd/${fd}`).ino === statSync(path).ino;
      } catch {
        return false;
      }
    });
    expect(open).toEqual([]);
    writeFileSync(path, '');
  });
});
