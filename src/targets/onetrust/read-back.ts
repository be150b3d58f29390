import { type Ask, AskError } from '../../core/ask.js';
import type { Holding, ReadBack } from '../../core/holding.js';
import type { Clock } from '../../core/ports.js';
import type { Sendable } from '../../core/target.js';
import { jsonObject } from '../sent-bytes.js';
import { receiptDifferences } from './compare.js';
import { SHOWN_FOR_MS } from './inquiry.js';
import { type Reading, windowAround } from './judge-doubt.js';
import { dateOf, type ReadReceipt } from './read-receipt.js';
import type { Receipt } from './receipt.js';
import { fitsHeader } from './receipts-query.js';
import { readReceipts } from './receipts-reader.js';
import { type SentReceipt, sentReceipt } from './sent-receipt.js';

export interface OneTrustReading {
  /** The collection point's token; undefined: each record brings its own. */
  readonly token: string | undefined;
  /** Where in `customPayload` the event id stands, if it does: then a receipt is surely recognised. */
  readonly payloadName: string | undefined;
}

/** Effects are asynchronous: documented is a lag of up to 30 s, and clocks may differ a little (ms). */
const SHOWN_WITHIN_MS = 35_000;
/** What was read of so many people is kept, for their other receipts. */
const MOST_KEPT = 1_000;

/**
 * Reads back from OneTrust's platform what it has of a receipt that was delivered. What is not found, and was delivered
 * only just now, is looked for once more when it must be shown.
 */
export function createOneTrustReader(ask: Ask, clock: Clock, { token, payloadName }: OneTrustReading): ReadBack {
  const kept = new Map<string, { readonly readAt: number; readonly person: Promise<OnePerson> }>();

  /** @param notBefore an earlier reading does not count; epoch ms */
  function read(
    { identifier, collectionPoint }: SentReceipt,
    sentAt: number,
    notBefore: number,
    signal: AbortSignal | undefined,
  ): { readonly readAt: number; readonly person: Promise<OnePerson> } {
    const { from, to } = windowAround(sentAt);
    const key = JSON.stringify([identifier, collectionPoint, from]);
    const before = kept.get(key);
    if (before !== undefined && before.readAt >= notBefore) return before;
    if (before === undefined && kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
    const query = { identifiers: [identifier], collectionPoint, from, to };
    const person = Promise.all([readReceipts(ask, query, signal), before?.person]).then(([found, earlier]) => ({
      reading: { ...found, from, to },
      claimed: earlier?.claimed ?? new Set<string | ReadReceipt>(),
    }));
    const reading = { readAt: clock.now(), person };
    kept.set(key, reading);
    return reading;
  }

  return async ({ event, sentAt }, signal) => {
    if (sentAt < clock.now() - SHOWN_FOR_MS) return cantBeTold('the platform shows receipts of the last 90 days only');
    const sent = sentReceipt(event, token, payloadName);
    if (!fitsHeader(sent.identifier)) return cantBeTold('the platform can not be asked for this identifier');
    const shownAt = sentAt + SHOWN_WITHIN_MS;
    const first = read(sent, sentAt, 0, signal);
    const isShown = first.readAt >= shownAt;
    const found = judgeDelivered(event, { token, payloadName }, await first.person, isShown);
    if (found !== NOT_SHOWN_YET) return found;
    // Not for ever where this machine's clock was put back since.
    await clock.sleep(Math.min(shownAt - clock.now(), SHOWN_WITHIN_MS), signal);
    if (signal?.aborted === true) throw new AskError('interrupted', 'interrupted');
    const again = read(sent, sentAt, Math.min(shownAt, clock.now()), signal);
    return judgeDelivered(event, { token, payloadName }, await again.person, true);
  };
}

/** What was read of one person, and which of it was found to be which receipt that was sent. */
export interface OnePerson {
  readonly reading: Pick<Reading, 'receipts' | 'complete'>;
  /** By their ids, where they have one. */
  readonly claimed: Set<string | ReadReceipt>;
}

/** It is not found, and was delivered so recently that the platform need not show it yet. */
export const NOT_SHOWN_YET: Holding = cantBeTold('it was delivered just now, and may be shown later');

/**
 * What the platform holds of one receipt. By the id in `customPayload` it is surely recognised. Without one, by person,
 * date and purposes; each receipt that is found stands for one that was sent, and where there are fewer than were sent
 * that look the same, it can't be told which is missing. A receipt of the same date that differs is taken for it.
 * @param isShown so long ago was it acknowledged that the platform must show it
 */
export function judgeDelivered(
  event: Sendable,
  { token, payloadName }: OneTrustReading,
  { reading, claimed }: OnePerson,
  isShown: boolean,
): Holding {
  const { receipts, complete } = reading;
  const sent = JSON.parse(new TextDecoder().decode(jsonObject(event))) as Receipt & Record<string, unknown>;
  const differences = (read: ReadReceipt): readonly string[] => receiptDifferences(sent, token, read);
  const id = payloadName === undefined ? undefined : sent.customPayload?.[payloadName];
  if (payloadName !== undefined && typeof id === 'string') {
    const stamped = receipts.filter(({ customPayload }) => customPayload?.[payloadName] === id);
    if (stamped.length > 0) return fewest(stamped.map(differences));
  } else {
    const date = dateOf(sent.interactionDate);
    if (date === undefined) return cantBeTold('without --stamp and without interactionDate it is not recognised');
    const equal = receipts.filter((read) => differences(read).length === 0);
    const free = equal.find((read) => !claimed.has(read.id ?? read));
    if (free !== undefined) {
      claimed.add(free.id ?? free);
      return { kind: 'match' };
    }
    if (equal.length > 0 && isShown)
      return cantBeTold('fewer receipts of this person that look the same than were sent');
    const near = receipts.filter(({ interactionDate = 0 }) => Math.abs(interactionDate - date) < 1000);
    if (near.length > 0 && isShown) return fewest(near.map(differences));
  }
  if (!complete) return cantBeTold('not all receipts of this person could be read');
  return isShown ? { kind: 'missing' } : NOT_SHOWN_YET;
}

function fewest(found: readonly (readonly string[])[]): Holding {
  const [paths = []] = [...found].sort((a, b) => a.length - b.length);
  return paths.length === 0 ? { kind: 'match' } : { kind: 'different', paths };
}

function cantBeTold(why: string): Holding {
  return { kind: 'cantBeTold', why };
}
