import type { Ask } from '../../core/ask.js';
import type { Inquiry, InquiryAnswer, SentRecord } from '../../core/inquiry.js';
import type { Clock } from '../../core/ports.js';
import { type DatedReceipt, judgeDoubt, type Reading, windowAround } from './judge-doubt.js';
import { fitsHeader } from './receipts-query.js';
import { folded, readReceipts } from './receipts-reader.js';
import { likeness, sentReceipt } from './sent-receipt.js';

export interface OneTrustInquiryOptions {
  /** The collection point's token; undefined: each record brings its own. */
  readonly token: string | undefined;
  /** Where in `customPayload` the event id stands: by `--stamp`, or by an `--id-pointer` that leads there. */
  readonly payloadName: string | undefined;
}

/**
 * Effects are asynchronous: documented is a lag of 30 s. What was sent more recently than this (ms) and is not found may
 * be found later.
 */
export const SHOWN_AFTER_MS = 15 * 60_000;
/** Receipts of 90 days are shown; a day less, for it is not said how they count. */
export const SHOWN_FOR_MS = 89 * 86_400_000;

/** Asks OneTrust's platform which receipts it has of the people whose receipts are in doubt. */
export function createOneTrustInquiry(ask: Ask, clock: Clock, options: OneTrustInquiryOptions): Inquiry {
  const { token, payloadName } = options;
  const dated = ({ event, sentAt }: SentRecord): DatedReceipt => ({
    receipt: sentReceipt(event, token, payloadName),
    sentAt,
  });
  return {
    async ask(doubts, delivered, samples, signal) {
      const now = clock.now();
      const all = doubts.map(dated);
      const known = delivered.map(dated);
      const readings = new Readings(ask, all, signal);
      const isTooOld = ({ sentAt }: DatedReceipt): boolean => sentAt < now - SHOWN_FOR_MS;
      const answers: InquiryAnswer[] = [];
      const seen = new Proof(payloadName);
      for (const doubt of all) {
        if (isTooOld(doubt)) {
          answers.push('too_old');
          continue;
        }
        const reading = await readings.of(doubt);
        const [rivals, siblings] = [all, known].map((list) => list.filter((other) => isOfOnePerson(other, doubt)));
        const answer = judgeDoubt(doubt, rivals!, siblings!, reading, payloadName);
        const isRecent = doubt.sentAt > now - SHOWN_AFTER_MS;
        answers.push(answer === 'not_taken' && isRecent ? 'too_soon' : answer);
        if (answer === 'arrived') seen.of(doubt);
        else seen.look(siblings!, reading);
      }
      const askable = samples.map(dated).filter(({ receipt }) => fitsHeader(receipt.identifier));
      return proved(answers, all, askable, seen, readings);
    },
  };
}

/** `not_taken` counts only at a collection point of which something was seen that is known to be there. */
async function proved(
  answers: readonly InquiryAnswer[],
  doubts: readonly DatedReceipt[],
  samples: readonly DatedReceipt[],
  seen: Proof,
  readings: Readings,
): Promise<readonly InquiryAnswer[]> {
  const told: InquiryAnswer[] = [];
  for (const [i, answer] of answers.entries()) {
    const { collectionPoint } = doubts[i]!.receipt;
    if (answer === 'not_taken') {
      for (const sample of samples) {
        if (seen.has(collectionPoint)) break;
        if (sample.receipt.collectionPoint === collectionPoint) seen.look([sample], await readings.of(sample));
      }
    }
    told.push(answer === 'not_taken' && !seen.has(collectionPoint) ? 'unproved' : answer);
  }
  return told;
}

/** Of which collection points a receipt was seen that is known to be there. */
class Proof {
  readonly #payloadName: string | undefined;
  readonly #points = new Set<string | undefined>();

  constructor(payloadName: string | undefined) {
    this.#payloadName = payloadName;
  }

  has(collectionPoint: string | undefined): boolean {
    return this.#points.has(collectionPoint);
  }

  of({ receipt }: DatedReceipt): void {
    this.#points.add(receipt.collectionPoint);
  }

  /** Is one of these, which are known to be delivered, among what was read? */
  look(delivered: readonly DatedReceipt[], { receipts }: Reading): void {
    for (const one of delivered) {
      const isThere = receipts.some((read) => likeness(one.receipt, read, this.#payloadName) === 'same');
      if (isThere) this.of(one);
    }
  }
}

/** Reads what one person gave around a time, once, however many ask; people who can't be asked for, all at a time. */
class Readings {
  readonly #ask: Ask;
  readonly #signal: AbortSignal | undefined;
  /** Identifiers that can't be asked for one by one. */
  readonly #together: readonly string[];
  readonly #made = new Map<string, Promise<Reading>>();

  constructor(ask: Ask, doubts: readonly DatedReceipt[], signal: AbortSignal | undefined) {
    this.#ask = ask;
    this.#signal = signal;
    this.#together = [...new Set(doubts.map(({ receipt }) => receipt.identifier))].filter((name) => !fitsHeader(name));
  }

  async of({ receipt, sentAt }: DatedReceipt): Promise<Reading> {
    const { identifier, collectionPoint } = receipt;
    const alone = fitsHeader(identifier) || !this.#together.includes(identifier);
    const { from, to } = windowAround(sentAt);
    const key = JSON.stringify([alone ? identifier : '', collectionPoint, from]);
    let made = this.#made.get(key);
    if (made === undefined) {
      const identifiers = alone ? [identifier] : this.#together;
      made = readReceipts(this.#ask, { identifiers, collectionPoint, from, to }, this.#signal).then((found) => ({
        ...found,
        ...{ from, to },
      }));
      this.#made.set(key, made);
    }
    const reading = await made;
    if (alone) return reading;
    const isTheirs = (name: string | undefined): boolean => name === undefined || folded(name) === folded(identifier);
    return { ...reading, receipts: reading.receipts.filter((read) => isTheirs(read.identifier)) };
  }
}

/** Whether the platform keeps the case of an address is not documented: then two people may be one to it. */
function isOfOnePerson(a: DatedReceipt, b: DatedReceipt): boolean {
  return folded(a.receipt.identifier) === folded(b.receipt.identifier);
}
