import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { s3Server } from '../fakes/s3-server.js';
import { events } from './events.js';
import { arrived, counts, Place, sandbox } from './harness.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const lines = events(60);
const part = (n: number): string => lines.slice(n * 10, n * 10 + 10).join('\n');
const { zip } = (await import(new URL('../../fixtures/kinds/zip.js', import.meta.url).href)) as {
  zip(files: readonly { name: string; content: string }[]): Buffer;
};

describe('an object in S3', () => {
  it('is imported under its address, plain, gzip and zip', async () => {
    const place = new Place();
    const server = await sandbox();
    const s3 = await s3Server('exports', {
      'a b/ü+1.jsonl': part(0),
      'b.jsonl.gz': gzipSync(part(1)),
      'c (1).zip': zip([{ name: 'x.jsonl', content: part(2) }]),
    });

    const names = ['s3://exports/a b/ü+1.jsonl', 's3://exports/b.jsonl.gz', 's3://exports/c (1).zip'];
    const run = await place.import(server.url, names, { env: s3.env });

    expect(run.exitCode).toBe(0);
    expect(run.summary.files.map(({ path, state, delivered }) => [path, state, delivered])).toEqual(
      names.map((name) => [name, 'complete', 10]),
    );
    expect(run.said).toEqual([
      `Storing s3://exports/c (1).zip (${s3.objects.get('c (1).zip')!.length} bytes) in a temporary file.`,
    ]);
    expect(arrived(server).sort()).toEqual(lines.slice(0, 30).sort());
  });

  it('is taken up again with Range where its connection broke', async () => {
    const place = new Place();
    const server = await sandbox();
    const s3 = await s3Server('exports', { 'a.jsonl': lines.join('\n') });
    s3.breaksAfter.push(1000, 500);

    const run = await place.import(server.url, ['s3://exports/a.jsonl'], { env: s3.env });

    expect(run.exitCode).toBe(0);
    expect(run.said).toEqual([]);
    expect(arrived(server).sort()).toEqual([...lines].sort());
    expect(s3.requests.slice(1)).toEqual([
      ...['GET /exports/a.jsonl', 'GET /exports/a.jsonl bytes=1000-', 'GET /exports/a.jsonl bytes=1500-'],
    ]);
  });

  it('that was replaced while its connection was broken is cut off: exit 3', async () => {
    const place = new Place();
    const server = await sandbox();
    const s3 = await s3Server('exports', { 'a.jsonl': lines.join('\n') });
    const whole = s3.objects.get('a.jsonl')!;
    const bytes = lines.slice(0, 3).join('\n').length + 1;
    s3.breaksAfter.push(bytes);
    // Replaced once the first answer has begun.
    const watching = setInterval(() => {
      if (s3.requests.length > 1) s3.objects.set('a.jsonl', Buffer.from('{}\n'));
    }, 1);

    const run = await place.import(server.url, ['s3://exports/a.jsonl'], { env: s3.env });
    clearInterval(watching);

    expect(run.exitCode).toBe(3);
    expect(run.said).toEqual([
      `error[input_cut_off]: s3://exports/a.jsonl broke off after ${bytes} of ${whole.length.toLocaleString('en-US')} bytes. Get the file again and run the same command; what was delivered is not sent twice.`,
    ]);
    expect(run.summary.events).toEqual(counts({ read: 3, delivered: 3 }));
  });
});

describe('a prefix in S3', () => {
  const objects = {
    'in/part-10.jsonl': part(2),
    'in/part-2.jsonl': part(1),
    'in/sub/': '',
    'in/sub/part-1.json': `[${part(3).replaceAll('\n', ',')}]`,
    'in/.hidden/x.jsonl': 'not an input',
    'in/readme.txt': 'not an input',
    'in/old.rejects.jsonl': 'not an input',
    'in-2/a.jsonl': part(4),
    'top.jsonl': part(0),
  };

  it('is read as a folder is: in natural order, over all pages of the listing, and what was left out is listed', async () => {
    const place = new Place();
    const server = await sandbox();
    const s3 = await s3Server('exports', objects);

    const args = ['s3://exports/top.jsonl', 's3://exports/in/', '--concurrency', '1'];
    const run = await place.import(server.url, args, { env: s3.env });

    expect(run.exitCode).toBe(0);
    expect(arrived(server)).toEqual(lines.slice(0, 40));
    expect(run.said).toEqual([
      'Left out: s3://exports/in/.hidden (hidden; name it to import it)',
      'Left out: s3://exports/in/old.rejects.jsonl (a rejects file; name it to import it)',
      'Left out: s3://exports/in/readme.txt (its name does not end in .jsonl, .ndjson, .json (or one of these with .gz), or .zip; name it to import it)',
    ]);
  });

  it('may be a whole bucket, or a pattern; nothing behind it is exit 3', async () => {
    const place = new Place();
    const s3 = await s3Server('exports', objects);
    const read = async (argument: string) => {
      const { exitCode, said, summary } = await place.run(
        ['validate', '--target', 'didomi', '--organization-id', 'acme', '--json', argument],
        { env: s3.env },
      );
      return { exitCode, said, paths: summary.files.map(({ path }) => path.replace('s3://exports/', '')) };
    };

    expect((await read('s3://exports')).paths).toEqual([
      ...['in/part-2.jsonl', 'in/part-10.jsonl', 'in/sub/part-1.json', 'in-2/a.jsonl', 'top.jsonl'],
    ]);
    expect((await read('s3://exports/in/part-*.jsonl')).paths).toEqual(['in/part-2.jsonl', 'in/part-10.jsonl']);
    expect((await read('s3://exports/**/part-1*')).paths).toEqual(['in/part-10.jsonl', 'in/sub/part-1.json']);
    expect(await read('s3://exports/none/')).toEqual({
      exitCode: 3,
      said: [
        'Checking against the rules of didomi. Nothing is sent.',
        'error[nothing_matched]: No input in s3://exports/none/: no key behind it ends in .jsonl, .ndjson, .json (or one of these with .gz), or .zip, or matches the pattern. Check the path; if having nothing to import is fine: --allow-empty',
      ],
      paths: [],
    });
  });

  it('leaves young objects for the next run with --min-age', async () => {
    const place = new Place();
    const server = await sandbox();
    const s3 = await s3Server('exports', { 'in/a.jsonl': part(0) });

    const run = await place.import(server.url, ['s3://exports/in/', 's3://exports/in/a.jsonl', '--min-age', '20000h'], {
      env: s3.env,
    });

    expect([run.exitCode, run.summary.files]).toEqual([0, []]);
    expect(run.said).toEqual([
      'Left out: s3://exports/in/a.jsonl (younger than --min-age; for the next run)',
      'Left out: s3://exports/in/a.jsonl (younger than --min-age; for the next run)',
    ]);
  });
});

