import { setImmediate } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { buildConnector, Pool } from 'undici';
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../core/ports.js';
import { ConnectionError } from './connection-error.js';
import { HttpExchange } from './http-exchange.js';
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

const CONNECT_TIMEOUT_MS = 10_000;

/** Sends requests over HTTP/1.1 with undici, which here is transport only: it retries nothing and follows nothing. */
export class HttpTransport implements Transport {
  readonly #settings: HttpSettings;
  readonly #pool: Pool;
  readonly #basePath: string;
  #starting = 0;

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

  get starting(): number {
    return this.#starting;
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    const { timeoutMs, surelyFresh = false } = this.#settings;
    if (surelyFresh) await whatIsDue();
    this.#starting += 1;
    const exchange = new HttpExchange(() => {
      this.#starting -= 1;
    });
    const onCancel = (): void => exchange.giveUp(new TransportError('cancelled', 'cancelled'));
    const onTimeout = (): void =>
      exchange.giveUp(new TransportError('timeout', `no whole answer within ${timeoutMs} ms`));
    const timer = setTimeout(onTimeout, timeoutMs);
    signal?.addEventListener('abort', onCancel, { once: true });
    try {
      if (signal?.aborted === true) onCancel();
      else this.#dispatch(request, exchange);
      return await exchange.answer;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onCancel);
    }
  }

  #dispatch({ method, path, headers, body }: HttpRequest, exchange: HttpExchange): void {
    this.#pool.dispatch(
      {
        method,
        path: this.#basePath + path,
        headers: { 'user-agent': this.#settings.userAgent, ...headers },
        body: body ?? null,
      },
      exchange,
    );
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
