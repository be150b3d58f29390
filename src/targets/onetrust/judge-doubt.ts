import type { InquiryAnswer } from '../../core/inquiry.js';
import type { ReadReceipt } from './read-receipt.js';
import { LONGEST_WINDOW_MS } from './receipts-query.js';
import { isTwin, likeness, type SentReceipt } from './sent-receipt.js';

/** One receipt with the time of its sending, or of its acknowledgement; epoch ms. */
export interface DatedReceipt {
  readonly receipt: SentReceipt;
  readonly sentAt: number;
}

/** What was read of one person, for the time around one sending. */
export interface Reading {
  readonly receipts: readonly ReadReceipt[];
  readonly from: number;
  readonly to: number;
  /** The platform showed all that it has of the person in that time. */
  readonly complete: boolean;
}

/** Begins so long before the hour of the sending: receipts of an hour before are surely among what is read. */
const READ_BEFORE_MS = 3 * 3_600_000;
const HOUR_MS = 3_600_000;

/** The 24 hours to read for what was sent at this time; the same for all of an hour. */
export function windowAround(sentAt: number): { readonly from: number; readonly to: number } {
  const from = Math.floor(sentAt / HOUR_MS) * HOUR_MS - READ_BEFORE_MS;
  return { from, to: from + LONGEST_WINDOW_MS };
}

/** How far the platform's clock may be from ours (ms). */
export const CLOCKS_APART_MS = 3_600_000;
/** An acknowledgement comes at most so long after the receipt was made (ms). */
const ANSWERED_WITHIN_MS = 3_600_000;

/**
 * What became of one receipt in doubt, as far as this person's receipts tell. A receipt that is found counts only where
 * it can't be another one's, and one that is not found only where nothing that was found may be it: receipts that are
 * known to be delivered are set against what was found first.
 * @param doubts all of the person's receipts in doubt, this one among them
 * @param delivered the person's receipts that are known to be delivered
 */
export function judgeDoubt(
  doubt: DatedReceipt,
  doubts: readonly DatedReceipt[],
  delivered: readonly DatedReceipt[],
  reading: Reading,
  payloadName: string | undefined,
): Extract<InquiryAnswer, 'arrived' | 'not_taken' | 'ambiguous' | 'not_all_read'> {
  const { receipt } = doubt;
  const alike = (read: ReadReceipt) => likeness(receipt, read, payloadName);
  const { receipts, from, to, complete } = reading;
  if (receipt.payloadId !== undefined && receipts.some((read) => alike(read) === 'same')) return 'arrived';

  // Which of the delivered ones were made in the time that was read is known only as well as the clocks agree.
  const maybeMade = delivered.filter(
    ({ sentAt }) => sentAt >= from - CLOCKS_APART_MS && sentAt - ANSWERED_WITHIN_MS <= to + CLOCKS_APART_MS,
  );
  const surelyMade = delivered.filter(
    ({ sentAt }) => sentAt - ANSWERED_WITHIN_MS >= from + CLOCKS_APART_MS && sentAt <= to - CLOCKS_APART_MS,
  );
  const rivals = doubts.filter((other) => isTwin(other.receipt, receipt) || other === doubt);
  const left = without(receipts, maybeMade, payloadName).filter(
    (read) => alike(read) === 'same' && !(read.created !== undefined && read.created < doubt.sentAt - CLOCKS_APART_MS),
  );
  if (left.length >= rivals.length) return 'arrived';
  if (!complete) return 'not_all_read';
  const unexplained = without(receipts, surelyMade, payloadName);
  return unexplained.every((read) => alike(read) === 'other') ? 'not_taken' : 'ambiguous';
}

/** What was found, less one receipt for each of these that it is the same as. */
function without(
  receipts: readonly ReadReceipt[],
  these: readonly DatedReceipt[],
  payloadName: string | undefined,
): readonly ReadReceipt[] {
  const left = [...receipts].sort((a, b) => (a.created ?? 0) - (b.created ?? 0));
  for (const { receipt } of these) {
    const at = left.findIndex((read) => likeness(receipt, read, payloadName) === 'same');
    if (at >= 0) left.splice(at, 1);
  }
  return left;
}