describe('S3 that can not be read', () => {
  const CASES: readonly (readonly [string, string, Readonly<Record<string, string | undefined>>, string])[] = [
    [
      'an object that is not there',
      's3://exports/none.jsonl',
      {},
      'error[input_missing]: s3://exports/none.jsonl does not exist. Check the address; a prefix ends in a slash.',
    ],
    [
      'a bucket that is not there',
      's3://other/a.jsonl',
      {},
      'error[input_missing]: s3://other/a.jsonl: there is no such bucket. Check its name.',
    ],
    [
      'no bucket',
      's3:///a.jsonl',
      {},
      'error[input_not_importable]: s3:///a.jsonl names no bucket. Write s3://bucket/key, or s3://bucket/prefix/.',
    ],
    [
      'refused credentials',
      's3://exports/',
      { AWS_ACCESS_KEY_ID: 'OTHER' },
      "error[input_unreadable]: s3://exports/ can't be read: S3 refused (403 InvalidAccessKeyId). Check the AWS credentials and what they may read.",
    ],
    [
      'no credentials',
      's3://exports/a.jsonl',
      { AWS_ACCESS_KEY_ID: undefined, AWS_EC2_METADATA_DISABLED: 'true' },
      "error[input_unreadable]: s3://exports/a.jsonl can't be read: no AWS credentials were found. Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, then run again.",
    ],
    [
      'no region',
      's3://exports/a.jsonl',
      { AWS_REGION: undefined },
      "error[input_unreadable]: s3://exports/a.jsonl can't be read: no AWS region is set. Set AWS_REGION, then run again.",
    ],
    [
      'an endpoint that anyone could read along',
      's3://exports/a.jsonl',
      { AWS_ENDPOINT_URL_S3: 'http://minio.example:9000' },
      "error[input_unreadable]: s3://exports/a.jsonl can't be read: the endpoint is plain http. Use https (plain http only on this machine).",
    ],
    [
      'a server that is not there',
      's3://exports/a.jsonl',
      { AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:1' },
      "error[input_unreadable]: s3://exports/a.jsonl can't be read: the server can't be reached (ECONNREFUSED). Check the address and the network, then run again.",
    ],
  ];

  it.each(CASES)('%s: exit 3, and the next input is read', async (_what, name, env, says) => {
    const place = new Place();
    const server = await sandbox();
    const s3 = await s3Server('exports', { 'a.jsonl': part(0) });
    place.write('good.jsonl', part(1));

    const run = await place.import(server.url, [name, 'good.jsonl'], { env: { ...s3.env, ...env } });

    expect(run.said).toEqual([says]);
    expect(run.exitCode).toBe(3);
    expect(run.summary.events).toEqual(counts({ read: 10, delivered: 10 }));
    expect(run.stdout + run.stderr).not.toContain('a-secret');
  });

  it('without the SDK, which is an optional package: exit 2, with the command that installs it', async () => {
    const place = new Place();
    const program = join(place.folder, 'program');
    mkdirSync(join(program, 'node_modules'), { recursive: true });
    for (const name of ['bin', 'dist', 'package.json'])
      cpSync(join(ROOT, name), join(program, name), { recursive: true });
    for (const name of readdirSync(join(ROOT, 'node_modules'))) {
      if (name !== '@aws-sdk') symlinkSync(join(ROOT, 'node_modules', name), join(program, 'node_modules', name));
    }
    place.write('a.jsonl', part(0));
    const options = { program: join(program, 'bin/consent-import.js') };
    const server = await sandbox();

    const run = await place.import(server.url, ['a.jsonl', 's3://exports/a.jsonl'], options);
    const other = await place.import(server.url, ['a.jsonl'], options);

    expect(run.said).toEqual([
      'error[s3_missing]: To read s3:// addresses, install the AWS SDK beside this program: npm install @aws-sdk/client-s3 (with -g if this program was installed so).',
    ]);
    expect([run.exitCode, other.exitCode]).toEqual([2, 0]);
  });
});
