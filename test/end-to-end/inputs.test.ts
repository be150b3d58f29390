import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { events } from './events.js';
import { arrived, counts, Place, sandbox } from './harness.js';

describe('inputs', () => {
  it('are read in the order given, folders and patterns in natural order, and what was left out is listed', async () => {
    const place = new Place();
    const server = await sandbox();
    const lines = events(60);
    const part = (n: number): string[] => lines.slice((n - 1) * 10, n * 10);
    place.write('in/part-10.jsonl', part(4));
    place.write('in/part-2.ndjson', part(3));
    place.write('in/sub/part-1.json.gz', gzipSync(`${part(5).join('\n')}\n`));
    place.write('in/readme.txt', 'not an input');
    place.write('in/.hidden.jsonl', 'not an input');
    place.write('in/old.rejects.jsonl', 'not an input');
    place.write('first.jsonl', part(1));
    place.write('more/b.jsonl', part(2));
    place.write('more/c.txt', part(6));

    const run = await place.import(server.url, [
      'first.jsonl',
      'more/*.jsonl',
      'in',
      'more/c.txt',
      '--concurrency',
      '1',
    ]);

    expect(run.exitCode).toBe(0);
    expect(run.summary.files.map(({ path }) => path)).toEqual([
      'first.jsonl',
      'more/b.jsonl',
      'in/part-2.ndjson',
      'in/part-10.jsonl',
      'in/sub/part-1.json.gz',
      'more/c.txt',
    ]);
    expect(arrived(server)).toEqual(lines);
    expect(run.said).toEqual([
      'Left out: in/.hidden.jsonl (hidden; name it to import it)',
      'Left out: in/old.rejects.jsonl (a rejects file; name it to import it)',
      'Left out: in/readme.txt (its name does not end in .jsonl, .ndjson, .json (or one of these with .gz), or .zip; name it to import it)',
    ]);
  });

  it('are none of the files that options name, whichever option it is', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', events(2));
    place.write('schema.json', '{}');
    place.write('sum.json', '{}');
    place.write('r.jsonl', '');
    place.write('people.json', 'nobody@example.com\n');

    const args = ['.', '--schema', 'schema.json', '--summary-file', 'sum.json', '--rejects', 'r.jsonl'];
    const run = await place.import(server.url, [
      ...args,
      '--exclude-subjects',
      'people.json',
      '--ledger',
      'ledger.json',
    ]);

    expect(run.exitCode).toBe(0);
    expect(run.summary.files.map(({ path }) => path)).toEqual(['a.jsonl']);
    expect(run.said).toEqual(
      ['people.json', 'r.jsonl', 'schema.json', 'sum.json'].map((name) => `Left out: ${name} (an option names it)`),
    );
  });

  it('come from standard input, plain and compressed', async () => {
    const place = new Place();
    const server = await sandbox();
    const text = `${events(5).join('\n')}\n`;

    const plain = await place.import(server.url, ['-'], { input: Buffer.from(text) });
    expect(plain.exitCode).toBe(0);
    expect(plain.summary.files).toMatchObject([{ path: '-', state: 'complete', bytes: null, delivered: 5 }]);

    const packed = await place.import(server.url, ['-'], { input: gzipSync(text) });
    expect(packed.exitCode).toBe(0);
    expect(packed.summary.events).toEqual(counts({ read: 5, duplicate: 5 }));
  });

  it('come from a FIFO', async () => {
    const place = new Place();
    const server = await sandbox();
    execFileSync('mkfifo', [join(place.cwd, 'pipe')]);
    const run = place.startImport(server.url, ['pipe']);
    createWriteStream(join(place.cwd, 'pipe')).end(gzipSync(`${events(5).join('\n')}\n`));

    const { exitCode, summary } = await run.ended;

    expect(exitCode).toBe(0);
    expect(summary.files).toMatchObject([{ path: 'pipe', state: 'complete', delivered: 5 }]);
  });

  it('may lack the last line end, and have blank lines, CR LF and a BOM', async () => {
    const place = new Place();
    const server = await sandbox();
    const [a = '', b = '', c = ''] = events(3);
    const input = place.write('events.jsonl', `\ufeff${a}\r\n\r\n \t\n${b}  \r\n\n${c}`);

    const run = await place.import(server.url, [input]);

    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 3, delivered: 3 }));
    expect(arrived(server)).toEqual([a, b, c]);
  });
});

