import {
  type HttpRequest,
  type HttpResponse,
  type Transport,
  TransportError,
  type TransportFailure,
} from '../../src/core/ports.js';
import { type Fault, type FaultPlan, nextFault } from './fault-script.js';
import type { Journal } from './journal.js';
import type { RequestWatch } from './request-watch.js';
import type { SeededRandom } from './seeded-random.js';
import { type Answer, type Meaning, type StandInTarget, withWait } from './stand-in-target.js';
import type { TargetManner } from './target-manner.js';
import type { Life, VirtualTime } from './virtual-time.js';

export interface NetworkPorts {
  readonly time: VirtualTime;
  readonly life: Life;
  readonly random: SeededRandom;
  readonly target: StandInTarget;
  readonly manner: TargetManner;
  readonly watch: RequestWatch;
  readonly journal: Journal;
  /** The run's number. */
  readonly run: number;
}

const STEP_MS = 20;

/** The way to the target, as one process has it: slow, lossy, and with a time-out. */
export class VirtualNetwork implements Transport {
  readonly #ports: NetworkPorts;
  readonly #faults: FaultPlan;
  readonly #timeoutMs: number;
  readonly #startedAt: number;
  #answeredAt: number | undefined;

  constructor(ports: NetworkPorts, faults: FaultPlan, timeoutMs: number) {
    this.#ports = ports;
    this.#faults = faults;
    this.#timeoutMs = timeoutMs;
    this.#startedAt = ports.time.now;
  }

