import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { ControlResponse } from './control-routes.js';
import type { Ending, Pending, SandboxRequest } from './exchange.js';

/** What the HTTP server hands on. */
export interface Behind {
  handle(request: SandboxRequest): Pending;
  finished(number: number): void;
  now(): number;
  control(method: string, url: URL): ControlResponse;
  connectionOpened(): void;
  connectionClosed(): void;
  /** Milliseconds from the first request in which the port is closed. */
  closedPeriods(): readonly (readonly [number, number])[];
}

/** A thin HTTP server: it reads whole requests, hands them on, and plays each ending on its connection. */
export class HttpShell {
  readonly #behind: Behind;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #address: AddressInfo | undefined;
  #started = false;
  #closed = false;

  constructor(behind: Behind) {
    this.#behind = behind;
    this.#server = createServer({ keepAliveTimeout: 65_000, requestTimeout: 0 }, (request, response) =>
      this.#serve(request, response),
    );
    // A port that was closed for an outage and is taken by then stays closed: to the client the outage goes on.
    this.#server.on('error', () => undefined);
    this.#server.on('connection', (socket) => this.#connected(socket));
  }

  /** @throws when the port is taken */
  async listen(port: number, host: string): Promise<AddressInfo> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
    const address = this.#server.address() as AddressInfo;
    this.#address = address;
    return address;
  }

  /** Breaks all connections and frees the port. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #connected(socket: Socket): void {
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    this.#behind.connectionOpened();
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#behind.connectionClosed();
    });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://sandbox');
      const method = request.method ?? 'GET';
      if (url.pathname.startsWith('/_sandbox')) {
        const { status, contentType, body } = this.#behind.control(method, url);
        response.writeHead(status, { 'content-type': contentType });
        Readable.from(body).pipe(response);
        return;
      }
      this.#startClosedPeriods();
      const pending = this.#behind.handle({
        method,
        path: url.pathname,
        query: url.searchParams,
        headers: flat(request.headers),
        // A copy, for what is kept of it must not hold on to the socket's larger buffers.
        body: Buffer.concat(chunks),
      });
      response.on('close', () => this.#behind.finished(pending.number));
      this.#after(pending.delayMs, () => {
        const ending = pending.end(this.#behind.now());
        if (!response.destroyed) this.#play(ending, request.socket, response);
      });
    });
  }

  #play(ending: Ending, socket: Socket, response: ServerResponse): void {
    if (ending.kind === 'silence') return;
    if (ending.kind === 'reset') {
      socket.resetAndDestroy();
      return;
    }
    const { status, headers, body } = ending.response;
    response.writeHead(status, { ...headers, 'content-length': body.length + (ending.cutOff ? 100 : 0) });
    if (ending.cutOff) {
      response.write(body, () => socket.destroy());
      return;
    }
    response.end(body);
    const { closeIdleMs } = ending;
    if (closeIdleMs !== undefined) response.on('finish', () => this.#closeWhenIdle(socket, closeIdleMs));
  }

  #closeWhenIdle(socket: Socket, ms: number): void {
    const readBefore = socket.bytesRead;
    this.#after(ms, () => {
      if (socket.bytesRead === readBefore) socket.destroy();
    });
  }

  /** The script's clock starts with the first request, and so do the timers that close the port. */
  #startClosedPeriods(): void {
    if (this.#started) return;
    this.#started = true;
    for (const [from, to] of this.#behind.closedPeriods()) {
      this.#after(from, () => {
        if (this.#server.listening) this.#server.close();
        for (const socket of this.#sockets) socket.resetAndDestroy();
      });
      this.#after(to, () => {
        const { port, address } = this.#address!;
        if (!this.#closed && !this.#server.listening) this.#server.listen(port, address);
      });
    }
  }

  #after(ms: number, act: () => void): void {
    if (ms <= 0) {
      act();
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

function flat(headers: IncomingMessage['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
