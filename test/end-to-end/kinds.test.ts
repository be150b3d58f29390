import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { handMadeServer, takesAll } from './hand-made-server.js';
import { arrived, counts, Place, sandbox } from './harness.js';

const folder = new URL('../../fixtures/kinds/', import.meta.url);
const { kinds } = (await import(new URL('generate.js', folder).href)) as { kinds(): Record<string, Buffer> };

/** What becomes of a file: how many of its records are delivered and rejected, the exit code, and what is said. */
interface Fate {
  readonly file: string;
  readonly args?: readonly string[];
  readonly delivered?: number;
  readonly rejected?: number;
  readonly exitCode?: number;
  readonly says?: string;
}

const AGAIN = 'Get the file again and run the same command';
const NOT_TWICE = `${AGAIN}; what was delivered is not sent twice.`;
const ONE_PER_LINE =
  'Nothing of it was sent. Write each object on a line of its own (jq -c . old.json > new.jsonl), or all of them into a JSON array, and import that.';

const whole = (file: string, args?: readonly string[]): Fate => ({ file, delivered: 6, ...(args ? { args } : {}) });
const refused = (file: string, what: string): Fate => ({
  file,
  exitCode: 3,
  says: `error[input_not_importable]: ${file} ${what}`,
});

const FATES: readonly Fate[] = [
  ...[
    'plain.jsonl',
    'text-as-it-comes.jsonl',
    'one.jsonl.gz',
    'two-members.jsonl.gz',
    'bgzip.jsonl.gz',
    'wrong-name.csv',
    'odd-values.jsonl',
  ].map((file) => whole(file)),
  ...['one.zip', 'stored.zip', 'deflate64.zip', 'streamed.zip', 'wide.zip', 'natural.zip'].map((file) => whole(file)),
  ...['array.json', 'pretty.json', 'arrays-in-a-row.json'].map((file) => whole(file)),
  whole('webhooks.jsonl', ['--unwrap']),
  whole('export.jsonl', ['--unwrap', '--events-pointer', '/events']),
  whole('wrapped.json', ['--unwrap', '--events-pointer', '/data']),
  {
    ...whole('folders.zip'),
    says: 'Left out: folders.zip/readme.txt (its name does not end in .jsonl, .ndjson, .json (or one of these with .gz), or .zip; name it to import it)',
  },
  {
    ...whole('old.rejects.jsonl'),
    says: 'warning[rejects_arrive_late]: old.rejects.jsonl is a rejects file: its events now arrive after later ones of the same people.',
  },
  { file: 'empty.jsonl' },
  { file: 'bad-lines.jsonl', delivered: 6, rejected: 4, exitCode: 1 },
  { file: 'cut-off.jsonl', delivered: 5, rejected: 1, exitCode: 1 },
  { file: 'array-with-bad-elements.json', delivered: 6, rejected: 3, exitCode: 1 },
  {
    file: 'webhooks.jsonl',
    ...{ rejected: 6, exitCode: 1 },
    says: 'warning[seems_to_be]: webhooks.jsonl seems to hold messages of a webhook, with the events inside them. Import the events with --unwrap.',
  },
  {
    file: 'export.jsonl',
    ...{ rejected: 3, exitCode: 1 },
    says: 'warning[seems_to_be]: export.jsonl seems to be a batch export: users, with the events inside them. Import the events with --unwrap --events-pointer /events',
  },
  {
    file: 'wrapped.json',
    ...{ rejected: 1, exitCode: 1 },
    says: 'warning[seems_to_be]: wrapped.json seems to hold records with a list of events in each, under data. Import the events with --unwrap --events-pointer /data',
  },
  {
    file: 'small-table.csv',
    ...{ rejected: 2, exitCode: 1 },
    says: 'warning[seems_to_be]: small-table.csv seems to be a table (CSV). Export it as JSON lines, one event per line, and import that.',
  },
  {
    file: 'commas-but-the-last.jsonl',
    ...{ delivered: 1, rejected: 5, exitCode: 1 },
    says: 'warning[seems_to_be]: commas-but-the-last.jsonl seems to be an array without its brackets: a comma stands behind each object. Put [ in front of the first and ] behind the last, and import that.',
  },
  {
    file: 'receipts.jsonl',
    ...{ rejected: 1, exitCode: 1 },
    says: 'warning[seems_to_be]: receipts.jsonl seems to hold OneTrust receipts, but --target is didomi. Check which one is right.',
  },
  {
    file: 'settings.json',
    ...{ rejected: 1, exitCode: 1 },
    says: 'warning[seems_to_be]: settings.json seems to hold settings of this program, not events. Name it with --config, and the events as the input.',
  },
  {
    file: 'rows.jsonl',
    ...{ rejected: 2, exitCode: 1 },
    says: 'warning[seems_to_be]: rows.jsonl seems to be a table: its records are arrays. Export it as JSON lines, one object per line, and import that.',
  },
  {
    file: 'second-member-damaged.jsonl.gz',
    ...{ delivered: 3, exitCode: 3 },
    says: `error[input_damaged]: second-member-damaged.jsonl.gz is damaged after line 3: the checksum of gzip member 2 is wrong. ${NOT_TWICE}`,
  },
  {
    file: 'cut-off.jsonl.gz',
    ...{ delivered: 3, exitCode: 3 },
    says: `error[input_cut_off]: cut-off.jsonl.gz is cut off after line 3: the rest of it is missing. ${NOT_TWICE}`,
  },
  {
    file: 'garbage-behind.jsonl.gz',
    ...{ delivered: 6, exitCode: 3 },
    says: `error[input_trailing_garbage]: garbage-behind.jsonl.gz goes on after line 6 with bytes that are not gzip. ${NOT_TWICE}`,
  },
  {
    file: 'entry-damaged.zip',
    ...{ delivered: 3, exitCode: 3 },
    says: `error[input_damaged]: entry-damaged.zip/b.jsonl is damaged: its checksum is wrong. Nothing of it is imported. ${NOT_TWICE}`,
  },
  {
    file: 'encrypted.zip',
    ...{ delivered: 3, exitCode: 3 },
    says: 'error[input_not_importable]: encrypted.zip/b.jsonl is encrypted. Unpack the archive with its password and import the files in it.',
  },
  {
    file: 'lzma.zip',
    exitCode: 3,
    says: "error[input_not_importable]: lzma.zip/events.jsonl is compressed with LZMA, which this program can't read. Unpack the archive and import the files in it.",
  },
  {
    file: 'cut-off.zip',
    ...{ delivered: 3, exitCode: 3 },
    says: `error[input_cut_off]: cut-off.zip is cut off or damaged: the directory at its end is missing. It is read by the headers of the one file found in it; nothing of b.jsonl is imported (it is cut off). ${NOT_TWICE}`,
  },
  {
    file: 'no-directory.zip',
    ...{ delivered: 6, exitCode: 3 },
    says: `error[input_cut_off]: no-directory.zip is cut off or damaged: the directory at its end is missing. It is read by the headers of the 2 files found in it. ${NOT_TWICE}`,
  },
  {
    file: 'bomb.zip',
    exitCode: 3,
    says: `error[input_damaged]: bomb.zip is damaged: the files in it overlap, as in a zip bomb. Nothing in it is imported. ${AGAIN}.`,
  },
  {
    file: 'array-cut-off.json',
    ...{ delivered: 5, rejected: 1, exitCode: 3 },
    says: `error[input_cut_off]: array-cut-off.json is cut off after element 6: the JSON array in it is never closed. ${NOT_TWICE}`,
  },
  refused('spread.json', `seems to hold JSON objects that are spread over several lines. ${ONE_PER_LINE}`),
  refused(
    'concatenated.json',
    `seems to hold JSON objects one behind the other, without line breaks between them. ${ONE_PER_LINE}`,
  ),
  refused(
    'commas.jsonl',
    'seems to hold an array without its brackets. Nothing of it was sent. Put [ in front of the first object and ] behind the last, and import that.',
  ),
  refused(
    'sequence.jsonl',
    "seems to be a JSON text sequence (RFC 7464): take the record separators out (tr -d '\\036' < old > new.jsonl) and import that.",
  ),
  refused(
    'workbook.xlsx',
    'seems to be an Excel workbook, or another document of an Office program: export it as JSON lines (one event per line) and import that.',
  ),
  refused('utf-16.jsonl', 'seems to be UTF-16 text: save it as UTF-8 and import that.'),
  refused(
    'table.csv',
    'seems to be a table (CSV): none of its first 100 lines is valid JSON. Nothing of it was sent. Export it as JSON lines, one event per line, and import that.',
  ),
  refused(
    'page.html',
    'seems to be an HTML or XML page, as a server sends in place of a file: open it to see what it says, then get the file again.',
  ),
  refused('pointer.jsonl', 'seems to be a Git LFS pointer, not the file itself: get the file with git lfs pull.'),
];

