import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  createWriteStream,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../../src/core/input.js';
import { unreadable } from '../../../src/io/inputs/damage.js';
import { openFile } from '../../../src/io/inputs/file-chunks.js';
import { FileInput } from '../../../src/io/inputs/file-input.js';
import { inspectGzip } from '../../../src/io/inputs/read-gzip.js';
import { StoredBytes } from '../../../src/io/inputs/stored-bytes.js';
import { ReadFailure } from '../../../src/io/inputs/stream-chunks.js';
import { StreamInput } from '../../../src/io/inputs/stream-input.js';
import { NEVER, readAll } from './collect.js';
import { lines, member } from './gzip-builder.js';
import { tempFolder } from './temp-folder.js';

const folder = tempFolder();
const input = (path: string) => new FileInput({ path, size: undefined });
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Inspects and reads, as an import does. */
async function importFile(path: string) {
  const file = input(path);
  const inspection = await file.inspect(NEVER);
  return { file, inspection, ...(await readAll(file)) };
}

/** This process's open handles on a file, where the system lists them. */
function openHandles(path: string): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return statSync(`/proc/self/fd/${fd}`).ino === statSync(path).ino;
    } catch {
      return false;
    }
  }).length;
}

describe('a plain file', () => {
  it('needs no inspection, and has its hash when it was read to its end', async () => {
    const content = Buffer.from(`${lines(5000)}{"last":"line without an end"}`);
    const path = folder.write('plain.jsonl', content);
    const { file, inspection, bytes, chunks, error } = await importFile(path);
    expect(inspection).toBeUndefined();
    expect(error).toBeUndefined();
    expect(bytes.equals(content)).toBe(true);
    expect(chunks.at(-1)!.storedBytesRead).toBe(content.length);
    expect(file.sha256()).toBe(sha256(content));
    expect(openHandles(path)).toBe(0);
  });

  it('may be empty', async () => {
    const { file, inspection, bytes, error } = await importFile(folder.write('empty.jsonl', ''));
    expect([inspection, bytes.length, error]).toEqual([undefined, 0, undefined]);
    expect(file.sha256()).toBe(sha256(Buffer.alloc(0)));
  });

  it('gives chunks that nothing writes to later', async () => {
    const content = Buffer.from(lines(20_000));
    const file = input(folder.write('chunks.jsonl', content));
    const [chunks, copies]: [Uint8Array[], Buffer[]] = [[], []];
    for await (const { bytes } of file.read(NEVER)) {
      chunks.push(bytes);
      copies.push(Buffer.from(bytes));
    }
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.every((chunk, index) => copies[index]!.equals(chunk))).toBe(true);
  });

  it('that grows as fast as it is read comes to an end all the same', async () => {
    const path = folder.write('log.jsonl', lines(10));
    const file = await openFile(path);
    appendFileSync(path, lines(1_000));
    let chunks = 0;
    for await (const _chunk of file.chunks(NEVER)) {
      chunks += 1;
      if (chunks > 50) break;
      appendFileSync(path, lines(1_000));
    }
    await file.close();
    expect(chunks).toBeLessThan(5);
  });

  it('that grows while it is read has changed', async () => {
    const path = folder.write('grows.jsonl', lines(10_000));
    const file = input(path);
    const reading = (async () => {
      let first = true;
      for await (const _chunk of file.read(NEVER)) {
        if (first) appendFileSync(path, lines(1));
        first = false;
      }
    })();
    await expect(reading).rejects.toThrow(
      `${path} changed while it was read. Wait until it is written to its end, then run the same command; what was delivered is not sent twice.`,
    );
    expect(file.sha256()).toBeUndefined();
  });
});

