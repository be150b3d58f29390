/** What `GET /_sandbox/stats` tells of receipts. */
export interface ReceiptCounts {
  readonly taken: number;
  /** Taken although the same receipt had been taken before: a second legal record of one choice. Should be 0. */
  readonly doubles: number;
  /** Taken in the UTC day of the last call. */
  readonly today: number;
  /** Calls that were refused for the quota of a day. */
  readonly overQuota: number;
}
