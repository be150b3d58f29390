import type { Clock, HttpResponse, Transport } from '../core/ports.js';
import { TransportError } from '../core/ports.js';
import type { Tally } from '../core/run.js';
import type { Classified, Target } from '../core/target.js';
import type { Event } from './event.js';

/** What came of one request. */
export type Attempt =
  | {
      readonly kind: 'answered';
      readonly classified: Classified;
      readonly response: HttpResponse;
      readonly rttMs: number;
    }
  /** No whole answer came. */
  | { readonly kind: 'failed'; readonly error: TransportError; readonly rttMs: number };

/** Sends one part of a batch once, and reads the answer. Anything but a {@link TransportError} is a bug and thrown. */
export async function attempt(
  part: readonly Event[],
  token: string,
  ports: { readonly target: Target; readonly transport: Transport; readonly clock: Clock; readonly tally: Tally },
  signal: AbortSignal,
): Promise<Attempt> {
  const { target, transport, clock, tally } = ports;
  const request = target.encode(part, token);
  tally.bytes.sent += request.body?.length ?? 0;
  const sentAt = clock.monotonic();
  try {
    const response = await transport.send(request, signal);
    const classified = target.classify(part, response, clock.now());
    return { kind: 'answered', classified, response, rttMs: clock.monotonic() - sentAt };
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
    return { kind: 'failed', error, rttMs: clock.monotonic() - sentAt };
  }
}