describe('a gzip file', () => {
  it('is checked first, then read to its end; its hash is that of its stored bytes', async () => {
    const content = lines(3000);
    const stored = Buffer.concat([member(content.slice(0, 50_000)), member(content.slice(50_000)), Buffer.alloc(10)]);
    const path = folder.write('good.jsonl', stored);
    const { file, inspection, bytes, chunks, error } = await importFile(path);
    expect(inspection).toEqual({ sha256: sha256(stored), intactBytes: content.length, damage: undefined });
    expect(error).toBeUndefined();
    expect(bytes.toString()).toBe(content);
    expect(chunks.at(-1)!.storedBytesRead).toBe(stored.length);
    expect(file.sha256()).toBe(sha256(stored));
    expect(openHandles(path)).toBe(0);
  });

  it('tells how far its inspection is', async () => {
    const stored = member(lines(60_000));
    const told: number[] = [];
    await input(folder.write('progress.gz', stored)).inspect(NEVER, (bytes) => told.push(bytes));
    expect(told.length).toBeGreaterThan(3);
    expect(told).toEqual([...told].sort((a, b) => a - b));
  });

  it('that is cut off anywhere gives the whole lines before the cut', async () => {
    const content = lines(300);
    const stored = member(content);
    let cutOff = 0;
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: stored.length - 1 }), async (length) => {
        const path = folder.write('cut.gz', stored.subarray(0, length));
        const { inspection, bytes, error } = await importFile(path);
        expect(error).toBeUndefined();
        expect(inspection!.intactBytes).toBe(bytes.length);
        expect(inspection!.sha256).toBeUndefined();
        expect(content.startsWith(bytes.toString())).toBe(true);
        if (bytes.length > 0) expect(bytes.at(-1)).toBe(0x0a);
        if (inspection!.damage!.code !== 'cut_off') return;
        cutOff++;
        const line = bytes.toString().split('\n').length - 1;
        expect(inspection!.damage!.message).toBe(
          line > 0
            ? `${path} is cut off after line ${line}: the rest of it is missing. Get the file again and run the same command; what was delivered is not sent twice.`
            : `${path} is cut off before the end of its first line: the rest of it is missing. Nothing in it can be imported. Get the file again and run the same command.`,
        );
      }),
      { numRuns: 100 },
    );
    expect(cutOff).toBeGreaterThan(90);
  });

  it('with a bad member gives the whole lines before that member', async () => {
    const content = lines(1300);
    const [first, second] = [member(content.slice(0, 65_280)), member(content.slice(65_280))];
    second[second.length - 8]! ^= 1;
    const path = folder.write('bad.gz', Buffer.concat([first, second, member(lines(5))]));
    const whole = content.slice(0, content.lastIndexOf('\n', 65_279) + 1);
    const { inspection, bytes, error } = await importFile(path);
    expect(error).toBeUndefined();
    expect(bytes.toString()).toBe(whole);
    expect(whole.length).toBeLessThan(65_280);
    const line = (whole.split('\n').length - 1).toLocaleString('en-US');
    expect(inspection).toEqual({
      sha256: undefined,
      intactBytes: whole.length,
      damage: {
        code: 'damaged',
        message: `${path} is damaged after line ${line}: the checksum of gzip member 2 is wrong. Get the file again and run the same command; what was delivered is not sent twice.`,
      },
    });
  });

  it('with garbage behind it gives everything before the garbage, its unended last line too', async () => {
    const content = `${lines(1203)}{"last":1}`;
    const path = folder.write('garbage.gz', Buffer.concat([member(content), Buffer.from('<html>')]));
    const { inspection, bytes, error } = await importFile(path);
    expect([bytes.toString(), error]).toEqual([content, undefined]);
    expect(inspection!.damage).toEqual({
      code: 'trailing_garbage',
      message: `${path} goes on after line 1,204 with bytes that are not gzip. Get the file again and run the same command; what was delivered is not sent twice.`,
    });
  });

  it('that changes between inspection and reading is not read', async () => {
    const change: readonly ((path: string) => void)[] = [
      (path) => appendFileSync(path, 'x'),
      (path) => utimesSync(path, 1, 1),
      (path) => {
        writeFileSync(`${path}.new`, member(lines(7)));
        renameSync(`${path}.new`, path);
      },
    ];
    for (const apply of change) {
      const path = folder.write('changes.gz', member(lines(6)));
      const file = input(path);
      await file.inspect(NEVER);
      apply(path);
      const { bytes, error } = await readAll(file);
      expect([bytes.length, error?.damage.code]).toEqual([0, 'changed']);
    }
  });

  it('that changes in its bytes only is found out at the end', async () => {
    const [before, after] = [member('{"a":1}\n'), member('{"a":2}\n')];
    expect(before.length).toBe(after.length);
    const path = folder.write('same-size.gz', before);
    utimesSync(path, 1000, 1000);
    const file = input(path);
    await file.inspect(NEVER);
    writeFileSync(path, after);
    utimesSync(path, 1000, 1000);
    expect((await readAll(file)).error?.damage.code).toBe('changed');
  });

  it('that vanishes between inspection and reading is missing', async () => {
    const path = folder.write('vanishes.gz', member(lines(6)));
    const file = input(path);
    await file.inspect(NEVER);
    rmSync(path);
    expect((await readAll(file)).error?.damage).toEqual({
      code: 'missing',
      message: `${path} does not exist. Check the path.`,
    });
  });

  it('that is read without inspection gives everything before its damage, and names the unchecked lines', async () => {
    const bad = member(lines(3, 4));
    bad[bad.length - 8]! ^= 1;
    const path = folder.write('unchecked.gz', Buffer.concat([member(lines(4)), bad]));
    const { bytes, error } = await readAll(input(path));
    expect(bytes.toString()).toBe(lines(7));
    expect(error?.damage).toEqual({
      code: 'damaged',
      message: `${path} is damaged after line 4: the checksum of gzip member 2 is wrong. Get the file again and run the same command; what was delivered is not sent twice. Lines 5 to 7 left unchecked, for the input was not checked before it was read: compare with the good file.`,
    });
  });

  it('has its hash also when it was read without inspection', async () => {
    const stored = Buffer.concat([member(lines(60_000)), Buffer.alloc(300_000)]);
    const file = input(folder.write('once.gz', stored));
    const { chunks, error } = await readAll(file);
    expect(error).toBeUndefined();
    expect(chunks.at(-1)!.storedBytesRead).toBe(stored.length);
    expect(file.sha256()).toBe(sha256(stored));
  });

  it('can be read again', async () => {
    const file = input(folder.write('again.gz', member(lines(3))));
    await file.inspect(NEVER);
    expect((await readAll(file)).bytes.toString()).toBe(lines(3));
    expect((await readAll(file)).bytes.toString()).toBe(lines(3));
  });
});

