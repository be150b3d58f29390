import type { Sendable } from './target.js';

/** A record that was sent. */
export interface SentRecord {
  /** Its own bytes, and what was put in when it was sent. */
  readonly event: Sendable;
  /** Epoch ms: of the sending (in doubt), or of the acknowledgement (delivered). */
  readonly sentAt: number;
}

/**
 * Why a record that is in doubt stays so:
 * - `too_soon`: it was sent so shortly before that it may not be shown yet;
 * - `too_old`: the target does not show what was sent that long ago;
 * - `ambiguous`: something was found that may be it, or another one;
 * - `not_all_read`: not all of what the target has could be read;
 * - `unproved`: nothing that is known to be delivered could be read either, so nothing proves that the right place was
 *   looked at.
 */
export type StillInDoubt = 'too_soon' | 'too_old' | 'ambiguous' | 'not_all_read' | 'unproved';

/** What became of a record in doubt. `not_taken`: the target surely does not have it. */
export type InquiryAnswer = 'arrived' | 'not_taken' | StillInDoubt;

/** Finds out at the target what became of records that were never answered. */
export interface Inquiry {
  /**
   * @param delivered all records of the same subjects that are known to be delivered: one of theirs must not be taken for
   * one in doubt
   * @param samples other records that are known to be delivered: where none of them is found, nothing is proved by what
   * is not found
   * @returns one answer for each of `doubts`, in order
   * @throws {AskError}
   */
  ask(
    doubts: readonly SentRecord[],
    delivered: readonly SentRecord[],
    samples: readonly SentRecord[],
    signal?: AbortSignal,
  ): Promise<readonly InquiryAnswer[]>;
}