describe('a file of each kind', () => {
  it('is what its generator makes, and has its row here', () => {
    for (const [name, bytes] of Object.entries(kinds())) {
      expect(readFileSync(new URL(name, folder)).equals(bytes), name).toBe(true);
    }
    expect([...new Set(FATES.map(({ file }) => file))].sort()).toEqual(Object.keys(kinds()).sort());
  });

  it.each(FATES)('$file $args', async ({ file, args = [], delivered = 0, rejected = 0, exitCode = 0, says }) => {
    const place = new Place();
    const server = await sandbox();
    place.write(file, kinds()[file]!);

    const run = await place.import(server.url, [file, ...args]);

    expect(run.said).toEqual(says === undefined ? [] : [says]);
    expect(run.exitCode).toBe(exitCode);
    expect(run.summary.events).toEqual(counts({ read: delivered + rejected, delivered, rejected }));
    expect(run.summary.files).toHaveLength(1);
    const good = ['plain.jsonl', 'odd-values.jsonl'].flatMap((name) => kinds()[name]!.toString().split('\n'));
    if (file !== 'pretty.json' && file !== 'array-cut-off.json') {
      for (const line of arrived(server)) expect(good).toContain(line);
    }
    if (rejected > 0) expect(place.rejects()).toHaveLength(rejected);
  });
});

