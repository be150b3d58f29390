import { stat } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { type HttpRequest, TransportError } from '../../src/core/ports.js';
import { type HttpSettings, HttpTransport } from '../../src/io/http-transport.js';

const closers: (() => Promise<unknown> | unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function httpServer(listener: RequestListener): Promise<{ port: number; connections: () => number }> {
  let connections = 0;
  const server = createHttpServer(listener);
  server.on('connection', () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, connections: () => connections };
}

/** A server that speaks bytes. `onRequest` is called once the head of a request has come. */
async function tcpServer(onRequest: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let head = '';
    socket.on('data', (data) => {
      head += data.toString('latin1');
      if (head.includes('\r\n\r\n')) onRequest(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function transportTo(port: number, change: Partial<HttpSettings> & { path?: string } = {}) {
  const transport = new HttpTransport({
    apiUrl: `http://127.0.0.1:${port}${change.path ?? '/v1'}`,
    connections: change.connections ?? 4,
    timeoutMs: change.timeoutMs ?? 10_000,
    keepAliveMs: change.keepAliveMs ?? 4_000,
    surelyFresh: change.surelyFresh ?? false,
    userAgent: 'consent-import/test',
  });
  closers.push(() => transport.close());
  return transport;
}

const REQUEST: HttpRequest = {
  method: 'POST',
  path: '/consents/events?organization_id=a%20b',
  headers: { 'content-type': 'application/json' },
  body: new TextEncoder().encode('[{"n":1234567890123456789}]'),
};

async function failureOf(sent: Promise<unknown>): Promise<TransportError> {
  const error = await sent.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(TransportError);
  return error as TransportError;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

test('a request arrives as it is, behind the path of the base URL, and the answer comes back as it is', async () => {
  const seen: unknown[] = [];
  const { port } = await httpServer(async (request, response) => {
    const { 'content-type': type, 'user-agent': agent, 'content-length': length } = request.headers;
    seen.push([request.method, request.url, type, agent, length, await bodyOf(request)]);
    response.writeHead(201, { 'X-Up': 'a', 'RateLimit-Policy': ['100;w=15', '9;w=1'] }).end('{"é":1}');
  });
  const { status, headers, body, framed } = await transportTo(port, { path: '/request/v1/' }).send(REQUEST);
  expect(seen).toEqual([
    [
      'POST',
      '/request/v1/consents/events?organization_id=a%20b',
      'application/json',
      'consent-import/test',
      '27',
      '[{"n":1234567890123456789}]',
    ],
  ]);
  expect([status, Buffer.from(body).toString(), framed]).toEqual([201, '{"é":1}', true]);
  expect(headers).toMatchObject({ 'x-up': 'a', 'ratelimit-policy': '100;w=15, 9;w=1' });
});

test.each([200, 301, 400, 401, 429, 500, 503])(
  'a %i is an answer: nothing is retried and nothing followed',
  async (status) => {
    let requests = 0;
    const { port } = await httpServer((_, response) => {
      requests += 1;
      response.writeHead(status, { location: '/elsewhere', 'retry-after': '3' }).end('what');
    });
    const answer = await transportTo(port).send(REQUEST);
    expect([answer.status, Buffer.from(answer.body).toString(), answer.headers['retry-after']]).toEqual([
      status,
      'what',
      '3',
    ]);
    expect(requests).toBe(1);
  },
);

test('a connection that was idle for longer than it may be is not used again', async () => {
  const { port, connections } = await httpServer((_, response) => void response.end('{}'));
  const transport = transportTo(port, { connections: 1, keepAliveMs: 100 });
  await transport.send(REQUEST);
  await transport.send(REQUEST);
  expect(connections()).toBe(1);
  await new Promise((resolve) => setTimeout(resolve, 300));
  await transport.send(REQUEST);
  expect(connections()).toBe(2);
});

test('nor is it where the process was held up, if that matters', async () => {
  const { port, connections } = await httpServer((_, response) => void response.end('{}'));
  const transport = transportTo(port, { keepAliveMs: 100, surelyFresh: true });
  await transport.send(REQUEST);
  // The connection is idle from here on.
  await new Promise((resolve) => setTimeout(resolve, 10));
  // What files and sockets have to say comes before the timers that became due meanwhile.
  await new Promise((resolve) => {
    stat('.', () => {
      const until = performance.now() + 150;
      while (performance.now() < until);
      resolve(transport.send(REQUEST));
    });
  });
  expect(connections()).toBe(2);
});

describe('framed tells whether the end of the body was announced', () => {
  test.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]', '[]', true],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n\r\n', '[]', true],
    ['no body at all', 'HTTP/1.1 204 No Content\r\n\r\n', '', true],
    ['an empty body', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', '', true],
    ['the end of the connection', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]', '[]', false],
    ['the end of the connection, with nothing before it', 'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n', '', false],
  ])('%s', async (_, answer, text, isFramed) => {
    const port = await tcpServer((socket) => socket.end(answer));
    const { body, framed } = await transportTo(port).send(REQUEST);
    expect([Buffer.from(body).toString(), framed]).toEqual([text, isFramed]);
  });
});

describe('an answer that breaks off is incomplete', () => {
  test.each([
    ['before its length is reached', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1,2'],
    ['before its last chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n'],
  ])('%s', async (_, answer) => {
    for (const end of ['end', 'reset'] as const) {
      const port = await tcpServer((socket) => {
        socket.write(answer, () => {
          setTimeout(() => (end === 'end' ? socket.end() : socket.resetAndDestroy()), 20);
        });
      });
      const error = await failureOf(transportTo(port).send(REQUEST));
      expect(error.failure).toBe('incomplete');
      expect(error.message).toMatch(/^the answer broke off \(.+\)$/);
    }
  });
});

describe('a connection that breaks before the answer is lost', () => {
  test.each([
    ['reset', (socket: Socket) => void socket.resetAndDestroy()],
    ['closed', (socket: Socket) => void socket.end()],
    ['closed within the head of the answer', (socket: Socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Le')],
    ['answered by something that is not HTTP', (socket: Socket) => void socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
  ])('%s', async (_, act) => {
    const port = await tcpServer(act);
    const error = await failureOf(transportTo(port).send(REQUEST));
    expect(error.failure).toBe('lost');
    expect(error.message).toMatch(/^the connection was lost \(.+\)$/);
  });
});

test('where nothing listens the target is unreachable', async () => {
  const port = await tcpServer(() => undefined);
  for (const close of closers.splice(0)) await close();
  const error = await failureOf(transportTo(port).send(REQUEST));
  expect([error.failure, error.message]).toEqual(['unreachable', 'no connection to the target (ECONNREFUSED)']);
});

test('a name that does not exist is unreachable', async () => {
  const transport = new HttpTransport({
    ...{ apiUrl: 'http://nowhere.invalid', connections: 1, timeoutMs: 10_000, keepAliveMs: 4_000 },
    userAgent: 'consent-import/test',
  });
  closers.push(() => transport.close());
  const error = await failureOf(transport.send(REQUEST));
  expect(error.failure).toBe('unreachable');
  expect(error.message).toMatch(/^no connection to the target \((ENOTFOUND|EAI_AGAIN)\)$/);
});

describe('while a request that the server does not read is being written', () => {
  // More than the sockets between take in.
  const large: HttpRequest = { ...REQUEST, body: new Uint8Array(30_000_000) };

  test('an answer is one', async () => {
    const port = await tcpServer((socket) => {
      socket.pause();
      socket.end('HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 2\r\n\r\n[]');
    });
    const { status, body } = await transportTo(port).send(large);
    expect([status, Buffer.from(body).toString()]).toEqual([413, '[]']);
  });

  test.each([
    ['lost where the connection breaks', '', 'lost'],
    [
      'incomplete where that is in the middle of an answer',
      'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[',
      'incomplete',
    ],
  ])('it is %s', async (_, answer, failure) => {
    const port = await tcpServer((socket) => {
      socket.pause();
      socket.write(answer, () => setTimeout(() => socket.resetAndDestroy(), 20));
    });
    expect((await failureOf(transportTo(port).send(large))).failure).toBe(failure);
  });

  test('the time-out ends it', async () => {
    const port = await tcpServer((socket) => void socket.pause());
    expect((await failureOf(transportTo(port, { timeoutMs: 150 }).send(large))).failure).toBe('timeout');
  });
});

describe('the time-out is that of the last byte', () => {
  test.each([
    ['nothing comes', () => undefined],
    ['the body stops coming', (socket: Socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[1')],
    [
      'the body comes too slowly',
      (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        const drip = setInterval(() => socket.write('1\r\n \r\n'), 20);
        socket.on('close', () => clearInterval(drip));
      },
    ],
  ])('%s', async (_, act) => {
    const port = await tcpServer(act);
    const error = await failureOf(transportTo(port, { timeoutMs: 150 }).send(REQUEST));
    expect([error.failure, error.message]).toEqual(['timeout', 'no whole answer within 150 ms']);
  });
});

describe('cancelling', () => {
  test('ends what is in flight, and closes its connection', async () => {
    let isClosed: (() => void) | undefined;
    const closed = new Promise<void>((resolve) => {
      isClosed = resolve;
    });
    const abort = new AbortController();
    const port = await tcpServer((socket) => {
      socket.on('close', () => isClosed?.());
      abort.abort();
    });
    const error = await failureOf(transportTo(port).send(REQUEST, abort.signal));
    expect([error.failure, error.message]).toEqual(['cancelled', 'cancelled']);
    await closed;
  });

  test('beforehand sends nothing', async () => {
    let requests = 0;
    const { port } = await httpServer(() => {
      requests += 1;
    });
    const error = await failureOf(transportTo(port).send(REQUEST, AbortSignal.abort()));
    expect(error.failure).toBe('cancelled');
    expect(requests).toBe(0);
  });

  test('ends at once a request whose connection does not stand yet', async () => {
    // A server that never says anything of its certificate.
    const port = await tcpServer(() => undefined);
    const abort = new AbortController();
    const transport = new HttpTransport({
      ...{ apiUrl: `https://127.0.0.1:${port}`, connections: 1, timeoutMs: 60_000, keepAliveMs: 4_000 },
      userAgent: 'consent-import/test',
    });
    closers.push(() => transport.close());
    const sent = failureOf(transport.send(REQUEST, abort.signal));
    setTimeout(() => abort.abort(), 50);
    expect((await sent).failure).toBe('cancelled');
    expect(transport.starting).toBe(0);
  });

  test('afterwards changes nothing', async () => {
    const { port } = await httpServer((_, response) => response.end('[]'));
    const abort = new AbortController();
    const transport = transportTo(port);
    await transport.send(REQUEST, abort.signal);
    abort.abort();
    expect((await transport.send(REQUEST)).status).toBe(200);
  });
});

test('connections are used again, and after a failure the next request gets a good one', async () => {
  let requests = 0;
  const server = await httpServer((request, response) => {
    requests += 1;
    if (requests === 11) request.socket.destroy();
    else request.resume().on('end', () => response.end('[]'));
  });
  const transport = transportTo(server.port);
  for (let i = 0; i < 10; i += 1) expect((await transport.send(REQUEST)).status).toBe(200);
  expect(server.connections()).toBeLessThanOrEqual(2);
  expect((await failureOf(transport.send(REQUEST))).failure).toBe('lost');
  expect(requests).toBe(11);
  expect((await transport.send(REQUEST)).status).toBe(200);
});

test('an interim answer is none', async () => {
  const { port } = await httpServer((request, response) => {
    request.resume();
    response.writeProcessing();
    setTimeout(() => response.end('[]'), 20);
  });
  const { status, body } = await transportTo(port).send(REQUEST);
  expect([status, Buffer.from(body).toString()]).toEqual([200, '[]']);
});

test('it tells how many requests have not begun to leave, and what is given up before that never does', async () => {
  let arrived = 0;
  const { port } = await httpServer((request, response) => {
    arrived += 1;
    request.resume();
    response.end('[]');
  });
  const transport = transportTo(port, { connections: 1 });
  const cancel = new AbortController();
  const first = transport.send(REQUEST);
  // Behind the first one on the only connection, which is not made yet.
  const second = failureOf(transport.send(REQUEST, cancel.signal));
  expect(transport.starting).toBe(2);
  cancel.abort();
  expect((await second).failure).toBe('cancelled');
  expect(transport.starting).toBe(1);
  await first;
  await transport.send(REQUEST);
  expect([transport.starting, arrived]).toEqual([0, 2]);
});

test('no more connections are made than allowed, and none waits for another without need', async () => {
  const server = await httpServer((request, response) => {
    request.resume();
    setTimeout(() => response.end('[]'), 20);
  });
  const transport = transportTo(server.port);
  await Promise.all(Array.from({ length: 20 }, () => transport.send(REQUEST)));
  expect(server.connections()).toBe(4);
});

test('an answer larger than any consent API sends is not read to its end', async () => {
  const port = await tcpServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n');
    const piece = Buffer.alloc(1024 * 1024);
    const write = (): void => {
      if (!socket.destroyed) socket.write(piece, write);
    };
    write();
  });
  const error = await failureOf(transportTo(port).send(REQUEST));
  expect([error.failure, error.message]).toEqual([
    'incomplete',
    'the answer broke off (the answer has more than 67108864 bytes)',
  ]);
});
