import {
  type HttpRequest,
  type HttpResponse,
  type Transport,
  TransportError,
  type TransportFailure,
} from '../../src/core/ports.js';
import type { VirtualClock } from './virtual-clock.js';

export interface FakeEvent {
  readonly id: string;
  readonly user: { readonly id?: string; readonly organization_user_id?: string };
}

export interface Call {
  /** Requests of its route so far, this one included. */
  readonly number: number;
  readonly route: 'sessions' | 'events';
  /** Monotonic ms at which it left. */
  readonly at: number;
  readonly token: string;
  readonly events: readonly FakeEvent[];
  readonly body: string;
}

/** What becomes of a call. A failure that `arrives` is one whose events the target has nevertheless. */
export type Fate =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Record<string, string> }
  | { readonly failure: TransportFailure; readonly arrives?: boolean };

export interface FakeDidomiOptions {
  readonly latencyMs?: (call: Call) => number;
  /** Decides instead of the ordinary rules, which take every event of the newest token. */
  readonly fate?: (call: Call) => Fate | undefined;
}

/** A target in memory: it takes events, and watches that no subject has two in flight. */
export class FakeDidomi implements Transport {
  readonly calls: Call[] = [];
  /** Ids in the order in which they were first taken. */
  readonly taken: string[] = [];
  /** The bytes of each event that was taken. */
  readonly bytes = new Map<string, string>();
  /** Subjects that had two events in flight at a time. */
  readonly overtaken = new Set<string>();
  mostInFlight = 0;
  answers = 0;
  /** The token that is good. */
  token = '';
  readonly #clock: VirtualClock;
  readonly #options: FakeDidomiOptions;
  readonly #subjects = new Map<string, number>();
  #inFlight = 0;

  constructor(clock: VirtualClock, options: FakeDidomiOptions = {}) {
    this.#clock = clock;
    this.#options = options;
  }

  get eventCalls(): Call[] {
    return this.calls.filter(({ route }) => route === 'events');
  }

  get sessionCalls(): Call[] {
    return this.calls.filter(({ route }) => route === 'sessions');
  }

  async send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    const call = this.#read(request);
    this.calls.push(call);
    const subjects = call.events.flatMap(({ user }) => [user.id, user.organization_user_id]);
    for (const subject of subjects) if (subject !== undefined) this.#enter(subject);
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    try {
      await this.#clock.sleep(this.#options.latencyMs?.(call) ?? 20, signal);
      if (signal?.aborted === true) throw new TransportError('cancelled', 'cancelled');
      return this.#answer(call);
    } finally {
      this.#inFlight -= 1;
      for (const subject of subjects) {
        if (subject !== undefined) this.#subjects.set(subject, this.#subjects.get(subject)! - 1);
      }
    }
  }

  #enter(subject: string): void {
    const open = (this.#subjects.get(subject) ?? 0) + 1;
    this.#subjects.set(subject, open);
    if (open > 1) this.overtaken.add(subject);
  }

  #read({ path, headers, body }: HttpRequest): Call {
    const route = path.startsWith('/sessions') ? 'sessions' : 'events';
    const text = Buffer.from(body ?? []).toString('utf8');
    return {
      route,
      number: this.calls.filter((call) => call.route === route).length + 1,
      at: this.#clock.monotonic(),
      token: (headers['authorization'] ?? '').replace('Bearer ', ''),
      events: route === 'events' ? (JSON.parse(text) as FakeEvent[]) : [],
      body: text,
    };
  }

  #answer(call: Call): HttpResponse {
    const fate = this.#options.fate?.(call) ?? this.#ordinary(call);
    if ('failure' in fate) {
      if (fate.arrives === true) this.#take(call);
      throw new TransportError(fate.failure, `it was ${fate.failure}`);
    }
    if (call.route === 'events' && fate.status < 300) this.#take(call);
    this.answers += 1;
    const { status, headers = {}, body } = fate;
    const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
    return { status, headers, body: new TextEncoder().encode(text), framed: true };
  }

  #ordinary(call: Call): Fate {
    if (call.route === 'sessions') {
      this.token = `token-${call.number}`;
      return { status: 200, body: { access_token: this.token } };
    }
    return call.token === this.token ? { status: 200, body: call.events } : { status: 401 };
  }

  #take(call: Call): void {
    for (const event of call.events) {
      if (this.bytes.has(event.id)) continue;
      this.taken.push(event.id);
      this.bytes.set(event.id, JSON.stringify(event));
    }
  }
}