describe('where a record stood', () => {
  it('is told with entry, line, element and index', async () => {
    const place = new Place();
    const server = await sandbox();
    const { zip } = (await import(new URL('zip.js', folder).href)) as {
      zip(files: readonly { name: string; content: string }[]): Buffer;
    };
    const bad = '{"id":"bad"}';
    place.write(
      'a.zip',
      zip([
        { name: 'one.jsonl', content: `\n${bad}\n` },
        { name: 'two.json', content: `[\n\n${bad},\n{"events":[${bad},${bad}]}]` },
      ]),
    );

    const run = await place.import(server.url, ['a.zip', '--unwrap', '--events-pointer', '/events']);

    expect(run.exitCode).toBe(1);
    const places = place.rejects().map(({ rejected: { reason, errors, ...at } }) => at);
    expect(places).toEqual([
      { file: 'a.zip', entry: 'one.jsonl', line: 2 },
      { file: 'a.zip', entry: 'two.json', line: 3, element: 1 },
      { file: 'a.zip', entry: 'two.json', line: 4, element: 2, index: 1 },
      { file: 'a.zip', entry: 'two.json', line: 4, element: 2, index: 2 },
    ]);
  });
});

describe('a rejects file whose last line is torn', () => {
  it('is imported without that line, and says so', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('old.rejects.jsonl', kinds()['old.rejects.jsonl']!.subarray(0, -40));

    const run = await place.import(server.url, ['old.rejects.jsonl']);

    expect(run.said).toEqual([
      'warning[rejects_arrive_late]: old.rejects.jsonl is a rejects file: its events now arrive after later ones of the same people.',
      'warning[last_reject_torn]: old.rejects.jsonl is a rejects file whose last line is torn, which was left out. Run the command that wrote it again, which brings that record anew; if the file was cut off since, get it again.',
    ]);
    expect(run.exitCode).toBe(0);
    expect(run.summary.events).toEqual(counts({ read: 5, delivered: 5 }));
  });
});

