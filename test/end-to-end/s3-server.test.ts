import { spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { events } from './events.js';
import { arrived, Place, sandbox } from './harness.js';

const hasMoto = spawnSync('moto_server', ['--help']).status === 0;
if (!hasMoto) console.warn("Not run: S3 against a server of another make. It needs pip install 'moto[s3,server]'.");

/** A free port. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe.skipIf(!hasMoto)('against moto, a server that we did not write', () => {
  let port: number;
  beforeAll(async () => {
    port = await freePort();
  });

  it('objects, a prefix of more keys than a listing holds, and what is not there are read as told', async () => {
    const url = `http://127.0.0.1:${port}`;
    const moto = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
    onTestFinished(() => void moto.kill());
    const credentials = { accessKeyId: 'a-key', secretAccessKey: 'a-secret' };
    const client = new S3Client({ endpoint: url, region: 'us-east-1', forcePathStyle: true, credentials });
    for (let left = 200; ; left -= 1) {
      const isUp = await client.send(new CreateBucketCommand({ Bucket: 'exports' })).then(
        () => true,
        () => false,
      );
      if (isUp) break;
      if (left === 0) throw new Error('moto does not start');
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    const lines = events(1_060);
    const put = (Key: string, Body: Uint8Array | string) =>
      client.send(new PutObjectCommand({ Bucket: 'exports', Key, Body }));
    await put('a b/ü+1.jsonl', lines.slice(0, 30).join('\n'));
    await put('b.jsonl.gz', gzipSync(lines.slice(30, 60).join('\n')));
    for (let n = 0; n < 1_000; n += 50) {
      const some = lines.slice(60 + n, 110 + n);
      await Promise.all(some.map((line, i) => put(`many/part-${n + i}.jsonl`, line)));
    }
    const place = new Place();
    const server = await sandbox();
    const env = {
      AWS_ENDPOINT_URL: url,
      ...{ AWS_ACCESS_KEY_ID: 'a-key', AWS_SECRET_ACCESS_KEY: 'a-secret', AWS_REGION: 'us-east-1' },
    };

    const args = ['s3://exports/a b/ü+1.jsonl', 's3://exports/b.jsonl.gz', 's3://exports/many/', 's3://exports/no'];
    const run = await place.import(server.url, [...args, '--concurrency', '1'], { env });

    expect(run.said).toEqual([
      'error[input_missing]: s3://exports/no does not exist. Check the address; a prefix ends in a slash.',
    ]);
    expect(run.exitCode).toBe(3);
    expect(arrived(server)).toEqual(lines);
  });
});