describe('what can not be opened', () => {
  it.each([
    ['a missing file', () => join(folder.path, 'none.jsonl'), 'missing', 'does not exist. Check the path.'],
    ['a file below a file', () => join(folder.write('f.jsonl', ''), 'x'), 'missing', 'does not exist. Check the path.'],
    [
      'a folder',
      () => folder.path,
      'unreadable',
      "can't be read: it is a folder now (EISDIR). Look at the path, then run again.",
    ],
  ] as const)('%s is damage, and reading gives nothing', async (_what, make, code, message) => {
    const path = make();
    const damage = { code, message: `${path} ${message}` };
    const { inspection, bytes, error } = await importFile(path);
    expect(inspection).toEqual({ sha256: undefined, intactBytes: 0, damage });
    expect([bytes.length, error]).toEqual([0, undefined]);
    expect((await readAll(input(path))).error?.damage).toEqual(damage);
  });

  it('a file that the disk fails to give is damage', async () => {
    // Its first bytes are never mapped, so the system answers as a failing disk does.
    const path = '/proc/self/mem';
    expect((await input(path).inspect(NEVER))?.damage).toEqual({
      code: 'unreadable',
      message: `${path} can't be read: the disk failed (EIO). Copy the file to a sound disk, then run again.`,
    });
  });

  it('a gzip file that the disk fails to give to its end keeps the members before that', async () => {
    const [first, second] = [member(lines(3)), member(lines(3000, 3))];
    const stored = Buffer.concat([first, second.subarray(0, 20_000)]);
    const failing = async function* () {
      yield stored;
      throw new ReadFailure(Object.assign(new Error('i/o error'), { code: 'EIO' }));
    };
    expect(await inspectGzip('a.gz', new StoredBytes(failing()), undefined)).toEqual({
      sha256: undefined,
      intactBytes: lines(3).length,
      damage: {
        code: 'unreadable',
        message: `a.gz can't be read past byte ${stored.length.toLocaleString('en-US')}: the disk failed (EIO). Copy the file to a sound disk, then run again.`,
      },
    });
  });

  it.each([
    ['EACCES', "can't be read: permission denied (EACCES). Let this user read it, then run again."],
    ['ELOOP', "can't be read: its links lead in a circle (ELOOP). Repair the link, then run again."],
    ['EWHAT', "can't be read: the system refused (EWHAT). Look at the file, then run again."],
  ])('the system error %s is put into words', (code, message) => {
    expect(unreadable('a.jsonl', code)).toEqual({ code: 'unreadable', message: `a.jsonl ${message}` });
  });
});

