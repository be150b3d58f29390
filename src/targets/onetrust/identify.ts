import { createHash } from 'node:crypto';
import { pointerTokens, valueAt } from '../json-pointer.js';
import type { CollectionPoint } from './collection-point.js';

/** A part of the slab that does not count. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/**
 * The id of a receipt that has none: the first 128 bits of SHA-256, in hex, over its bytes as they stand in the input,
 * without its `requestInformation` member and without white space around it. The same in every ledger, so receipts that
 * are equal are one event. For ever: with another rule, what was imported would be imported again.
 * @param within in front of what is hashed: where records bring their own tokens, the same bytes for two collection
 * points are two receipts
 */
export function receiptHash(
  bytes: Uint8Array,
  start: number,
  end: number,
  leftOut: Span | undefined,
  within: string,
): string {
  const hash = createHash('sha256');
  if (within !== '') hash.update(`${within}\n`);
  if (leftOut === undefined) hash.update(bytes.subarray(start, end));
  else hash.update(bytes.subarray(start, leftOut.start)).update(bytes.subarray(leftOut.end, end));
  return hash.digest('hex').slice(0, 32);
}

/** Whose receipts are told apart from others: never the version of the token. '' where the token does not say it. */
export function pointKey(point: CollectionPoint | undefined): string {
  if (point?.tenantId === undefined || point.processId === undefined) return '';
  return `${point.tenantId}/${point.processId}`;
}

/**
 * Reads the event id at a JSON Pointer: a text that is not empty, or a whole number that a double holds exactly.
 * @throws {RangeError} when the pointer is none
 */
export function createIdReader(pointer: string): (value: unknown) => string | undefined {
  const tokens = pointerTokens(pointer);
  if (tokens === undefined || tokens.length === 0) {
    throw new RangeError('an id pointer is a JSON Pointer to a field: /customPayload/rowId');
  }
  return (value) => {
    const id = valueAt(value, tokens);
    if (typeof id === 'string') return id === '' ? undefined : id;
    return Number.isSafeInteger(id) ? String(id) : undefined;
  };
}

/** Names the rule that makes the ids, for the ledger: ids by another rule are other ids. */
export function oneTrustIdRule(options: {
  readonly idPointer: string | undefined;
  /** A collection point's token is configured, for all records. */
  readonly oneCollectionPoint: boolean;
}): string {
  const rule = options.idPointer === undefined ? 'onetrust-sha256-128' : `onetrust-pointer:${options.idPointer}`;
  return options.oneCollectionPoint ? rule : `${rule}-by-collection-point`;
}

/** The subject of a receipt, with its kind in front. */
export function subjectOf(identifier: string): string {
  return `i:${identifier}`;
}
