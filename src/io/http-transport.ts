import { setImmediate } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../core/ports.js';
import { ConnectionError } from './connection-error.js';
import type { ProxyServer } from './proxy/choose-proxy.js';
import { openTunnel } from './proxy/tunnel.js';

export interface HttpSettings {
  /** Base URL of the API; the paths of requests are put behind its own path. */
  readonly apiUrl: string;
  /** Most connections. */
  readonly connections: number;
  /** One request, from sending to the last byte of the answer (ms). */
  readonly timeoutMs: number;
  /** A connection that was idle for longer is not used again (ms). */
  readonly keepAliveMs: number;
  /**
   * Holds that also when this process was held up meanwhile (it was stopped, or busy for long), at the cost of two turns
   * of the event loop per request: for requests that must not be lost on a connection that the server has left.
   */
  readonly surelyFresh?: boolean;
  /** Certificates (PEM) of an authority to trust besides the known ones: a company's own, say. */
  readonly ca?: string | undefined;
  /** What connections are made through, if not directly. */
  readonly proxy?: ProxyServer | undefined;
  /** Sent with every request. */
  readonly userAgent: string;
}

/** An answer larger than this is not read to its end: no consent API sends one. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;
const CONNECT_TIMEOUT_MS = 10_000;

/** Sends requests over HTTP/1.1 with undici, which here is transport only: it retries nothing and follows nothing. */
export class HttpTransport implements Transport {
  readonly #settings: HttpSettings;
  readonly #pool: Pool;
  readonly #basePath: string;

  constructor(settings: HttpSettings) {
    const url = new URL(settings.apiUrl);
    this.#settings = settings;
    this.#basePath = url.pathname.replace(/\/+$/, '');
    this.#pool = new Pool(url.origin, {
      connections: settings.connections,
      pipelining: 1,
      keepAliveTimeout: settings.keepAliveMs,
      keepAliveMaxTimeout: settings.keepAliveMs,
      // The time-out of a request is ours: from sending to the last byte.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: connector(settings),
    });
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    const { timeoutMs, surelyFresh = false } = this.#settings;
    if (surelyFresh) await whatIsDue();
    const abort = new AbortController();
    let ended: 'timeout' | 'cancelled' | undefined;
    const end = (how: 'timeout' | 'cancelled'): void => {
      ended ??= how;
      abort.abort();
    };
    const timer = setTimeout(() => end('timeout'), timeoutMs);
    const onCancel = (): void => end('cancelled');
    signal?.addEventListener('abort', onCancel, { once: true });
    if (signal?.aborted === true) end('cancelled');
    let answering = false;
    try {
      const response = await this.#pool.request({
        method: request.method,
        path: this.#basePath + request.path,
        headers: { 'user-agent': this.#settings.userAgent, ...request.headers },
        body: request.body ?? null,
        signal: abort.signal,
      });
      answering = true;
      return await read(response);
    } catch (error) {
      if (ended === 'timeout') throw new TransportError('timeout', `no whole answer within ${timeoutMs} ms`);
      if (ended === 'cancelled') throw new TransportError('cancelled', 'cancelled');
      throw translate(error, answering);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onCancel);
    }
  }

  /** Closes all connections, once nothing is in flight. */
  async close(): Promise<void> {
    await this.#pool.destroy();
  }
}

/**
 * Resolves when every timer that is due has rung, and what the sockets have to say was heard: the first turn may begin
 * behind both.
 */
async function whatIsDue(): Promise<void> {
  await setImmediate();
  await setImmediate();
}

/** Makes connections, through the proxy if there is one. Whatever fails here, no request has left. */
function connector({ ca, proxy, timeoutMs }: HttpSettings): buildConnector.connector {
  const timeout = Math.min(CONNECT_TIMEOUT_MS, timeoutMs);
  // Besides those that Node knows, not in place of them.
  const connect = buildConnector({ timeout, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) });
  return (options, callback) => {
    const told: buildConnector.Callback = (...[error, socket]) => {
      if (error === null) callback(null, socket);
      else callback(new ConnectionError(error), null);
    };
    if (proxy === undefined) {
      connect(options, told);
      return;
    }
    const to = { hostname: options.hostname, port: Number(options.port || 443) };
    openTunnel(proxy, to, { timeoutMs: timeout, ca }).then(
      (httpSocket) => connect({ ...options, httpSocket }, told),
      (error: Error) => told(error, null),
    );
  };
}

async function read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<HttpResponse> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MOST_ANSWER_BYTES) throw new Error(`the answer has more than ${MOST_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  const framed =
    headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined || statusCode === 204;
  return { status: statusCode, headers: joined(headers), body: Buffer.concat(chunks), framed };
}

function joined(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function translate(error: unknown, answering: boolean): TransportError {
  if (error instanceof ConnectionError) {
    return new TransportError('unreachable', error.message, { cause: error, isLasting: error.isLasting });
  }
  const { code = '', message } = error as NodeJS.ErrnoException;
  const what = code === '' ? message : code;
  return answering
    ? new TransportError('incomplete', `the answer broke off (${what})`, { cause: error })
    : new TransportError('lost', `the connection was lost (${what})`, { cause: error });
}
