import type { Finding } from '../core/rejection.js';
import type { Stop } from '../core/run.js';
import type { Event } from './event.js';

/** How one event's way ended. */
export type End =
  | { readonly kind: 'delivered'; readonly returned: unknown }
  | { readonly kind: 'duplicate' }
  /** Sent, and nobody knows whether it was taken; it must not be sent twice. */
  | { readonly kind: 'inDoubt' }
  | { readonly kind: 'refused'; readonly errors: readonly Finding[] };

const DELIVERED: End = { kind: 'delivered', returned: undefined };

/** @param returned what the target returned for the event; where that is nothing, as mostly, one end serves for all */
export function delivered(returned: unknown): End {
  return returned === undefined ? DELIVERED : { kind: 'delivered', returned };
}

export interface Ended {
  readonly event: Event;
  readonly end: End;
}

/** What an answer did, besides changing the task. */
export interface Aftermath {
  readonly ended: readonly Ended[];
  readonly stop?: Stop;
  /** What went wrong, for the message when the run gives up. */
  readonly trouble?: string;
}

/** Was all that was sent taken, and nothing else to be learned from the answer? */
export function isAllDelivered({ ended, stop }: Aftermath, sent: readonly Event[]): boolean {
  return stop === undefined && ended.length === sent.length && ended.every(({ end }) => end.kind === 'delivered');
}
