import type { HttpRequest, TransportFailure } from '../../src/core/ports.js';
import type { DispatchSettings } from '../../src/pipeline/dispatch-settings.js';
import type { Fault } from './fault-script.js';
import type { Journal } from './journal.js';
import type { MemoryOfRuns } from './memory-of-runs.js';
import { SplitCosts } from './split-costs.js';
import type { Answer, StandInTarget } from './stand-in-target.js';
import type { TargetManner } from './target-manner.js';
import type { Truth, Wanted } from './truth.js';
import type { VirtualTime } from './virtual-time.js';

/** One request, from leaving to its answer or failure. */
export interface Exchange {
  readonly events: readonly Wanted[];
  readonly isSession: boolean;
  readonly token: string;
  readonly leftAt: number;
}

export interface WatchPorts {
  readonly time: VirtualTime;
  readonly journal: Journal;
  readonly memory: MemoryOfRuns;
  readonly truth: Truth;
  readonly target: StandInTarget;
  readonly manner: TargetManner;
}

const MINUTE = 60_000;
/** Times are sums of fractions, and as epoch time a little coarse. */
const ROUNDING_MS = 0.01;

/** Checks every request of one run as it leaves and as it ends, and counts what the tally must say of them. */
export class RequestWatch {
  readonly requests = { sent: 0, succeeded: 0, retried: 0, rateLimited: 0, split: 0 };
  /** Ids that an answer of this run acknowledged. */
  readonly acknowledged = new Set<string>();
  /** Ids of which an answer said that the target had them before. */
  readonly toldAsDuplicate = new Set<string>();
  /** Ids that stood in a request whose answer, or its absence, left open whether they were taken. */
  readonly unclear = new Set<string>();
  /** Ids that stood in a batch that was refused: most likely none of it was taken, but some targets store a part. */
  readonly inRefusedBatch = new Set<string>();
  /** Events of which the ledger does not know whether they arrived. */
  readonly inDoubt: ReadonlySet<Wanted>;
  renewals = 0;
  /** From when on a request may be cancelled, besides when the run gives up. */
  mayCancelFrom = Number.POSITIVE_INFINITY;
  /** When events were accepted or refused last. */
  progressAt: number;
  readonly splits: SplitCosts;
  readonly #ports: WatchPorts;
  readonly #settings: DispatchSettings;
  readonly #perMinute: number | undefined;
  #over: string | undefined;
  #inFlight = new Set<Exchange>();
  readonly #flying = new Set<string>();
  /** By event id: the events of the request that must be sent again as it was. */
  readonly #asItWas = new Map<string, string>();
  /** Ids whose last answer was that of a target in trouble. */
  readonly #troubled = new Set<string>();
  readonly #garbage = new Map<string, number>();
  #sessionTroubled = false;
  #token: { readonly text: string; readonly askedAt: number; refused: boolean } | undefined;

  constructor(
    ports: WatchPorts,
    settings: DispatchSettings,
    perMinute: number | undefined,
    inDoubt: ReadonlySet<Wanted>,
  ) {
    this.#ports = ports;
    this.#settings = settings;
    this.#perMinute = perMinute;
    this.inDoubt = inDoubt;
    this.progressAt = ports.time.now;
    this.splits = new SplitCosts(ports.journal);
  }

  /** From now on no request may leave. */
  close(why: string): void {
    this.#over ??= why;
  }

