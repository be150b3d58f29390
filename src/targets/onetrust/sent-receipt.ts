import type { Sendable } from '../../core/target.js';
import { jsonObject } from '../sent-bytes.js';
import { readCollectionPoint } from './collection-point.js';
import { dateOf, type ReadReceipt } from './read-receipt.js';
import type { Receipt } from './receipt.js';

/** What a receipt that was sent is recognised by. */
export interface SentReceipt {
  readonly identifier: string;
  /** The collection point, in lower case; undefined where its token does not name it. */
  readonly collectionPoint: string | undefined;
  /** When the person chose; epoch ms. */
  readonly date: number | undefined;
  readonly purposes: readonly PurposeDone[];
  /** The event id, where it stands in `customPayload`: with it, the receipt is surely recognised. */
  readonly payloadId: string | undefined;
}

/** A purpose, in lower case, and what was done with it, where that was said. */
export type PurposeDone = readonly [id: string, transactionType: string | undefined];

/** `other`: surely another receipt. `maybe`: nothing speaks against it, and not enough for it. */
export type Likeness = 'same' | 'maybe' | 'other';

const decoder = new TextDecoder();

/**
 * Reads back from a record's bytes what was sent.
 * @param token the configured one; undefined where records bring their own
 * @param payloadName where in `customPayload` the event id stands, if it does
 */
export function sentReceipt(event: Sendable, token: string | undefined, payloadName: string | undefined): SentReceipt {
  const receipt = JSON.parse(decoder.decode(jsonObject(event))) as Receipt;
  const pointToken = receipt.requestInformation ?? token;
  const point = pointToken === undefined ? undefined : readCollectionPoint(pointToken);
  const payloadId = payloadName === undefined ? undefined : receipt.customPayload?.[payloadName];
  return {
    identifier: receipt.identifier,
    collectionPoint: point?.processId?.toLowerCase(),
    date: dateOf(receipt.interactionDate),
    purposes: (receipt.purposes ?? []).map(({ Id, TransactionType }) => [Id.toLowerCase(), TransactionType]),
    payloadId: typeof payloadId === 'string' ? payloadId : undefined,
  };
}

/** Is this what became of that? */
export function likeness(sent: SentReceipt, read: ReadReceipt, payloadName: string | undefined): Likeness {
  if (differ(sent.collectionPoint, read.collectionPoint)) return 'other';
  if (sent.payloadId !== undefined && payloadName !== undefined) {
    const id = read.customPayload?.[payloadName];
    if (typeof id === 'string') return id === sent.payloadId ? 'same' : 'other';
  }
  if (sent.date !== undefined && read.interactionDate !== undefined) {
    // Whether fractions of a second are kept is not documented.
    if (Math.abs(sent.date - read.interactionDate) >= 1000) return 'other';
  } else return 'maybe';
  // It should hold the id, and does not; or it is of someone whose name differs, if only in upper and lower case.
  if (sent.payloadId !== undefined || differ(sent.identifier, read.identifier)) return 'maybe';
  const purposes = read.purposes?.map(({ id, transactionType }): PurposeDone => [id, transactionType]);
  return purposes !== undefined && agree(sent.purposes, purposes) ? 'same' : 'maybe';
}

/** Would the two be read back as equals? */
export function isTwin(a: SentReceipt, b: SentReceipt): boolean {
  const isDated = a.date !== undefined && b.date !== undefined && Math.abs(a.date - b.date) < 1000;
  return isDated && agree(a.purposes, b.purposes) && !differ(a.collectionPoint, b.collectionPoint);
}

function differ(a: string | undefined, b: string | undefined): boolean {
  return a !== undefined && b !== undefined && a !== b;
}

/** What was done with a purpose is compared where both say it. */
function agree(a: readonly PurposeDone[], b: readonly PurposeDone[]): boolean {
  if (a.length !== b.length) return false;
  const [first, second] = [sorted(a), sorted(b)];
  return first.every(([id, type], i) => {
    const [otherId, otherType] = second[i]!;
    return id === otherId && !differ(type, otherType);
  });
}

function sorted(purposes: readonly PurposeDone[]): PurposeDone[] {
  const text = ([id, type]: PurposeDone): string => `${id} ${type ?? ''}`;
  return [...purposes].sort((a, b) => (text(a) < text(b) ? -1 : 1));
}
