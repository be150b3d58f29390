import type { HttpRequest, HttpResponse } from '../../src/core/ports.js';
import type { Journal } from './journal.js';
import type { SeededRandom } from './seeded-random.js';
import type { TargetManner } from './target-manner.js';
import type { Truth, Wanted } from './truth.js';
import type { VirtualTime } from './virtual-time.js';
import { ORGANIZATION } from './world-records.js';

/** What the importer must read out of an answer. */
export type Meaning =
  /** A verdict for each event. */
  'verdicts' | 'refused' | 'throttled' | 'failing' | 'garbage' | 'token' | 'forbidden' | 'no-such-api' | 'session';

export interface Answer {
  readonly response: HttpResponse;
  readonly meaning: Meaning;
  /** Ids that it acknowledges, as taken now or had before. */
  readonly acknowledged: readonly string[];
  /** Those of them of which it says that it had them before. */
  readonly duplicates: readonly string[];
  /** Ids that were not taken this time. */
  readonly busy: readonly string[];
  /** The demand not to send before this time, if there is one (ms of the world). */
  readonly waitMs: number | undefined;
  readonly waitUntil: number | undefined;
}

const ENVELOPES: Readonly<Record<number, string>> = { 400: 'BadRequest', 409: 'Conflict', 422: 'Unprocessable' };

/** A consents API that keeps what it accepts, and checks each thing that reaches it. Small and strict on purpose. */
export class StandInTarget {
  readonly #manner: TargetManner;
  readonly #truth: Truth;
  readonly #time: VirtualTime;
  readonly #random: SeededRandom;
  readonly #journal: Journal;
  readonly #ordered: boolean;
  /** By id: in which run it was accepted (0: before the first). */
  readonly accepted = new Map<string, number>();
  /** Which event of each subject is the next to be accepted first. */
  readonly #reached = new Map<string, number>();
  readonly #tokens = new Map<string, number>();
  #arrivals: number[] = [];
  #tokenCount = 0;
  #sender = 0;

  constructor(
    manner: TargetManner,
    ordered: boolean,
    truth: Truth,
    time: VirtualTime,
    random: SeededRandom,
    journal: Journal,
  ) {
    this.#manner = manner;
    this.#ordered = ordered;
    this.#truth = truth;
    this.#time = time;
    this.#random = random;
    this.#journal = journal;
  }

  /** The target had this event before anything was imported. */
  had(wanted: Wanted): void {
    this.accepted.set(wanted.id, 0);
  }