describe('an input that is not there', () => {
  it('is named, and the others are imported all the same: exit 3', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(3));
    place.write('empty/readme.txt', '');

    const run = await place.import(server.url, ['missing.jsonl', 'empty', 'no/*.gz', 'good.jsonl', 'good*.gz']);

    expect(run.exitCode).toBe(3);
    expect(run.said).toEqual([
      'Left out: empty/readme.txt (its name does not end in .jsonl, .ndjson, .json (or one of these with .gz), or .zip; name it to import it)',
      'error[nothing_matched]: No input in empty: no file in it ends in .jsonl, .ndjson, .json (or one of these with .gz), or .zip. Check the path; if having nothing to import is fine: --allow-empty',
      'error[nothing_matched]: No file matches no/*.gz: there is no folder no. Check the path; if having nothing to import is fine: --allow-empty',
      'error[nothing_matched]: No file matches good*.gz. Check the path; if having nothing to import is fine: --allow-empty',
      'error[input_missing]: missing.jsonl does not exist. Check the path.',
    ]);
    expect(run.summary).toMatchObject({
      reason: 'input',
      events: counts({ read: 3, delivered: 3 }),
      files: [
        { path: 'missing.jsonl', state: 'unreadable' },
        { path: 'good.jsonl', state: 'complete', delivered: 3 },
      ],
    });
    expect(arrived(server)).toEqual(events(3));
  });

  it('is fine with --allow-empty where only nothing matched', async () => {
    const place = new Place();
    const server = await sandbox();

    const strict = await place.import(server.url, ['*.jsonl']);
    const lax = await place.import(server.url, ['*.jsonl', '--allow-empty']);

    expect(strict.exitCode).toBe(3);
    expect(strict.summary).toMatchObject({ reason: 'input', events: counts({}), files: [], requests: { sent: 0 } });
    expect(strict.summary.complete).toBe(false);
    expect(lax.exitCode).toBe(0);
    expect(lax.summary).toMatchObject({
      reason: 'completed',
      complete: true,
      events: counts({}),
      requests: { sent: 0 },
    });
    expect(lax.said).toEqual([]);
  });

  it('was not read, which is said before any number, and sends nothing with --validate-first', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('good.jsonl', events(2));
    const inputs = ['good.jsonl', 'no/*.gz'];

    const first = await place.import(server.url, [...inputs, '--validate-first']);
    const validated = await place.run(['validate', ...inputs, '--target', 'didomi']);

    expect(first.exitCode).toBe(3);
    expect(first.said[0]).toBe(
      'error[nothing_matched]: No file matches no/*.gz: there is no folder no. Check the path; if having nothing to import is fine: --allow-empty',
    );
    expect(first.said.slice(1)).toEqual([
      'warning[nothing_sent]: nothing was sent: an input could not be read to its end, and --validate-first sends nothing then.',
    ]);
    expect(first.summary).toMatchObject({ complete: false, events: counts({ read: 2, undelivered: 2 }) });
    expect(arrived(server)).toEqual([]);
    expect(validated.stdout.split('\n').slice(0, 2)).toEqual([
      'NOT READ: some of the inputs',
      'Finished, but not every input could be read to its end.',
    ]);
  });

  it('ends the import at once with --on-input-error stop', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('first.jsonl', events(2));
    place.write('last.jsonl', events(2, 10));

    const args = ['first.jsonl', 'missing.jsonl', 'last.jsonl', '--on-input-error', 'stop'];
    const run = await place.import(server.url, args);

    expect(run.exitCode).toBe(3);
    expect(run.summary).toMatchObject({
      reason: 'input',
      complete: false,
      events: counts({ read: 2, delivered: 2 }),
      files: [
        { path: 'first.jsonl', state: 'complete' },
        { path: 'missing.jsonl', state: 'unreadable' },
        { path: 'last.jsonl', state: 'unread' },
      ],
    });
    expect(arrived(server)).toEqual(events(2));
  });
});

describe('an input of a kind that can not be imported', () => {
  it('is refused as a whole, and the next is read', async () => {
    const place = new Place();
    const server = await sandbox();
    const names = FOREIGN.map(({ content }, i) => place.write(`${i}.jsonl`, content));
    place.write('good.jsonl', events(2));

    const run = await place.import(server.url, [...names, 'good.jsonl']);

    expect(run.said).toEqual(FOREIGN.map(({ says, code }, i) => `error[input_${code}]: ${i}.jsonl ${says}`));
    expect(run.exitCode).toBe(3);
    expect(run.summary).toMatchObject({
      reason: 'input',
      events: counts({ read: 2, delivered: 2 }),
      rejectsFile: null,
      files: [...names.map((path) => ({ path, state: 'unreadable', read: 0 })), { path: 'good.jsonl' }],
    });
  });
});

/** What is in the file, and what is said of it. */
const FOREIGN = [
  {
    content: Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x00]),
    code: 'not_importable',
    says: 'seems to be a zstd file: decompress it (zstd -d) and import the result.',
  },
  {
    content: Buffer.from(`\ufeff${events(2).join('\n')}`, 'utf16le'),
    code: 'not_importable',
    says: 'seems to be UTF-16 text: save it as UTF-8 and import that.',
  },
  {
    content: '<!DOCTYPE html><p>Please sign in',
    code: 'not_importable',
    says: 'seems to be an HTML or XML page, as a server sends in place of a file: open it to see what it says, then get the file again.',
  },
  {
    content: gzipSync(gzipSync(events(2).join('\n'))),
    code: 'not_importable',
    says: 'seems to be a gzip file, compressed with gzip: decompress it once (gunzip) and import the result.',
  },
  {
    content: 'This is a letter and no data at all!\n'.repeat(500),
    code: 'not_importable',
    says: 'does not look like JSON lines: none of its first 100 lines is valid JSON. Nothing of it was sent. Each line must hold one JSON object; check that this is the right file.',
  },
];
