import { type HttpResponse, TransportError } from '../core/ports.js';
import { ConnectionError } from './connection-error.js';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** How undici lets a request be ended. */
interface Controller {
  abort(reason: Error): void;
}

/** An answer larger than this is not read to its end: no consent API sends one. */
const MOST_ANSWER_BYTES = 64 * 1024 * 1024;

/**
 * One request and its answer, as undici tells of them (its `DispatchHandler`). A few calls per request, where undici's own
 * `request` makes a stream for each answer.
 */
export class HttpExchange {
  /** Resolves when its last byte was read; else it is rejected with a {@link TransportError}. */
  readonly answer: Promise<HttpResponse>;
  #resolve!: (response: HttpResponse) => void;
  #reject!: (error: TransportError) => void;
  readonly #onStart: () => void;
  #controller: Controller | undefined;
  /** Why it was given up. */
  #given: TransportError | undefined;
  #waits = true;
  #status = 0;
  #headers: Headers = {};
  #chunks: Uint8Array[] = [];
  #size = 0;

  /** @param onStart called once: when the request begins to be written, or never will */
  constructor(onStart: () => void) {
    this.#onStart = onStart;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Ends it at once. A request that was not written yet never will be. */
  giveUp(error: TransportError): void {
    this.#given ??= error;
    this.#controller?.abort(error);
    this.#fail(error);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#given !== undefined) controller.abort(this.#given);
    this.#started();
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    // What comes before an answer ("100 Continue") is none.
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    this.#size += chunk.length;
    if (this.#size > MOST_ANSWER_BYTES) {
      controller.abort(new Error(`the answer has more than ${MOST_ANSWER_BYTES} bytes`));
      return;
    }
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const headers = this.#headers;
    const isFramed =
      headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined || this.#status === 204;
    this.#resolve({
      ...{ status: this.#status, headers: joined(headers), framed: isFramed },
      body: Buffer.concat(this.#chunks),
    });
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#fail(this.#given ?? translate(error, this.#status > 0));
  }

  #fail(error: TransportError): void {
    this.#started();
    this.#reject(error);
  }

  #started(): void {
    if (!this.#waits) return;
    this.#waits = false;
    this.#onStart();
  }
}

function joined(headers: Headers): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) flat[name] = typeof value === 'string' ? value : value.join(', ');
  }
  return flat;
}

function translate(error: Error, isAnswering: boolean): TransportError {
  if (error instanceof ConnectionError) {
    return new TransportError('unreachable', error.message, { cause: error, isLasting: error.isLasting });
  }
  const { code = '', message } = error as NodeJS.ErrnoException;
  const what = code === '' ? message : code;
  return isAnswering
    ? new TransportError('incomplete', `the answer broke off (${what})`, { cause: error })
    : new TransportError('lost', `the connection was lost (${what})`, { cause: error });
}