  /**
   * @param how `busy`: some events are not taken this time; `revoked`: all tokens end first; `run`: which run sent it
   */
  handle(
    request: HttpRequest,
    how: { readonly busy: boolean; readonly revoked: boolean; readonly run: number },
  ): Answer {
    this.#sender = how.run;
    const over = this.#overLimit();
    if (over !== undefined) return over;
    if (request.path === '/sessions') return this.#handOutToken(request);
    if (request.path !== `/consents/events?organization_id=${ORGANIZATION}`) {
      this.#journal.fail('wrong request', `a request to ${request.path}`);
    }
    if (how.revoked) this.#tokens.clear();
    const token = request.headers['authorization']?.replace('Bearer ', '') ?? '';
    if ((this.#tokens.get(token) ?? 0) <= this.#time.now) {
      return this.#answer(401, this.#envelope(401, 'NotAuthenticated'), 'token');
    }
    const body = Buffer.from(request.body ?? []).toString('latin1');
    if (body.length > this.#manner.mostBodyBytes) return this.#tooLarge(body);
    return this.#take(this.eventsIn(body), how.busy);
  }

  /** Finds the events of a body by their exact bytes. */
  eventsIn(body: string): Wanted[] {
    const events: Wanted[] = [];
    for (const element of elementsOf(body)) {
      const wanted = this.#truth.bySent.get(element);
      if (wanted !== undefined) {
        events.push(wanted);
        continue;
      }
      const conflict = this.#truth.records.some((record) => record.sent === element);
      this.#journal.fail(conflict ? 'conflict sent' : 'altered', `sent is no event of the inputs: ${element}`);
    }
    return events;
  }

  #take(events: readonly Wanted[], someBusy: boolean): Answer {
    const { onBad, onDuplicate, badStatus, works } = this.#manner;
    const bad = events.filter((event) => event.refused);
    const had = events.filter((event) => this.accepted.has(event.id));
    if (had.length > 0 && onDuplicate.startsWith('all-refused')) return this.#refuseDuplicates(events, had);
    const order = works === 'forward' ? events : works === 'backward' ? events.toReversed() : this.#shuffled(events);
    const tells = onBad === 'entries-tell' || onBad === 'errors-tell';
    if (bad.length > 0 && !tells) {
      let open = onBad === 'stored-up-to-it' || onBad === 'rest-stored-silently';
      for (const event of order) {
        if (event.refused) open &&= onBad === 'rest-stored-silently';
        else if (open) this.#accept(event);
      }
      return this.#refuse(events, bad, badStatus);
    }
    const busy = someBusy ? events.filter((event) => !event.refused && this.#random.chance(0.4)) : [];
    for (const event of order) if (!event.refused && !busy.includes(event)) this.#accept(event);
    return this.#report(events, had, bad, busy);
  }

  #refuse(events: readonly Wanted[], bad: readonly Wanted[], status: number): Answer {
    const { onBad } = this.#manner;
    const errors = bad.map((event) =>
      onBad === 'all-refused-index'
        ? { index: events.indexOf(event), message: 'is bad' }
        : onBad === 'all-refused-id'
          ? { id: event.id, message: 'is bad' }
          : { message: 'is bad' },
    );
    const single = events.length === 1;
    return this.#answer(status, this.#envelope(status, 'some event is bad', errors), single ? 'verdicts' : 'refused');
  }

  #refuseDuplicates(events: readonly Wanted[], had: readonly Wanted[]): Answer {
    const status = this.#manner.onDuplicate === 'all-refused-409' ? 409 : 400;
    const named = this.#random.chance(0.5) ? { id: had[0]!.id } : {};
    const body = this.#envelope(status, 'the event exists already: duplicate', [named]);
    if (events.length > 1) return this.#answer(status, body, 'refused');
    const ids = events.map((event) => event.id);
    return { ...this.#answer(status, body, 'verdicts'), acknowledged: ids, duplicates: ids };
  }

  /** A success, with what it tells of single events. */
  #report(events: readonly Wanted[], had: readonly Wanted[], bad: readonly Wanted[], busy: readonly Wanted[]): Answer {
    const { shape, success, onBad, onDuplicate } = this.#manner;
    const duplicates = onDuplicate === 'entries-tell-409' ? had.filter((event) => !busy.includes(event)) : [];
    const entries = events.map((event) => {
      if (busy.includes(event)) return { id: event.id, code: 503, message: 'busy' };
      if (duplicates.includes(event)) return { id: event.id, code: 409, message: 'exists' };
      if (bad.includes(event) && onBad === 'entries-tell') return { id: event.id, code: 400, message: 'is bad' };
      return { id: event.id, status: 'confirmed' };
    });
    const errors =
      onBad === 'errors-tell' ? bad.map((event) => ({ index: events.indexOf(event), message: 'bad' })) : [];
    const mustTell = busy.length + duplicates.length + bad.length > 0;
    const shown = shape === 'shuffled' ? this.#random.shuffled(entries) : entries;
    let body: unknown = shape === 'data' || errors.length > 0 ? { data: shown, errors } : shown;
    if (!mustTell && shape === 'first') body = entries[0];
    if (!mustTell && shape === 'empty') body = '';
    const taken = events.filter((event) => !event.refused && !busy.includes(event));
    return {
      ...this.#answer(success, body === '' ? '' : JSON.stringify(body), 'verdicts'),
      acknowledged: taken.map((event) => event.id),
      duplicates: duplicates.map((event) => event.id),
      busy: busy.map((event) => event.id),
    };
  }

  #accept(event: Wanted): void {
    if (this.accepted.has(event.id)) return;
    this.accepted.set(event.id, this.#sender);
    this.#journal.note('accepts', event.place);
    for (const subject of this.#ordered ? event.subjects : []) {
      const events = this.#truth.ofSubject.get(subject)!;
      let reached = this.#reached.get(subject) ?? 0;
      while (reached < events.length && this.accepted.has(events[reached]!.id)) reached += 1;
      this.#reached.set(subject, reached);
      if (reached < events.length && events[reached]!.place < event.place) {
        this.#journal.fail('reordered', `${event.id} was accepted before ${events[reached]!.id} of subject ${subject}`);
      }
    }
  }

