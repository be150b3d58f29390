import type { SeededRandom } from './seeded-random.js';

/** What can go wrong with one request, by where: on the way, instead of the answer, or with the target as a whole. */
export const FAULTS = [
  /** No connection. */
  'unreachable',
  /** The connection broke before the target had the request. */
  'lost-before',
  /** The target did its work, and the connection broke before the answer. */
  'lost-after',
  'timeout-before',
  'timeout-after',
  /** The request arrives long after the importer gave up on it. */
  'timeout-late',
  /** The answer broke off, and this can be seen. */
  'incomplete',
  /** The answer broke off where only its content tells. */
  'truncated',
  /** Accepted, and answered with a gateway's error page or an error of the target's own. */
  'error-after',
  'error-500',
  'error-502-page',
  'unavailable-503',
  'unavailable-503-wait',
  'timeout-408',
  'throttled-429',
  'throttled-429-wait',
  'throttled-429-date',
  'slow-down-400',
  /** A captive portal's page with status 200. */
  'portal',
  /** All tokens end now. */
  'token-revoked',
  /** Some events of the batch are not taken this time, as the answer tells for each. */
  'some-events-busy',
  'forbidden-403',
  'not-found-404',
  'redirect-301',
] as const;

export type Fault = (typeof FAULTS)[number];

/** These end a run, so they must stay rare. */
const FATAL: readonly Fault[] = ['forbidden-403', 'not-found-404', 'redirect-301'];
/** What a target that is down looks like. */
const DEAD: readonly Fault[] = ['unreachable', 'lost-before', 'timeout-before', 'error-502-page', 'unavailable-503'];

export interface Outage {
  readonly from: number;
  readonly to: number;
  readonly as: Fault;
}

/** The faults of one run. */
export interface FaultPlan {
  readonly rate: number;
  readonly kinds: readonly (readonly [Fault, number])[];
  /** Milliseconds since the run's start. */
  readonly outages: readonly Outage[];
  readonly longestWaitS: number;
}

export const NO_FAULTS: FaultPlan = { rate: 0, kinds: [['error-500', 1]], outages: [], longestWaitS: 1 };

export function planFaults(random: SeededRandom, eventsMayBeBusy: boolean): FaultPlan {
  const kinds = random
    .shuffled(FAULTS)
    .slice(0, random.whole(1, 10))
    .filter((kind) => kind !== 'some-events-busy' || eventsMayBeBusy)
    .map((kind) => [kind, FATAL.includes(kind) ? 0.03 : random.next() + 0.1] as const);
  const outages: Outage[] = [];
  if (random.chance(0.2)) {
    const from = random.scale(10, 20_000);
    outages.push({ from, to: from + random.scale(1_000, 900_000), as: random.pick(DEAD) });
  }
  const rate = kinds.length === 0 ? 0 : random.pick([0, 0.02, 0.1, 0.3, 0.6]);
  return { rate, kinds, outages, longestWaitS: random.pick([2, 20, 200, 3_000]) };
}

/** Chooses the fault of the next request, or none. */
export function nextFault(plan: FaultPlan, sinceStart: number, random: SeededRandom): Fault | undefined {
  const outage = plan.outages.find(({ from, to }) => sinceStart >= from && sinceStart < to);
  if (outage !== undefined) return outage.as;
  return random.chance(plan.rate) ? random.weighted(plan.kinds) : undefined;
}
