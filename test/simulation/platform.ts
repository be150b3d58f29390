import type { Inquiry } from '../../src/core/inquiry.js';
import { type HttpRequest, type HttpResponse, type Transport, TransportError } from '../../src/core/ports.js';
import { createPatientAsk } from '../../src/pipeline/patient-ask.js';
import { PLAIN_ANSWERS } from '../../src/sandbox/faults.js';
import { PlatformStandIn } from '../../src/sandbox/onetrust/platform-stand-in.js';
import { ReceiptBook } from '../../src/sandbox/onetrust/receipt-book.js';
import { pointOf, type ReceiptCall } from '../../src/sandbox/onetrust/receipt-call.js';
import {
  acceptsAnyClient,
  acceptsAnyPoint,
  ONETRUST_CALLS_PER_MINUTE,
  type OneTrustSettings,
} from '../../src/sandbox/onetrust/settings.js';
import type { Orders } from '../../src/sandbox/stand-in.js';
import { createOneTrustInquiry } from '../../src/targets/onetrust/inquiry.js';
import { ONETRUST_READS_PER_MINUTE } from '../../src/targets/onetrust/limits.js';
import { createPlatformAuthorizer } from '../../src/targets/onetrust/platform-authorize.js';
import { readToldLimits } from '../../src/targets/told-limits.js';
import { POINT_TOKEN } from '../fakes/fake-onetrust.js';
import type { VirtualClock } from '../fakes/virtual-clock.js';
import type { SeededRandom } from './seeded-random.js';

const NO_ORDERS: Orders = {
  refuse: () => undefined,
  drops: () => false,
  alters: () => undefined,
  expireTokens: false,
  refuseSession: false,
  accepted: () => undefined,
};

/** The sandbox's platform, which shows what a receipts API took, over a network that fails at times. */
export class SimulatedPlatform implements Transport {
  /** How likely a request meets trouble. */
  trouble = 0;
  readonly #clock: VirtualClock;
  readonly #random: SeededRandom;
  readonly #book = new ReceiptBook();
  readonly #platform: PlatformStandIn;
  #sinceExpiry = 0;

  constructor(clock: VirtualClock, random: SeededRandom) {
    this.#clock = clock;
    this.#random = random;
    const settings: OneTrustSettings = {
      ...{ answers: PLAIN_ANSWERS, bodies: 'either', oneAnswer: 'array', receipts: 'jwt', maxReceipts: 100 },
      ...{ maxBodyBytes: 1e9, callsPerMinute: ONETRUST_CALLS_PER_MINUTE, receiptsPerDay: 3_000_000 },
      ...{ acceptsToken: acceptsAnyPoint, acceptsClient: acceptsAnyClient },
      readLagMs: random.whole(0, 60_000),
      readCallsPerMinute: random.pick([250, 1000]),
      readPaging: random.pick(['page', 'continuation']),
      readPayload: random.pick(['object', 'text']),
      identifierAlone: random.chance(0.5),
    };
    this.#platform = new PlatformStandIn(settings, this.#book, 1);
  }

  take({ elements }: ReceiptCall): void {
    const point = pointOf(POINT_TOKEN);
    for (const element of elements) this.#book.take(element, point, this.#clock.now(), this.#random.next);
  }

  inquiry(payloadName: string | undefined): Inquiry {
    const ask = createPatientAsk(
      { requestsPerMinute: ONETRUST_READS_PER_MINUTE, giveUpAfterMs: 3_600_000, maxWaitMs: 3_600_000 },
      {
        ...{ clock: this.#clock, transport: this, random: this.#random.next, readLimits: readToldLimits },
        authorizer: createPlatformAuthorizer({ id: 'me', secret: 's' }),
      },
    );
    return createOneTrustInquiry(ask, this.#clock, { token: POINT_TOKEN, payloadName });
  }

  async send({ method, path, headers, body = new Uint8Array(0) }: HttpRequest): Promise<HttpResponse> {
    await this.#clock.sleep(this.#random.scale(1, 200));
    const url = new URL(path, 'http://platform');
    const request = { method, path: url.pathname, query: url.searchParams, headers, body };
    // A second good token that is refused right away is the end by rule: that is never played.
    const expireTokens = this.#sinceExpiry > 20 && this.#random.chance(this.trouble);
    this.#sinceExpiry = expireTokens ? 0 : this.#sinceExpiry + 1;
    const intake = this.#platform.receive(request);
    const response = intake.process(1, this.#clock.now(), { ...NO_ORDERS, expireTokens });
    if (this.#random.chance(this.trouble)) throw new TransportError('lost', 'simulated');
    return { ...response, framed: true };
  }
}
