/** What became of a record. Every record read ends in exactly one of these. */
export const OUTCOMES = ['delivered', 'duplicate', 'rejected', 'inDoubt', 'undelivered'] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** How a duplicate was recognised: by the ledger, by an equal record of this run, or by the target's own word. */
export type DuplicateOf = 'ledger' | 'input' | 'target';

/** Counts of records: `read = delivered + duplicate + rejected + inDoubt + undelivered`. */
export type Counts = { read: number } & Record<Outcome, number>;

export function noCounts(): Counts {
  return { read: 0, delivered: 0, duplicate: 0, rejected: 0, inDoubt: 0, undelivered: 0 };
}

/** The first promise, as arithmetic. */
export function isBalanced(counts: Counts): boolean {
  return counts.read === OUTCOMES.reduce((sum, outcome) => sum + counts[outcome], 0);
}