  #tooLarge(body: string): Answer {
    const single = this.eventsIn(body).length === 1;
    return this.#answer(413, '<h1>413 Request Entity Too Large</h1>', single ? 'verdicts' : 'refused');
  }

  #overLimit(): Answer | undefined {
    const { limit } = this.#manner;
    if (limit === undefined) return undefined;
    const { now } = this.#time;
    this.#arrivals = this.#arrivals.filter((at) => at > now - limit.windowMs);
    if (this.#arrivals.length < limit.requests) {
      this.#arrivals.push(now);
      return undefined;
    }
    const wait = Math.max(1, Math.ceil((this.#arrivals[0]! + limit.windowMs - now) / 1_000));
    const answer = this.#answer(429, this.#envelope(429, 'TooManyRequests'), 'throttled');
    return limit.waitTold ? withWait(answer, { 'retry-after': String(wait) }, wait * 1_000) : answer;
  }

  #handOutToken(request: HttpRequest): Answer {
    const asked = JSON.parse(Buffer.from(request.body ?? []).toString()) as { key?: unknown; secret?: unknown };
    if (asked.key !== 'key' || asked.secret !== 'secret') this.#journal.fail('wrong request', 'wrong credentials');
    const { tokenLifeMs, tokenTellsLife } = this.#manner;
    this.#tokenCount += 1;
    const seconds = Math.floor(this.#time.epoch / 1_000);
    const claims = tokenTellsLife ? { n: this.#tokenCount, iat: seconds, exp: seconds + tokenLifeMs / 1_000 } : {};
    const token = `t${this.#tokenCount}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.s`;
    this.#tokens.set(token, this.#time.now + tokenLifeMs);
    return this.#answer(201, JSON.stringify({ access_token: token }), 'session');
  }

  #answer(status: number, body: string, meaning: Meaning): Answer {
    return {
      response: { status, headers: this.#limitHeaders(), body: Buffer.from(body), framed: true },
      meaning,
      ...{ acknowledged: [], duplicates: [], busy: [], waitMs: undefined, waitUntil: undefined },
    };
  }

  #limitHeaders(): Record<string, string> {
    const { limit } = this.#manner;
    if (limit?.told !== true) return {};
    const { requests, windowMs } = limit;
    const reset = Math.ceil(((this.#arrivals[0] ?? this.#time.now) + windowMs - this.#time.now) / 1_000);
    const remaining = requests - this.#arrivals.length;
    return {
      'ratelimit-policy': `${requests};w=${windowMs / 1_000}`,
      ratelimit: `limit=${requests}, remaining=${remaining}, reset=${reset}`,
    };
  }

  #envelope(code: number, message: string, errors: readonly unknown[] = []): string {
    return JSON.stringify({ code, name: ENVELOPES[code] ?? 'Error', message, errors });
  }

  #shuffled(events: readonly Wanted[]): Wanted[] {
    return this.#random.shuffled(events);
  }
}

export function withWait(answer: Answer, headers: Record<string, string>, waitMs: number): Answer {
  const { response } = answer;
  return { ...answer, response: { ...response, headers: { ...response.headers, ...headers } }, waitMs };
}

/** The elements of a JSON array, each as it stands. Anything between them but one comma is an element too. */
function elementsOf(body: string): string[] {
  if (!body.startsWith('[') || !body.endsWith(']')) return [body];
  const elements: string[] = [];
  let depth = 0;
  let start = 1;
  for (let i = 1; i < body.length - 1; i += 1) {
    const code = body.charCodeAt(i);
    if (code === 0x22) {
      for (i += 1; body.charCodeAt(i) !== 0x22; i += 1) if (body.charCodeAt(i) === 0x5c) i += 1;
    } else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) depth -= 1;
    else if (code === 0x2c && depth === 0) {
      elements.push(body.slice(start, i));
      start = i + 1;
    }
  }
  elements.push(body.slice(start, -1));
  return elements;
}
