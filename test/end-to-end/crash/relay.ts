import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What has just happened to the n-th request: it came in; the target acted on it; its answer left. */
export type Happened = 'arrived' | 'acted on' | 'answered';

/** Stands between the program and a server, and tells what happens. Closed after the test. @returns its URL */
export async function relay(to: string, onEvent: (what: Happened, nth: number) => void): Promise<string> {
  const target = new URL(to);
  let count = 0;
  const server = createServer((request, response) => {
    count += 1;
    const nth = count;
    onEvent('arrived', nth);
    const { method, url, headers } = request;
    const onward = httpRequest({ host: target.hostname, port: target.port, method, path: url, headers }, (answer) => {
      onEvent('acted on', nth);
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response).on('finish', () => onEvent('answered', nth));
      answer.on('error', () => response.destroy());
    });
    onward.on('error', () => response.destroy());
    request.on('error', () => onward.destroy());
    request.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${port}${target.pathname}`;
}
