import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { DamagedInput } from '../../../../src/io/inputs/damaged-input.js';
import { RemoteInput } from '../../../../src/io/inputs/remote/remote-input.js';
import { type RemoteSettings, resolveInputs } from '../../../../src/io/inputs/resolve.js';
import { mayLead } from '../../../../src/io/inputs/url/address.js';
import { NEVER, readAll } from '../collect.js';
import { lines } from '../gzip-builder.js';
import { zip } from '../zip/zip-builder.js';

type Answer = (request: IncomingMessage, response: ServerResponse, turn: number) => void;

/** A server on this machine; its requests are kept. */
async function serve(answer: Answer): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response, requests.length);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const TEXT = lines(5_000);
const spooled: [string, number | undefined][] = [];
const settings = (spools = false): RemoteSettings => ({
  ...{ timeoutMs: 500, resumeWaitMs: 1, userAgent: 'test', pathStyle: true },
  spools,
  onSpool: (...told) => spooled.push(told),
});

async function open(url: string, spools = false): Promise<RemoteInput> {
  const { inputs } = await resolveInputs([url], { stdin: undefined as never, remote: settings(spools) });
  expect(inputs).toEqual([expect.any(RemoteInput)]);
  return inputs[0] as RemoteInput;
}

async function importUrl(url: string, spools = false) {
  const input = await open(url, spools);
  onTestFinished(() => input.close());
  const inspection = await input.inspect(NEVER);
  return { input, inspection, ...(await readAll(input)) };
}