describe('a FIFO', () => {
  it('is not inspected, waits for its writer, and is read once', async () => {
    const path = join(folder.path, 'fifo');
    execFileSync('mkfifo', [path]);
    const stored = member(lines(2000));
    const file = input(path);
    expect(await file.inspect(NEVER)).toBeUndefined();
    const reading = readAll(file);
    createWriteStream(path).end(stored);
    const { bytes, error } = await reading;
    expect([bytes.toString(), error]).toEqual([lines(2000), undefined]);
    expect(file.sha256()).toBe(sha256(stored));
  });

  it('without a writer ends when the signal aborts', async () => {
    const path = join(folder.path, 'silent');
    execFileSync('mkfifo', [path]);
    const controller = new AbortController();
    const reading = input(path).read(controller.signal).next();
    setTimeout(() => controller.abort(new Error('stop')), 20);
    await expect(reading).rejects.toThrow('stop');
  });
});

describe('standard input', () => {
  it('is read as it comes, gzip or plain', async () => {
    for (const stored of [Buffer.from(lines(9)), member(lines(9))]) {
      const stdin = new StreamInput(
        Readable.from([stored.subarray(0, 1), stored.subarray(1, 40), stored.subarray(40)]),
      );
      expect(await stdin.inspect()).toBeUndefined();
      const { bytes, chunks, error } = await readAll(stdin);
      expect([bytes.toString(), error]).toEqual([lines(9), undefined]);
      expect(chunks.at(-1)!.storedBytesRead).toBe(stored.length);
      expect(stdin.sha256()).toBe(sha256(stored));
    }
  });

  it('gives a short first line before the next one comes', async () => {
    const stream = new PassThrough();
    const reading = new StreamInput(stream).read(NEVER);
    stream.write('{"a":1}\n');
    const first = await reading.next();
    expect(Buffer.from(first.value!.bytes).toString()).toBe('{"a":1}\n');
    await reading.return();
    expect(stream.destroyed).toBe(true);
  });

  it('that is cut off gives everything before the cut, then says so', async () => {
    const stored = member(lines(3000));
    const { bytes, error } = await readAll(new StreamInput(Readable.from([stored.subarray(0, stored.length - 5)])));
    expect(bytes.toString()).toBe(lines(3000));
    expect(error?.damage).toEqual({
      code: 'cut_off',
      message:
        'standard input is cut off after line 3,000: the rest of it is missing. Get the file again and run the same command; what was delivered is not sent twice. Lines 1 to 3,000 left unchecked, for the input was not checked before it was read: compare with the good file.',
    });
  });

  it('that fails is unreadable', async () => {
    const failing = new Readable({
      read() {
        this.push(lines(1));
        this.destroy(Object.assign(new Error('boom'), { code: 'EIO' }));
      },
    });
    expect((await readAll(new StreamInput(failing))).error?.damage.code).toBe('unreadable');
  });

  it('that stays silent ends when the signal aborts', async () => {
    const controller = new AbortController();
    const stream = new PassThrough();
    const reading = new StreamInput(stream).read(controller.signal).next();
    controller.abort(new Error('stop'));
    await expect(reading).rejects.toThrow('stop');
    expect(stream.destroyed).toBe(true);
  });
});

