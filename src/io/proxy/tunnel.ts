import { request as requestHttp } from 'node:http';
import { Agent, request as requestHttps } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls, rootCertificates } from 'node:tls';
import { type ProxyServer, shownProxy } from './choose-proxy.js';

/** No tunnel through the proxy was made, so nothing has reached what is behind it. */
export class TunnelError extends Error {
  override readonly name = 'TunnelError';
  readonly code = 'TUNNEL';
  /** The proxy's answer, when it gave one. */
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface TunnelSettings {
  /** Until the tunnel stands (ms). */
  readonly timeoutMs: number;
  /** Certificates to trust besides the known ones, as PEM. */
  readonly ca?: string | undefined;
}

/** Asks a proxy for a tunnel (CONNECT, RFC 9110 section 9.3.6). @throws {TunnelError} */
export function openTunnel(
  proxy: ProxyServer,
  to: { readonly hostname: string; readonly port: number },
  { timeoutMs, ca }: TunnelSettings,
): Promise<Socket> {
  const { url } = proxy;
  const authority = `${to.hostname}:${to.port}`;
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  const shown = shownProxy(proxy);
  return new Promise((resolve, reject) => {
    const asked = request({
      method: 'CONNECT',
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port),
      path: authority,
      headers: { host: authority, ...credentialsOf(url) },
      agent: false,
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    });
    const silent = setTimeout(
      () => asked.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    asked.once('connect', ({ statusCode = 0 }, socket) => {
      clearTimeout(silent);
      if (statusCode >= 200 && statusCode < 300) {
        resolve(socket as Socket);
        return;
      }
      socket.destroy();
      reject(new TunnelError(`the proxy ${shown} answered with status ${statusCode}`, statusCode));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(silent);
      reject(new TunnelError(`the proxy ${shown} can't be reached: ${error.code ?? error.message}`));
    });
    asked.end();
  });
}

/** The same, with TLS to what is behind the proxy. @throws {TunnelError} and what TLS finds wrong */
export async function openTlsTunnel(
  proxy: ProxyServer,
  to: { readonly hostname: string; readonly port: number },
  settings: TunnelSettings,
): Promise<Socket> {
  const socket = await openTunnel(proxy, to, settings);
  const { ca, timeoutMs } = settings;
  const name = to.hostname.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    const secured = connectTls({
      socket,
      host: name,
      ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
      ALPNProtocols: ['http/1.1'],
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    });
    const silent = setTimeout(
      () => secured.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    secured.once('error', reject);
    secured.once('close', () => clearTimeout(silent));
    secured.once('secureConnect', () => {
      clearTimeout(silent);
      secured.off('error', reject);
      resolve(secured);
    });
  });
}

/** Makes the connection of a node:http request to an https address. */
export function throughProxy(proxy: ProxyServer, { hostname, port }: URL, settings: TunnelSettings) {
  return (_: unknown, done: (error: Error | null, socket: Duplex) => void): undefined => {
    openTlsTunnel(proxy, { hostname, port: port === '' ? 443 : Number(port) }, settings).then(
      (socket) => done(null, socket),
      (error: Error) => done(error, undefined as unknown as Duplex),
    );
  };
}

/** An agent for https that makes each connection through the proxy that its host needs, or directly. */
export function proxyAgent(
  proxyFor: ((url: URL) => ProxyServer | undefined) | undefined,
  settings: TunnelSettings,
): Agent {
  const { ca } = settings;
  const agent = new Agent({ keepAlive: true, ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }) });
  const directly = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => {
    const address = new URL(`https://${options.host ?? 'localhost'}:${options.port ?? 443}`);
    const proxy = proxyFor?.(address);
    if (proxy === undefined || done === undefined) return directly(options, done);
    return throughProxy(proxy, address, settings)(undefined, done as (error: Error | null, socket: Duplex) => void);
  };
  return agent;
}

function credentialsOf({ username, password }: URL): Record<string, string> {
  if (username === '' && password === '') return {};
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(text).toString('base64')}` };
}