  leaves(request: HttpRequest, fault: Fault | undefined): Exchange {
    const { time, journal, memory, target } = this.#ports;
    const isSession = request.path === '/sessions';
    const body = isSession ? '' : Buffer.from(request.body ?? []).toString('latin1');
    const events = isSession ? [] : target.eventsIn(body);
    const token = request.headers['authorization'] ?? '';
    const exchange: Exchange = { events, isSession, token, leftAt: time.now };
    const names = events.map((event) => event.place).join(' ');
    journal.note(isSession ? 'asks for a token' : `sends [${names}]`, fault === undefined ? '' : `(${fault})`);
    this.requests.sent += 1;
    if (this.#over !== undefined) journal.fail('sent after the end', `a request left after ${this.#over}`);
    if (time.now < memory.demandedUntil - ROUNDING_MS) {
      journal.fail('sooner than Retry-After', `${Math.ceil(memory.demandedUntil - time.now)} ms too early`);
    }
    this.#checkPace();
    if (this.#inFlight.size >= this.#settings.concurrency) {
      journal.fail('concurrency', `${this.#inFlight.size + 1} requests in flight`);
    }
    if (isSession) this.#checkSession();
    else this.#checkEvents(events, body.length);
    this.#inFlight.add(exchange);
    return exchange;
  }

  answered(exchange: Exchange, answer: Answer): void {
    const { time, journal, memory } = this.#ports;
    this.#land(exchange);
    journal.note('is answered', `${answer.response.status} ${answer.meaning}`);
    const isAgain = answer.meaning === 'throttled' || answer.meaning === 'failing';
    if (isAgain && answer.waitMs !== undefined) {
      const until = answer.waitUntil ?? time.now + answer.waitMs;
      memory.demand(until, time.now);
      // The date in an answer counts from its own clock, so the wait is at most a second longer.
      if (until - time.now > this.#settings.maxWaitMs + 1_000) this.close('a demand for too long a wait');
    }
    if (answer.meaning === 'forbidden' || answer.meaning === 'no-such-api')
      this.close(`status ${answer.response.status}`);
    if (exchange.isSession) this.#sessionAnswered(exchange, answer);
    else this.#eventsAnswered(exchange, answer);
  }

  failed(exchange: Exchange, failure: TransportFailure): void {
    this.#land(exchange);
    this.#ports.journal.note('fails', failure);
    if (failure === 'cancelled') {
      const { time, journal } = this.#ports;
      const mayGiveUp = time.now - this.progressAt >= this.#settings.giveUpAfterMs - ROUNDING_MS;
      if (!mayGiveUp && time.now < this.mayCancelFrom) journal.fail('drain', 'a request was cancelled too early');
      return;
    }
    if (exchange.isSession) this.#sessionTroubled = true;
    else this.#mustComeAgain(exchange.events, true);
    if (failure !== 'unreachable') for (const { id } of exchange.events) this.unclear.add(id);
  }

  #land({ events }: Exchange): void {
    for (const exchange of this.#inFlight) if (exchange.events === events) this.#inFlight.delete(exchange);
    for (const event of events) {
      this.#flying.delete(event.id);
      for (const subject of event.subjects) this.#flying.delete(subject);
    }
  }

  #sessionAnswered({ leftAt: askedAt }: Exchange, answer: Answer): void {
    this.#sessionTroubled = answer.meaning !== 'session';
    if (answer.meaning !== 'session') return;
    const { access_token } = JSON.parse(Buffer.from(answer.response.body).toString()) as { access_token: string };
    if (this.#token !== undefined) this.renewals += 1;
    this.#token = { text: `Bearer ${access_token}`, askedAt, refused: false };
    this.requests.succeeded += 1;
  }

  #eventsAnswered({ events, token }: Exchange, answer: Answer): void {
    if (answer.meaning === 'verdicts' || answer.meaning === 'refused') {
      if (answer.busy.length < events.length) this.progressAt = this.#ports.time.now;
      this.splits.answered(events, answer);
    }
    switch (answer.meaning) {
      case 'verdicts':
        this.requests.succeeded += 1;
        this.#settled(events);
        for (const id of answer.acknowledged) this.acknowledged.add(id);
        for (const id of answer.duplicates) this.toldAsDuplicate.add(id);
        if (answer.duplicates.length > 0) this.#ports.journal.mark('duplicate answers');
        if (answer.busy.length > 0) {
          this.#mustComeAgain(
            events.filter((event) => answer.busy.includes(event.id)),
            true,
          );
        }
        break;
      case 'refused':
        this.requests.split += 1;
        this.#settled(events);
        for (const { id } of events) this.inRefusedBatch.add(id);
        break;
      case 'throttled':
        this.requests.rateLimited += 1;
        this.#mustComeAgain(events, true);
        break;
      case 'failing':
        this.#mustComeAgain(events, true);
        for (const { id } of events) this.unclear.add(id);
        break;
      case 'garbage': {
        for (const { id } of events) this.unclear.add(id);
        const times = (this.#garbage.get(events[0]!.id) ?? 0) + 1;
        this.#garbage.set(events[0]!.id, times);
        if (times > 3) this.close('four answers that none could read');
        this.#mustComeAgain(events, true);
        break;
      }
      case 'token':
        if (this.#token?.text === token) this.#token.refused = true;
        this.#mustComeAgain(events, false);
        break;
    }
  }

  #mustComeAgain(events: readonly Wanted[], inTrouble: boolean): void {
    const list = listOf(events);
    for (const event of events) {
      this.#asItWas.set(event.id, list);
      if (inTrouble) this.#troubled.add(event.id);
    }
  }

  #settled(events: readonly Wanted[]): void {
    for (const event of events) {
      this.#asItWas.delete(event.id);
      this.#troubled.delete(event.id);
      this.#garbage.delete(event.id);
    }
  }

