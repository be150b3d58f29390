/**
 * What the pipeline needs from the outside world. `io` implements these for real, the simulation with a virtual clock,
 * network and disk. Nothing in `core` or `pipeline` reads a clock, draws randomness or opens a file by itself.
 */

export interface Clock {
  /** Milliseconds since the epoch: for what is shown, stored, or compared with a date from the target. */
  now(): number;
  /** Milliseconds from an arbitrary start, never going back: for measuring and waiting. */
  monotonic(): number;
  /** Resolves after `ms`, or at once when `signal` aborts (it never rejects). */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Lets what has already arrived (answers above all) be handled first. */
  yield(): Promise<void>;
}

/** Uniform in [0, 1). */
export type Random = () => number;

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Path and query below the base URL, beginning with '/'. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case; repeated fields joined by ', '. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** The body's end was announced (Content-Length or chunked), so a whole body can be told from a cut-off one. */
  readonly framed: boolean;
}

export type TransportFailure =
  /** No connection was made: the request can't have arrived. */
  | 'unreachable'
  /** The connection broke after (part of) the request may have left. */
  | 'lost'
  /** `--timeout` passed before the last byte of the answer. */
  | 'timeout'
  /** The answer began but broke off, or was larger than we read. */
  | 'incomplete'
  /** We cancelled it (second signal, or the drain time ran out). */
  | 'cancelled';

export class TransportError extends Error {
  override readonly name = 'TransportError';
  readonly failure: TransportFailure;
  /** Of `unreachable`: it will stay so until a setting is changed, so there is no use in trying again. */
  readonly isLasting: boolean;
  constructor(failure: TransportFailure, message: string, options?: ErrorOptions & { readonly isLasting?: boolean }) {
    super(message, options);
    this.failure = failure;
    this.isLasting = options?.isLasting ?? false;
  }
}

export interface Transport {
  /**
   * Sends one request once: no retry, no redirect followed.
   * @throws {TransportError} when no whole answer came.
   */
  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse>;
  /** How many requests were handed over, and did not begin to leave yet; undefined where that is not known. */
  readonly starting?: number;
}