describe('a file for the other target', () => {
  it('is named as what it is', async () => {
    const place = new Place();
    place.write('events.jsonl', kinds()['plain.jsonl']!);

    const run = await place.run(['validate', '--target', 'onetrust', '--json', 'events.jsonl']);

    expect(run.exitCode).toBe(1);
    expect(run.said.slice(1)).toEqual([
      'warning[seems_to_be]: events.jsonl seems to hold Didomi events, but --target is onetrust. Check which one is right.',
    ]);
  });
});

describe('options about inputs', () => {
  it('--min-age leaves young files for the next run', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', kinds()['plain.jsonl']!);

    const run = await place.import(server.url, ['a.jsonl', '--min-age', '1h']);

    expect(run.exitCode).toBe(0);
    expect(run.said).toEqual(['Left out: a.jsonl (younger than --min-age; for the next run)']);
    expect(run.summary.files).toEqual([]);
  });

  it('--move-complete moves what is complete, and replaces nothing', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', kinds()['plain.jsonl']!);
    place.write('b.jsonl', kinds()['cut-off.jsonl']!);
    place.write('c.jsonl', '');
    place.write('done/c.jsonl', 'before');

    const run = await place.import(server.url, ['.', '--move-complete', 'done']);

    expect(run.exitCode).toBe(1);
    expect(['a.jsonl', 'b.jsonl', 'c.jsonl', 'done/a.jsonl'].map((name) => place.exists(name))).toEqual([
      ...[false, true, true, true],
    ]);
    expect(place.read('done/c.jsonl')).toBe('before');
    expect(run.said).toContain(
      `warning[not_moved]: c.jsonl is complete, but was not moved (${place.cwd}/done/c.jsonl exists). Move it by hand.`,
    );
  });

  it('--move-complete leaves a file where it is that grew after it was read', async () => {
    const place = new Place();
    const [one, two] = kinds()['plain.jsonl']!.toString().split('\n');
    place.write('a.jsonl', [one!]);
    const server = await handMadeServer({
      events: (request, response) => {
        if (request.number === 1) appendFileSync(join(place.cwd, 'a.jsonl'), `${two}\n`);
        takesAll(request, response);
      },
    });
    place.write('b.jsonl', [two!.replace('0002', '0009')]);
    const args = ['a.jsonl', 'b.jsonl', '--move-complete', 'done'];

    const first = await place.import(server.url, args);

    expect(first.summary.files.map(({ state }) => state)).toEqual(['complete', 'complete']);
    expect(first.said).toEqual([
      'warning[changed_not_moved]: a.jsonl was complete when it was read, but changed since the run began, so it was not moved. Run the same command again: it reads what is new.',
    ]);
    expect([place.exists('a.jsonl'), place.exists('done/b.jsonl')]).toEqual([true, true]);

    const second = await place.import(server.url, ['a.jsonl', '--move-complete', 'done']);

    expect(second.summary.events).toMatchObject({ read: 2, delivered: 1, duplicate: 1 });
    expect(place.read('done/a.jsonl')).toBe(`${one}\n${two}\n`);
  });

  it('--events-pointer needs --unwrap, and a pointer: exit 2', async () => {
    const place = new Place();
    const server = await sandbox();
    place.write('a.jsonl', kinds()['plain.jsonl']!);

    const alone = await place.import(server.url, ['a.jsonl', '--events-pointer', '/events']);
    const none = await place.import(server.url, ['a.jsonl', '--unwrap', '--events-pointer', 'events']);

    expect([alone.exitCode, none.exitCode]).toEqual([2, 2]);
    expect(alone.said[0]).toBe(
      'error[pointer_without_unwrap]: --events-pointer "/events" says where events are inside other records, which needs --unwrap. Give both, or neither.',
    );
    expect(none.said[0]).toBe(
      'error[bad_pointer]: --events-pointer is "events": expected a JSON Pointer (RFC 6901) such as /events.',
    );
  });

  it('a zip archive on standard input is wrong usage: exit 2', async () => {
    const place = new Place();
    const server = await sandbox();

    const run = await place.import(server.url, ['-'], { input: kinds()['one.zip']! });

    expect(run.exitCode).toBe(2);
    expect(run.said).toEqual([
      "error[input_read_once]: standard input brings a zip archive, which can't be read as a stream. Store it in a file and import that.",
    ]);
    expect(server.stats().requests.total).toBe(0);
  });
});
