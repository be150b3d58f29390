import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** One request as it came in. */
export interface Seen {
  /** From 1, over the requests of its route. */
  readonly number: number;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
  readonly at: number;
}

export type Answer = (request: Seen, response: ServerResponse) => void;

/** A server that answers as a test wants it to, in ways that the sandbox can't. Closed after the test. */
export interface HandMadeServer {
  readonly url: string;
  readonly sessions: readonly Seen[];
  readonly events: readonly Seen[];
  readonly purposes: readonly Seen[];
  /** Anything else. */
  readonly others: readonly Seen[];
  /** Stops listening, and ends all connections. */
  close(): Promise<void>;
}

/** Hands out `token-1`, `token-2`, … unless `sessions` answers, and has no purposes to list unless `purposes` answers. */
export async function handMadeServer(answers: {
  readonly events: Answer;
  readonly sessions?: Answer;
  readonly purposes?: Answer;
}): Promise<HandMadeServer> {
  const seen = { sessions: [] as Seen[], events: [] as Seen[], purposes: [] as Seen[], others: [] as Seen[] };
  const server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const { url = '' } = request;
    const route = ROUTES.find(([start]) => url.startsWith(start))?.[1] ?? 'others';
    const body = Buffer.concat(chunks).toString('utf8');
    const one: Seen = { number: seen[route].length + 1, url, headers: request.headers, body, at: Date.now() };
    seen[route].push(one);
    const token: Answer = ({ number }, r) => json(r, 200, { access_token: `token-${number}` });
    const none: Answer = (_, r) => json(r, 200, { data: [], total: 0 });
    const { sessions = token, events, purposes = none } = answers;
    const answer = { sessions, events, purposes, others: notFound }[route];
    answer(one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/v1`, ...seen, close };
}

const ROUTES = [
  ['/v1/sessions', 'sessions'],
  ['/v1/consents/events?', 'events'],
  ['/v1/metadata/purposes?', 'purposes'],
] as const;

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, value: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value));
}

/** Takes all events of a request. */
export const takesAll: Answer = ({ body }, response) => json(response, 200, JSON.parse(body));

const notFound: Answer = (_, response) =>
  json(response, 404, { code: 404, name: 'NotFound', message: 'Page not found' });
