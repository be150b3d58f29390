import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import type { Certified } from './certificates.js';

/** One tunnel that was asked for. */
export interface AskedTunnel {
  /** `target.test:443` */
  readonly to: string;
  readonly authorization: string | undefined;
}

export interface ConnectProxy {
  /** `127.0.0.1:4711` */
  readonly host: string;
  readonly tunnels: readonly AskedTunnel[];
}

/**
 * A proxy that makes tunnels (CONNECT), all of them to one port of this machine, whatever host they name: so that a test
 * can have hosts of any name. Closed after the test.
 * @param answer the status it refuses with, instead of making a tunnel
 */
export async function connectProxy(toPort: number, answer?: number, tls?: Certified): Promise<ConnectProxy> {
  const tunnels: AskedTunnel[] = [];
  const open = new Set<Duplex>();
  const server = tls === undefined ? createHttpServer() : createHttpsServer({ ...tls });
  server.on('connect', ({ url = '', headers }: IncomingMessage, client: Duplex) => {
    tunnels.push({ to: url, authorization: headers['proxy-authorization'] });
    open.add(client);
    client.on('error', () => undefined);
    if (answer !== undefined) {
      client.end(`HTTP/1.1 ${answer} No\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    const onward = connect(toPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      onward.pipe(client).pipe(onward);
    });
    open.add(onward);
    onward.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { host: `127.0.0.1:${(server.address() as AddressInfo).port}`, tunnels };
}
