/** Why one record was rejected. The order is the order in which summaries list them. */
export const REJECT_REASONS = [
  'line_too_long',
  'invalid_utf8',
  'invalid_json',
  'schema_violation',
  'no_identity',
  'wrong_organization',
  'conflicting_duplicate',
  'excluded',
  'refused',
] as const;

export type RejectReason = (typeof REJECT_REASONS)[number];

/** One finding on a rejected record. `path` is a JSON Pointer into the record ('' is the record itself). */
export interface Finding {
  readonly path: string;
  /** What is wrong, in our words or the schema's: it never holds content of the record. */
  readonly message: string;
  /**
   * What a parser or the target said verbatim. It may quote the record, so it is written to the rejects file only,
   * in place of `message`.
   */
  readonly verbatim?: string;
  /**
   * The same with what differs from record to record (a number, a place): written to the rejects file in place of
   * `message`, so that equal findings can still be counted together. Never holds content.
   */
  readonly detail?: string;
}

export interface Rejection {
  readonly reason: RejectReason;
  readonly errors: readonly Finding[];
}
