import type { Ask } from '../../core/ask.js';
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
import { sentReceipt } from './sent-receipt.js';

export interface OneTrustReading {
  /** The collection point's token; undefined: each record brings its own. */
  readonly token: string | undefined;
  /** Where in `customPayload` the event id stands, if it does: then a receipt is surely recognised. */
  readonly payloadName: string | undefined;
}

/** Effects are asynchronous: documented is a lag of up to 30 s. Twice that (ms). */
const SHOWN_WITHIN_MS = 60_000;
/** What was read of so many people is kept, for their other receipts. */
const MOST_KEPT = 1_000;

/** Reads back from OneTrust's platform what it has of a receipt that was delivered. */
export function createOneTrustReader(ask: Ask, clock: Clock, { token, payloadName }: OneTrustReading): ReadBack {
  const kept = new Map<string, Promise<OnePerson>>();

  function read(identifier: string, collectionPoint: string | undefined, sentAt: number, signal?: AbortSignal) {
    const { from, to } = windowAround(sentAt);
    const key = JSON.stringify([identifier, collectionPoint, from]);
    let person = kept.get(key);
    if (person === undefined) {
      if (kept.size >= MOST_KEPT) kept.delete(kept.keys().next().value!);
      person = readReceipts(ask, { identifiers: [identifier], collectionPoint, from, to }, signal).then((found) => ({
        reading: { ...found, from, to },
        claimed: new Set(),
      }));
      kept.set(key, person);
    }
    return person;
  }

  return async ({ event, sentAt }, signal) => {
    if (sentAt < clock.now() - SHOWN_FOR_MS) return cantBeTold('the platform shows receipts of the last 90 days only');
    const { identifier, collectionPoint } = sentReceipt(event, token, payloadName);
    if (!fitsHeader(identifier)) return cantBeTold('the platform can not be asked for this identifier');
    const person = await read(identifier, collectionPoint, sentAt, signal);
    return judgeDelivered(event, { token, payloadName }, person, clock.now() - sentAt);
  };
}

/** What was read of one person, and which of it was found to be which receipt that was sent. */
export interface OnePerson {
  readonly reading: Pick<Reading, 'receipts' | 'complete'>;
  readonly claimed: Set<ReadReceipt>;
}

/**
 * What the platform holds of one receipt. By the id in `customPayload` it is surely recognised. Without one, by person,
 * date and purposes; each receipt that is found stands for one that was sent, and where there are fewer than were sent
 * that look the same, it can't be told which is missing. A receipt of the same date that differs is taken for it.
 * @param ageMs since it was acknowledged
 */
export function judgeDelivered(
  event: Sendable,
  { token, payloadName }: OneTrustReading,
  { reading, claimed }: OnePerson,
  ageMs: number,
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
    const free = equal.find((read) => !claimed.has(read));
    if (free !== undefined) {
      claimed.add(free);
      return { kind: 'match' };
    }
    if (equal.length > 0) return cantBeTold('fewer receipts of this person that look the same than were sent');
    const near = receipts.filter(({ interactionDate = 0 }) => Math.abs(interactionDate - date) < 1000);
    if (near.length > 0 && ageMs >= SHOWN_WITHIN_MS) return fewest(near.map(differences));
  }
  if (!complete) return cantBeTold('not all receipts of this person could be read');
  if (ageMs < SHOWN_WITHIN_MS) return cantBeTold('it was delivered less than a minute ago, and may be shown later');
  return { kind: 'missing' };
}

function fewest(found: readonly (readonly string[])[]): Holding {
  const [paths = []] = [...found].sort((a, b) => a.length - b.length);
  return paths.length === 0 ? { kind: 'match' } : { kind: 'different', paths };
}

function cantBeTold(why: string): Holding {
  return { kind: 'cantBeTold', why };
}