describe('an input at an address', () => {
  it('is read as a stream, plain and gzip, with its hash', async () => {
    for (const body of [Buffer.from(TEXT), gzipSync(TEXT)]) {
      const { url } = await serve((_request, response) => response.end(body));
      const { input, inspection, bytes, chunks, error } = await importUrl(`${url}/a.jsonl?token=secret`);
      expect([inspection, error]).toEqual([undefined, undefined]);
      expect(bytes.toString()).toBe(TEXT);
      expect(chunks.at(-1)!.storedBytesRead).toBe(body.length);
      expect(input.info.path).toBe(`${url}/a.jsonl`);
      expect(input.sha256()).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('is taken up again where the connection broke', async () => {
    const body = Buffer.from(TEXT);
    const half = 100_000;
    const { url, requests } = await serve((request, response, turn) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const range = from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {};
      response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': body.length - from, ...range });
      if (turn === 3) response.end(body.subarray(from));
      else response.write(body.subarray(from, from + half), () => setTimeout(() => response.destroy(), 20));
    });
    const { bytes, error } = await importUrl(`${url}/a.jsonl`);
    expect(error).toBeUndefined();
    expect(bytes.toString()).toBe(TEXT);
    expect(requests.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
      [undefined, undefined],
      [`bytes=${half}-`, '"v1"'],
      [`bytes=${2 * half}-`, '"v1"'],
    ]);
  });

  it('is taken up again by its date where it has no tag, when the server is back, and though the reader was slow', async () => {
    const body = Buffer.from(TEXT);
    const { url, requests } = await serve((request, response, turn) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
      const dates = { date: 'Tue, 10 Nov 2026 10:00:00 GMT', 'last-modified': 'Tue, 10 Nov 2026 09:00:00 GMT' };
      if (turn === 2) return void response.writeHead(503).end();
      if (turn === 3) return void response.destroy();
      response.writeHead(from > 0 ? 206 : 200, {
        ...dates,
        'content-length': body.length - from,
        'content-range': `bytes ${from}-${body.length - 1}/${body.length}`,
      });
      if (from > 0) response.end(body.subarray(from));
      else response.write(body.subarray(0, 100_000), () => setTimeout(() => response.destroy(), 20));
    });
    const input = await open(`${url}/a.jsonl`);
    await input.inspect(NEVER);
    let text = '';
    for await (const { bytes } of input.read(NEVER)) {
      // Longer than the silence that a server is allowed.
      if (text === '') await new Promise((resolve) => setTimeout(resolve, 700));
      text += Buffer.from(bytes).toString();
    }
    expect(text).toBe(TEXT);
    expect(requests.slice(1).map(({ headers }) => headers['if-range'])).toEqual(
      Array.from({ length: 3 }, () => 'Tue, 10 Nov 2026 09:00:00 GMT'),
    );
  });

  it('that falls silent on its way is taken up again, or cut off where it can not be', async () => {
    const body = Buffer.from(TEXT);
    for (const tag of ['"v1"', 'W/"v1"']) {
      const { url, requests } = await serve((request, response) => {
        const isFirst = request.headers.range === undefined;
        const range = isFirst ? {} : { 'content-range': `bytes 1000-${body.length - 1}/${body.length}` };
        const length = isFirst ? body.length : body.length - 1000;
        response.writeHead(isFirst ? 200 : 206, { etag: tag, 'content-length': length, ...range });
        if (isFirst) response.write(body.subarray(0, 1000));
        else response.end(body.subarray(1000));
      });
      const { bytes, error } = await importUrl(`${url}/a.jsonl`);
      if (tag === '"v1"') expect([bytes.toString(), error]).toEqual([TEXT, undefined]);
      else {
        expect(bytes.toString()).toBe(TEXT.slice(0, 1000));
        expect(error?.damage.code).toBe('cut_off');
        expect(requests).toHaveLength(1);
      }
    }
  });

  it('that broke off and changed meanwhile is cut off', async () => {
    const { url } = await serve((_request, response, turn) => {
      response.writeHead(200, { etag: `"v${turn}"`, 'content-length': 1000 });
      response.write(lines(1), () => setTimeout(() => response.destroy(), 20));
    });
    const { error, bytes } = await importUrl(`${url}/a.jsonl`);
    expect(bytes.toString()).toBe(lines(1));
    expect(error?.damage).toEqual({
      code: 'cut_off',
      message: `${url}/a.jsonl broke off after ${lines(1).length} of 1,000 bytes. Get the file again and run the same command; what was delivered is not sent twice.`,
    });
  });

  it('that is gzip and broke off is decoded up to there, and the lines that were not checked are named', async () => {
    const packed = gzipSync(TEXT);
    const half = Math.floor(packed.length / 2);
    const { url } = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': packed.length });
      response.write(packed.subarray(0, half), () => setTimeout(() => response.destroy(), 20));
    });
    const { error, bytes } = await importUrl(`${url}/a.jsonl.gz`);
    expect(TEXT.startsWith(bytes.toString())).toBe(true);
    const whole = bytes.toString().split('\n').length - 1;
    expect(whole).toBeGreaterThan(1_000);
    expect(error?.damage).toEqual({
      code: 'cut_off',
      message: `${url}/a.jsonl.gz broke off after ${half.toLocaleString('en-US')} of ${packed.length.toLocaleString('en-US')} bytes. Get the file again and run the same command; what was delivered is not sent twice. Lines 1 to ${whole.toLocaleString('en-US')} left unchecked, for the input was not checked before it was read: compare with the good file.`,
    });
  });

  it('that is silent is given up', async () => {
    const { url } = await serve(() => undefined);
    const { inspection } = await importUrl(`${url}/a.jsonl`);
    expect(inspection?.damage?.message).toBe(
      `${url}/a.jsonl can't be read: the server can't be reached (ETIMEDOUT). Check the address and the network, then run again.`,
    );
  });

  it('is found behind redirects, but not where anyone could read along', async () => {
    const { url } = await serve((request, response) => {
      if (request.url === '/a') response.writeHead(302, { location: '/b' }).end();
      else if (request.url === '/b') response.end(lines(1));
      else if (request.url === '/out') response.writeHead(301, { location: 'http://example.com/a' }).end();
      else if (request.url === '/odd') response.writeHead(302, { location: 'http://[' }).end();
      else response.writeHead(302, { location: '/circle' }).end();
    });
    expect((await importUrl(`${url}/a`)).bytes.toString()).toBe(lines(1));
    expect((await importUrl(`${url}/out`)).inspection?.damage?.message).toBe(
      `${url}/out is not read, or leads to an address that is not read: only https:// and s3:// are (http:// on this machine). Download it by hand and import the file.`,
    );
    expect((await importUrl(`${url}/odd`)).inspection?.damage?.code).toBe('not_importable');
    expect((await importUrl(`${url}/circle`)).inspection?.damage?.message).toBe(
      `${url}/circle leads in a circle of redirects. Check the address.`,
    );
  });

  it.each([
    ['https://a.example/x', 'https://b.example/y', true],
    ['https://a.example/x', 'http://a.example/x', false],
    ['https://a.example/x', 'http://127.0.0.1:9000/x', false],
    ['https://a.example/x', 'https://localhost/x', false],
    ['http://127.0.0.1:1/x', 'http://[::1]:2/y', true],
    ['http://127.0.0.1:1/x', 'https://a.example/y', true],
    ['https://a.example/x', 'ftp://a.example/x', false],
    ['https://a.example/x', 'file:///etc/passwd', false],
  ])('at %s is followed to %s: %s', (from, to, follows) => {
    expect(mayLead(new URL(from), new URL(to))).toBe(follows);
  });

  it.each([
    [404, 'missing', 'does not exist (status 404). Check the address.'],
    [403, 'unreadable', "can't be read: the server answered with status 403. Get an address that is still valid."],
    [500, 'unreadable', "can't be read: the server answered with status 500. Try again later."],
  ])('that answers %i is %s', async (status, code, says) => {
    const { url } = await serve((_request, response) => response.writeHead(status).end('no'));
    const { inspection, bytes } = await importUrl(`${url}/a`);
    expect(inspection?.damage).toEqual({ code, message: `${url}/a ${says}` });
    expect(bytes.length).toBe(0);
  });

  it('is stored in a private temporary file first when it is a zip archive, or read twice', async () => {
    const temp = mkdtempSync(join(tmpdir(), 'spool-'));
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = temp;
    onTestFinished(() => {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
      rmSync(temp, { recursive: true });
    });
    const archive = zip([{ name: 'a.jsonl', content: TEXT }]);
    for (const [body, spools] of [
      [archive, false],
      [Buffer.from(TEXT), true],
    ] as const) {
      spooled.length = 0;
      const { url } = await serve((_request, response) => response.end(body));
      const { input, bytes, error } = await importUrl(`${url}/a`, spools);
      expect([bytes.toString(), error]).toEqual([TEXT, undefined]);
      expect(spooled).toEqual([[`${url}/a`, body.length]]);
      expect(readdirSync(temp)).toHaveLength(1);
      expect((await readAll(input)).bytes.toString()).toBe(TEXT);
      await input.close();
      expect(readdirSync(temp)).toEqual([]);
    }
    expect(existsSync(temp)).toBe(true);
  });

  it('is refused unless it is https, and shown without its secrets', async () => {
    const { inputs } = await resolveInputs(['https://u:p@h/a?b#c', 'http://h/a', 'ftp://h/a'], {
      stdin: undefined as never,
      remote: settings(),
    });
    expect(inputs.map(({ info }) => info.path)).toEqual(['https://h/a', 'http://h/a', 'ftp://h/a']);
    expect(inputs.map((input) => input instanceof DamagedInput)).toEqual([false, true, true]);
  });
});
