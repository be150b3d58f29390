/**
 * What goes in and out of the sandbox, free of node:http, so that the HTTP server and a simulation without any network
 * drive the same stand-ins.
 */

export interface SandboxRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface SandboxResponse {
  readonly status: number;
  /** Names in lower case. `content-length` is added by whoever sends it. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** How one request ends. */
export type Ending =
  | {
      readonly kind: 'response';
      readonly response: SandboxResponse;
      /** Announce more bytes than are sent, then break the connection. */
      readonly cutOff: boolean;
      /** Close the connection when it was idle for so long after this answer. */
      readonly closeIdleMs: number | undefined;
    }
  /** The connection is reset without an answer. */
  | { readonly kind: 'reset' }
  /** No answer, ever; the connection stays open until the client closes it. */
  | { readonly kind: 'silence' };

/** A request that was taken, and when and how it will end. */
export interface Pending {
  /** Number of the request, from 1, over all routes of the stand-ins. */
  readonly number: number;
  /** Milliseconds to wait before `end` is called. */
  readonly delayMs: number;
  /** Decides the ending. Call it once, `delayMs` after the arrival. */
  end(nowMs: number): Ending;
}

const encoder = new TextEncoder();

export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
    body: encoder.encode(JSON.stringify(value)),
  };
}

export function htmlResponse(
  status: number,
  html: string,
  headers: Readonly<Record<string, string>> = {},
): SandboxResponse {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', ...headers }, body: encoder.encode(html) };
}