describe('stopping', () => {
  const stored = () => folder.write('large.gz', member(lines(60_000)));

  it('inspection and reading end when the signal aborts, and leave no handle open', async () => {
    const path = stored();
    const inspecting = new AbortController();
    const file = input(path);
    await expect(file.inspect(inspecting.signal, () => inspecting.abort(new Error('stop')))).rejects.toThrow('stop');
    const reading = new AbortController();
    const read = async () => {
      for await (const _chunk of file.read(reading.signal)) reading.abort(new Error('stop'));
    };
    await expect(read()).rejects.toThrow('stop');
    await expect(file.inspect(AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
    expect(openHandles(path)).toBe(0);
  });

  it('a reader that stops early leaves no handle open', async () => {
    for (const path of [stored(), folder.write('large.jsonl', lines(60_000))]) {
      for await (const _chunk of input(path).read(NEVER)) break;
      expect(openHandles(path)).toBe(0);
    }
  });
});

describe('what can not be imported', () => {
  const utf16 = (text: string) => Buffer.from(text, 'utf16le');
  const tar = Buffer.alloc(512);
  tar.write('a.jsonl');
  tar.write('ustar', 257);

  it.each([
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0]), 'a zstd file: decompress it (zstd -d) and import the result.'],
    ['bzip2', Buffer.from('BZh91AY'), 'a bzip2 file: decompress it (bunzip2) and import the result.'],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), 'an xz file: decompress it (unxz) and import the result.'],
    ['7z', Buffer.from([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]), 'a 7z archive: unpack it and import the files in it.'],
    ['tar', tar, 'a tar archive: unpack it and import the files in it.'],
    ['PDF', Buffer.from('%PDF-1.7'), 'a PDF document: export it as JSON lines (one event per line) and import that.'],
    [
      'PNG',
      Buffer.from('\x89PNG', 'latin1'),
      'a PNG image: export it as JSON lines (one event per line) and import that.',
    ],
    ['Parquet', Buffer.from('PAR1'), 'a Parquet file: export it as JSON lines (one event per line) and import that.'],
    ['Avro', Buffer.from('Obj\x01'), 'an Avro file: export it as JSON lines (one event per line) and import that.'],
    ['UTF-16 with a mark', utf16('\uFEFF{"a":1}\n'), 'UTF-16 text: save it as UTF-8 and import that.'],
    ['UTF-16 without', utf16('{"a":1}\n'), 'UTF-16 text: save it as UTF-8 and import that.'],
    [
      'an LFS pointer',
      Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\n'),
      'a Git LFS pointer, not the file itself: get the file with git lfs pull.',
    ],
    [
      'HTML',
      Buffer.from('\n<!DOCTYPE html><html>'),
      'an HTML or XML page, as a server sends in place of a file: open it to see what it says, then get the file again.',
    ],
  ])('%s is told by its first bytes, whatever its name', async (_name, content, message) => {
    const path = folder.write('export.jsonl', content);
    const { inspection, bytes } = await importFile(path);
    expect(inspection).toEqual({
      sha256: undefined,
      intactBytes: 0,
      damage: { code: 'not_importable', message: `${path} seems to be ${message}` },
    });
    expect(bytes.length).toBe(0);
    expect((await readAll(input(path))).error?.damage).toEqual(inspection?.damage);
  });

  it('is told also inside gzip', async () => {
    const path = folder.write('export.gz', member(tar));
    const message = `${path} seems to be a tar archive, compressed with gzip: unpack it and import the files in it.`;
    expect((await importFile(path)).inspection?.damage).toEqual({ code: 'not_importable', message });
    const unchecked = await readAll(input(path));
    expect([unchecked.bytes.length, unchecked.error?.message]).toEqual([0, message]);
  });

  it('is gzip in gzip', async () => {
    const path = folder.write('twice.gz', member(member(lines(1))));
    expect((await importFile(path)).inspection?.damage?.message).toBe(
      `${path} seems to be a gzip file, compressed with gzip: decompress it once (gunzip) and import the result.`,
    );
  });

  it('is not a JSON text with one damaged byte at its beginning', async () => {
    const content = Buffer.from(lines(2));
    for (let at = 0; at < 4; at++) {
      for (let byte = 0; byte < 256; byte++) {
        const mutated = Buffer.from(content);
        mutated[at] = byte;
        const { bytes, error } = await readAll(new StreamInput(Readable.from([mutated])));
        expect([bytes.equals(mutated), error]).toEqual([true, undefined]);
      }
    }
  });

  it('is gzip with one damaged byte in its magic: that is damaged gzip', async () => {
    for (const at of [0, 1, 2]) {
      const stored = member(lines(1));
      stored[at]! ^= 0x40;
      const path = folder.write('magic.gz', stored);
      const { inspection } = await importFile(path);
      expect(inspection?.damage).toEqual({
        code: 'damaged',
        message: `${path} is damaged before the end of its first line: the header of gzip member 1 is wrong. Nothing in it can be imported. Get the file again and run the same command.`,
      });
      expect((await readAll(input(path))).error).toBeInstanceOf(InputError);
    }
  });
});
