import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { ProxyServer } from './proxy/choose-proxy.js';
import { TunnelError, throughProxy } from './proxy/tunnel.js';

export interface PingSettings {
  /** For the whole call (ms). */
  readonly timeoutMs: number;
  /** Certificates to trust besides the known ones, as PEM. */
  readonly ca?: string | undefined;
  readonly proxy?: ProxyServer | undefined;
  readonly userAgent: string;
}

/** The call was not answered with a success. */
export class PingError extends Error {
  override readonly name = 'PingError';
}

/** Calls an address once, with GET, and wants nothing of the answer but that it is a success. @throws {PingError} */
export function ping(url: URL, { timeoutMs, ca, proxy, userAgent }: PingSettings): Promise<void> {
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const fail = (error: unknown): void => reject(new PingError(causeOf(error)));
    const sent = request(url, {
      headers: { 'user-agent': userAgent },
      signal: AbortSignal.timeout(timeoutMs),
      ...(proxy === undefined
        ? { agent: false, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) }
        : { createConnection: throughProxy(proxy, url, { timeoutMs, ca }) }),
    });
    sent.once('response', (response) => {
      const { statusCode = 0 } = response;
      response.once('error', fail).resume();
      response.once('end', () => {
        if (statusCode >= 200 && statusCode < 300) resolve();
        else reject(new PingError(`status ${statusCode}`));
      });
    });
    sent.on('error', fail);
    sent.end();
  });
}

function causeOf(error: unknown): string {
  if (error instanceof TunnelError) return error.message;
  const { code, name, message } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError') return 'no answer in time';
  return typeof code === 'string' ? code : message;
}
