import { request } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { Certified } from '../fakes/certificates.js';

export interface TlsFront {
  readonly port: number;
  /** Paths that were asked for, but those of the sandbox. */
  readonly asked: readonly string[];
}

/** A TLS server: hands on what is below /v1 to a sandbox, serves files, and answers any other path with OK. Closed after the test. */
export async function tlsFront(
  sandboxUrl: string,
  certified: Certified,
  files: Readonly<Record<string, string>> = {},
): Promise<TlsFront> {
  const asked: string[] = [];
  const server = createServer({ ...certified }, (incoming, outgoing) => {
    const { url = '', method, headers } = incoming;
    if (url.startsWith('/v1')) {
      const onward = request(new URL(url, sandboxUrl), { method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(outgoing);
      });
      onward.on('error', () => outgoing.destroy());
      incoming.pipe(onward);
      return;
    }
    asked.push(url);
    outgoing.end(files[url] ?? 'OK');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, asked };
}
