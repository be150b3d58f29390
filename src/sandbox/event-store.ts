import type { SandboxStats } from './stats.js';

/** One event of one request that the stand-in acted on. */
export interface Arrival {
  /** Arrival order over all requests, from 1. */
  readonly number: number;
  /** The event's own id, or the one it was given. */
  readonly id: string;
  readonly organization: string;
  /** Number of the request that brought it. */
  readonly request: number;
  readonly atMs: number;
  readonly outcome: 'accepted' | 'resent' | 'refused' | 'deleted';
  /** Why it was refused, or what is odd about it. */
  readonly note: string | undefined;
  /** Its bytes exactly as received. */
  readonly bytes: Uint8Array;
}

export type NewArrival = Omit<Arrival, 'number' | 'bytes' | 'outcome' | 'note'>;

interface Stored extends Omit<Arrival, 'bytes' | 'outcome'> {
  outcome: Arrival['outcome'];
  readonly body: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * What arrived, in order. An id is kept once per organization: the first arrival wins, later ones are resends, whatever
 * they hold. Events share the memory of their request's body.
 */
export class EventStore {
  #arrivals: Stored[] = [];
  #byId = new Map<string, Stored>();
  #altered = 0;

  has(organization: string, id: string): boolean {
    return this.#byId.has(keyOf(organization, id));
  }

  find(organization: string, id: string): Arrival | undefined {
    const stored = this.#byId.get(keyOf(organization, id));
    return stored === undefined ? undefined : toArrival(stored);
  }

  /** All that are kept, in the order of acceptance. */
  *kept(organization: string): Generator<Arrival> {
    for (const stored of this.#byId.values()) if (stored.organization === organization) yield toArrival(stored);
  }

  /** Lets go of an event. Returns whether it was there. */
  delete(organization: string, id: string): boolean {
    const key = keyOf(organization, id);
    const stored = this.#byId.get(key);
    if (stored === undefined) return false;
    stored.outcome = 'deleted';
    return this.#byId.delete(key);
  }

  /** Keeps an event, or counts it as a resend. */
  accept(event: NewArrival, body: Uint8Array, start: number, end: number): 'accepted' | 'resent' {
    const key = keyOf(event.organization, event.id);
    const first = this.#byId.get(key);
    if (first === undefined) {
      this.#byId.set(key, this.#add(event, 'accepted', undefined, body, start, end));
      return 'accepted';
    }
    const same = equalBytes(first.body.subarray(first.start, first.end), body.subarray(start, end));
    if (!same) this.#altered++;
    this.#add(event, 'resent', same ? undefined : 'other content', body, start, end);
    return 'resent';
  }

  refuse(event: NewArrival, note: string, body: Uint8Array, start: number, end: number): void {
    this.#add(event, 'refused', note, body, start, end);
  }

  *arrivals(wanted: (outcome: Arrival['outcome']) => boolean): Generator<Arrival> {
    for (const stored of this.#arrivals) if (wanted(stored.outcome)) yield toArrival(stored);
  }

  counts(): SandboxStats['events'] {
    const counts = { accepted: 0, resent: 0, refused: 0, deleted: 0 };
    for (const stored of this.#arrivals) counts[stored.outcome]++;
    const { deleted, ...rest } = counts;
    return { ...rest, resentAltered: this.#altered, ...(deleted > 0 && { deleted }) };
  }

  reset(): void {
    this.#arrivals = [];
    this.#byId = new Map();
    this.#altered = 0;
  }

  #add(
    event: NewArrival,
    outcome: Arrival['outcome'],
    note: string | undefined,
    body: Uint8Array,
    start: number,
    end: number,
  ): Stored {
    const { id, organization, request, atMs } = event;
    const number = this.#arrivals.length + 1;
    const stored: Stored = { number, id, organization, request, atMs, outcome, note, body, start, end };
    this.#arrivals.push(stored);
    return stored;
  }
}

function keyOf(organization: string, id: string): string {
  return `${organization}\n${id}`;
}

function toArrival({ body, start, end, ...rest }: Stored): Arrival {
  return { ...rest, bytes: body.subarray(start, end) };
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