  send(request: HttpRequest, signal?: AbortSignal): Promise<HttpResponse> {
    const { time, life, random, watch, journal } = this.#ports;
    const fault = nextFault(this.#faults, time.now - this.#startedAt, random);
    const exchange = watch.leaves(request, fault);
    return new Promise((resolve, reject) => {
      let over = false;
      const end = (finish: () => void): void => {
        if (over) return;
        over = true;
        takeBack();
        signal?.removeEventListener('abort', cancel);
        finish();
      };
      const fail = (failure: TransportFailure): void =>
        end(() => {
          if (fault !== undefined && failure !== 'cancelled') journal.mark(fault);
          watch.failed(exchange, failure);
          reject(new TransportError(failure, `simulated: ${failure}`));
        });
      const answer = (got: Answer): void =>
        end(() => {
          if (fault !== undefined) journal.mark(fault);
          if (this.#answeredAt === time.now) journal.mark('answers at the same moment');
          this.#answeredAt = time.now;
          watch.answered(exchange, got);
          resolve(got.response);
        });
      const cancel = (): void => fail('cancelled');
      const takeBack = time.after(this.#timeoutMs, () => fail('timeout'), life);
      signal?.addEventListener('abort', cancel, { once: true });
      if (signal?.aborted === true) {
        cancel();
        return;
      }
      this.#travel(request, fault, answer, fail);
    });
  }

  /** In every other run answers come at the same moments: one is there while another is not settled yet. */
  #landing(afterMs: number): number {
    const { time, run } = this.#ports;
    return run % 2 === 0 ? afterMs : Math.ceil((time.now + afterMs) / STEP_MS) * STEP_MS - time.now;
  }

  #travel(
    request: HttpRequest,
    fault: Fault | undefined,
    answer: (got: Answer) => void,
    fail: (failure: TransportFailure) => void,
  ): void {
    const { time, life, random, target, manner, run } = this.#ports;
    const delay = (ms: number): number => ms * (0.5 + random.next()) * (random.chance(0.02) ? 5 : 1);
    const up = delay(manner.latencyMs);
    const work = delay(manner.workMs);
    const down = delay(manner.latencyMs);
    const how = { busy: fault === 'some-events-busy', revoked: fault === 'token-revoked', run };
    const back = (then: () => void, after = work + down): void => {
      time.after(this.#landing(after), then, life);
    };
    /** What reaches the target happens there, whatever becomes of the process that sent it. */
    const arrive = (then: (got: Answer) => void, after = up): void => {
      time.after(after, () => then(target.handle(request, how)));
    };
    switch (fault) {
      case 'unreachable':
        back(() => fail('unreachable'), up);
        break;
      case 'lost-before':
        back(() => fail('lost'), up);
        break;
      case 'timeout-before':
        back(() => fail('timeout'), this.#timeoutMs);
        break;
      case 'timeout-after':
        arrive(() => undefined);
        back(() => fail('timeout'), this.#timeoutMs);
        break;
      case 'timeout-late':
        arrive(() => undefined, this.#timeoutMs * random.scale(1, 20));
        back(() => fail('timeout'), this.#timeoutMs);
        break;
      case 'lost-after':
        arrive(() => back(() => fail('lost')));
        break;
      case 'incomplete':
        arrive(() => back(() => fail('incomplete')));
        break;
      case 'truncated':
        arrive((got) => back(() => answer(cutOff(got, random))));
        break;
      case 'error-after':
        arrive((got) => back(() => answer(random.chance(0.5) ? this.#error(500) : this.#page(got, 502))));
        break;
      case undefined:
      case 'some-events-busy':
      case 'token-revoked':
        arrive((got) => back(() => answer(got)));
        break;
      default:
        back(() => answer(this.#instead(fault, request)), up + down);
    }
  }

  /** The answer of something in front of the target, which never saw the request. */
  #instead(fault: Fault, request: HttpRequest): Answer {
    const isSession = request.path === '/sessions';
    switch (fault) {
      case 'error-500':
        return this.#error(500);
      case 'timeout-408':
        return this.#error(408);
      case 'unavailable-503':
        return this.#error(503);
      case 'unavailable-503-wait':
        return this.#waiting(this.#error(503));
      case 'throttled-429':
        return this.#json(429, 'throttled');
      case 'throttled-429-wait':
        return this.#waiting(this.#json(429, 'throttled'));
      case 'throttled-429-date':
        return this.#waitingForDate(this.#json(429, 'throttled'));
      case 'slow-down-400':
        return this.#json(400, 'throttled', 'Too many requests, slow down');
      case 'portal':
        return this.#text(200, '<html>Log in</html>', isSession ? 'no-such-api' : 'garbage');
      case 'forbidden-403':
        return this.#json(403, 'forbidden');
      case 'not-found-404':
        return this.#json(404, 'no-such-api');
      case 'redirect-301':
        return this.#text(301, '', 'no-such-api');
      default:
        return this.#text(502, '<h1>502 Bad Gateway</h1>', 'failing');
    }
  }

  #waiting(answer: Answer): Answer {
    const seconds = this.#ports.random.whole(0, this.#faults.longestWaitS);
    return withWait(answer, { 'retry-after': String(seconds) }, seconds * 1_000);
  }

  #waitingForDate(answer: Answer): Answer {
    const { random, time } = this.#ports;
    const until = Math.ceil(time.epoch / 1_000 + random.whole(0, this.#faults.longestWaitS)) * 1_000;
    const date = random.chance(0.5) ? { date: new Date(Math.floor(time.epoch / 1_000) * 1_000).toUTCString() } : {};
    const headers = { 'retry-after': new Date(until).toUTCString(), ...date };
    return { ...withWait(answer, headers, until - time.epoch), waitUntil: time.now + until - time.epoch };
  }

  #error(status: number): Answer {
    return this.#ports.random.chance(0.5) ? this.#json(status, 'failing') : this.#text(status, '', 'failing');
  }

  #page(got: Answer, status: number): Answer {
    const page = this.#text(status, '<h1>Bad Gateway</h1>', 'failing');
    // A refusal for load is made by the gateway itself.
    return got.meaning === 'throttled' ? got : page;
  }

  #json(status: number, meaning: Meaning, message = 'simulated'): Answer {
    return this.#text(status, JSON.stringify({ code: status, name: 'Error', message, errors: {} }), meaning);
  }

  #text(status: number, body: string, meaning: Meaning): Answer {
    return {
      response: { status, headers: {}, body: Buffer.from(body), framed: true },
      meaning,
      ...{ acknowledged: [], duplicates: [], busy: [], waitMs: undefined, waitUntil: undefined },
    };
  }
}

/** The same answer, of whose body only a part came, without an announced length. */
function cutOff(got: Answer, random: SeededRandom): Answer {
  if (got.meaning !== 'verdicts' || got.response.status >= 300) return got;
  const { response } = got;
  const body = response.body.subarray(0, random.whole(0, Math.max(0, response.body.length - 1)));
  return {
    response: { ...response, body, framed: false },
    meaning: 'garbage',
    ...{ acknowledged: [], duplicates: [], busy: [], waitMs: got.waitMs, waitUntil: got.waitUntil },
  };
}
