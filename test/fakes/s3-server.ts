import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What an S3 server is asked, and what it does besides answering well. */
export interface S3Server {
  readonly url: string;
  /** `GET /bucket/key range`, in order. */
  readonly requests: readonly string[];
  readonly objects: Map<string, Buffer>;
  /** The next answers with an object break off after so many of their bytes. */
  readonly breaksAfter: number[];
  /** Environment that leads the AWS SDK here. */
  readonly env: Readonly<Record<string, string>>;
}

const PAGE_KEYS = 3;
const MODIFIED = 'Tue, 10 Nov 2026 09:00:00 GMT';

/** The part of S3's protocol that reading needs: one bucket, listed in pages, objects with ranges and tags. */
export async function s3Server(bucket: string, objects: Readonly<Record<string, Buffer | string>>): Promise<S3Server> {
  const requests: string[] = [];
  const breaksAfter: number[] = [];
  const kept = new Map(Object.entries(objects).map(([key, content]) => [key, Buffer.from(content)]));
  const server = createServer((request, response) => answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = {
    AWS_ENDPOINT_URL_S3: url,
    ...{ AWS_ACCESS_KEY_ID: 'A-KEY', AWS_SECRET_ACCESS_KEY: 'a-secret', AWS_REGION: 'eu-central-1' },
  };
  return { url, requests, objects: kept, breaksAfter, env };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url!, 'http://s3');
    const [, asked, ...rest] = pathname.split('/').map(decodeURIComponent);
    const key = rest.join('/');
    requests.push([request.method, pathname, request.headers.range].filter((part) => part !== undefined).join(' '));
    if (!/^AWS4-HMAC-SHA256 Credential=A-KEY\//.test(request.headers.authorization ?? '')) {
      fail(response, 403, 'InvalidAccessKeyId');
    } else if (asked !== bucket) fail(response, 404, 'NoSuchBucket');
    else if (key === '') list(response, searchParams);
    else object(request, response, key);
  }

  function list(response: ServerResponse, asked: URLSearchParams): void {
    const keys = [...kept.keys()].filter((key) => key.startsWith(asked.get('prefix') ?? '')).sort();
    const from = Number(asked.get('continuation-token') ?? 0);
    const page = keys.slice(from, from + PAGE_KEYS);
    const next = from + page.length;
    const token = next < keys.length ? `<NextContinuationToken>${next}</NextContinuationToken>` : '';
    const contents = page.map(
      (key) =>
        `<Contents><Key>${escaped(key)}</Key><LastModified>${new Date(MODIFIED).toISOString()}</LastModified><Size>${kept.get(key)!.length}</Size></Contents>`,
    );
    response.setHeader('content-type', 'application/xml');
    response.end(
      `<?xml version="1.0"?><ListBucketResult><IsTruncated>${token !== ''}</IsTruncated>${contents.join('')}${token}</ListBucketResult>`,
    );
  }

  function object(request: IncomingMessage, response: ServerResponse, key: string): unknown {
    const bytes = kept.get(key);
    if (bytes === undefined) return fail(response, 404, 'NoSuchKey');
    const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
    const wanted = request.headers['if-match'];
    if (wanted !== undefined && wanted !== etag) return fail(response, 412, 'PreconditionFailed');
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = from > 0 ? { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` } : {};
    response.writeHead(from > 0 ? 206 : 200, {
      ...{ etag, 'last-modified': MODIFIED, 'content-length': bytes.length - from },
      ...range,
    });
    if (request.method === 'HEAD') return response.end();
    const length = breaksAfter.shift();
    if (length === undefined) return response.end(bytes.subarray(from));
    return response.write(bytes.subarray(from, from + length), () => setTimeout(() => response.destroy(), 20));
  }
}

function fail(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>what the server says</Message></Error>`);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