  #checkPace(): void {
    const { time, journal, memory } = this.#ports;
    const { departures } = memory;
    departures.push(time.now);
    if (this.#perMinute === undefined || departures.length <= this.#perMinute) return;
    const since = time.now - departures[departures.length - 1 - this.#perMinute]!;
    if (since < MINUTE) journal.fail('pace', `${this.#perMinute + 1} requests within ${Math.round(since)} ms`);
  }

  #checkSession(): void {
    const { time, journal, manner } = this.#ports;
    if ([...this.#inFlight].some((exchange) => exchange.isSession)) {
      journal.fail('one renewal at a time', 'a second request for a token is in flight');
    }
    if (this.#sessionTroubled) this.requests.retried += 1;
    const token = this.#token;
    // A token may be renewed from the middle of its life on; one that does not tell its life is taken to live an hour.
    const life = manner.tokenTellsLife ? manner.tokenLifeMs : 3_600_000;
    const isOld = token !== undefined && time.now - token.askedAt >= life / 2 - 1_000;
    if (token !== undefined && !token.refused && !isOld) {
      journal.fail('needless renewal', 'a token is asked for, and the newest is neither old nor refused');
    }
  }

  #checkEvents(events: readonly Wanted[], bytes: number): void {
    const { journal, memory } = this.#ports;
    const { batch, order } = this.#settings;
    if (events.length === 0) journal.fail('wrong request', 'a request without events');
    if (events.length > batch.events) journal.fail('batch size', `${events.length} events in a request`);
    if (events.length > 1 && bytes > batch.bytes) journal.fail('batch bytes', `${bytes} bytes in a request`);
    if (events.length > 0 && this.#troubled.has(events[0]!.id)) this.requests.retried += 1;
    const list = listOf(events);
    const inRequest = new Map<string, Wanted>();
    for (const event of events) {
      const { id } = event;
      if (memory.recorded.has(id)) journal.fail('sent twice', `${id} stands in the ledger`);
      const before = this.#asItWas.get(id);
      if (before !== undefined && before !== list) journal.fail('whole batch again', `${id} comes with other events`);
      this.#checkNotFlying(id, event);
      for (const subject of event.subjects) {
        if (order === 'none') break;
        this.#checkNotFlying(subject, event);
        const other = inRequest.get(subject);
        inRequest.set(subject, event);
        if (other === undefined) continue;
        if (order === 'strict') journal.fail('one event of a subject', `${other.id} and ${id} in one request`);
        if (other.place > event.place) journal.fail('order in a request', `${other.id} before ${id}`);
      }
      this.#checkDoubts(event);
    }
    for (const event of events) {
      this.#flying.add(event.id);
      if (order !== 'none') for (const subject of event.subjects) this.#flying.add(subject);
    }
  }

  #checkNotFlying(name: string, event: Wanted): void {
    if (!this.#flying.has(name)) return;
    this.#ports.journal.fail('one event of a subject in flight', `${event.id} left while ${name} was in flight`);
  }

  #checkDoubts(event: Wanted): void {
    for (const doubt of this.inDoubt) {
      if (doubt === event) this.#ports.journal.fail('in doubt', `${event.id} was sent again`);
      if (this.#settings.order === 'none' || doubt.place > event.place) continue;
      if (doubt.subjects.some((subject) => event.subjects.includes(subject))) {
        this.#ports.journal.fail('held back', `${event.id} was sent after ${doubt.id}, which is in doubt`);
      }
    }
  }
}

function listOf(events: readonly Wanted[]): string {
  return events.map((event) => event.place).join(' ');
}
