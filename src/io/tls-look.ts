import type { Socket } from 'node:net';
import { connect, rootCertificates, type TLSSocket } from 'node:tls';
import { ConnectionError } from './connection-error.js';
import type { ProxyServer } from './proxy/choose-proxy.js';
import { openTunnel } from './proxy/tunnel.js';

/** What a server shows of itself when a secure connection is made. */
export interface TlsLook {
  /** `TLSv1.3` */
  readonly protocol: string;
  /** Who certifies it: the issuer's name. */
  readonly issuer: string;
  /** Epoch ms at which its certificate ends. */
  readonly validTo: number;
}

export interface TlsLookSettings {
  readonly timeoutMs: number;
  readonly ca?: string | undefined;
  readonly proxy?: ProxyServer | undefined;
}

/** Makes one secure connection to an https address, sends nothing, and closes it. @throws {ConnectionError} */
export async function lookAtTls(address: URL, settings: TlsLookSettings): Promise<TlsLook> {
  const { timeoutMs, ca, proxy } = settings;
  const host = address.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = address.port === '' ? 443 : Number(address.port);
  try {
    const through =
      proxy === undefined ? undefined : await openTunnel(proxy, { hostname: host, port }, { timeoutMs, ca });
    return await look(host, port, through, timeoutMs, ca);
  } catch (error) {
    throw new ConnectionError(error);
  }
}

function look(
  host: string,
  port: number,
  through: Socket | undefined,
  timeoutMs: number,
  ca: string | undefined,
): Promise<TlsLook> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connect({
      ...(through === undefined ? { host, port } : { socket: through, host }),
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca: [...rootCertificates, ca] }),
    });
    socket.setTimeout(timeoutMs, () => socket.destroy(Object.assign(new Error('silent'), { code: 'ETIMEDOUT' })));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const { issuer, valid_to: validTo } = socket.getPeerCertificate();
      resolve({
        protocol: socket.getProtocol() ?? 'unknown',
        issuer: String(issuer.O ?? issuer.CN ?? 'unknown'),
        validTo: Date.parse(validTo),
      });
      socket.destroy();
    });
  });
}
