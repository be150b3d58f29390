import type { HttpResponse } from '../../core/ports.js';
import { isObject, readBody } from '../answer-body.js';
import type { PageMark } from './receipts-query.js';

/** A receipt as the platform gives it back. What it does not tell, or not in a form that is known, is undefined. */
export interface ReadReceipt {
  readonly id: string | undefined;
  readonly identifier: string | undefined;
  /** The collection point, in lower case. */
  readonly collectionPoint: string | undefined;
  /** When the person chose; epoch ms. */
  readonly interactionDate: number | undefined;
  /** When the receipt was sent; epoch ms. */
  readonly created: number | undefined;
  readonly customPayload: Readonly<Record<string, unknown>> | undefined;
  readonly purposes: readonly ReadPurpose[] | undefined;
  /** All that was given. */
  readonly value: Readonly<Record<string, unknown>>;
}

export interface ReadPurpose {
  /** In lower case. */
  readonly id: string;
  readonly version: number | undefined;
  readonly transactionType: string | undefined;
}

/** One page of an answer; undefined `next` at the last one. */
export interface ReceiptsPage {
  readonly receipts: readonly ReadReceipt[];
  readonly next: PageMark | undefined;
}

/**
 * Reads one page of receipts (OpenAPI, `ReceiptInformationDetailSliceDto`). Which page is the last is told by `last`; where
 * it is missing, by a total, or by a page that is empty.
 * @returns undefined when it is no such page
 */
export function readReceiptsPage(response: HttpResponse, { number }: PageMark): ReceiptsPage | undefined {
  const body = readBody(response);
  if (response.status !== 200 || body.kind !== 'json' || !isObject(body.value)) return undefined;
  const { content, last, totalPages, pageable } = body.value;
  if (!Array.isArray(content) || !content.every(isObject)) return undefined;
  const continuation = isObject(pageable) ? pageable['requestContinuation'] : undefined;
  const told = continuation ?? body.value['requestContinuation'] ?? undefined;
  const isLast =
    last === true ||
    (last !== false &&
      told === undefined &&
      (content.length === 0 || (typeof totalPages === 'number' && number + 1 >= totalPages)));
  return { receipts: content.map(readReceipt), next: isLast ? undefined : { number: number + 1, continuation: told } };
}

function readReceipt(value: Record<string, unknown>): ReadReceipt {
  return {
    id: text(value['id']),
    identifier: text(value['dataSubjectIdentifier']) ?? text(value['identifier']),
    collectionPoint: text(value['collectionPointUUID'])?.toLowerCase(),
    interactionDate: dateOf(value['interactionDate']),
    created: dateOf(value['consentCreationDate']),
    customPayload: payloadOf(value['customPayload']),
    purposes: purposesOf(value['purposes']),
    value,
  };
}

function purposesOf(value: unknown): readonly ReadPurpose[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const purposes = value.map((purpose: unknown): ReadPurpose | undefined => {
    const id = isObject(purpose) ? text(purpose['id']) : undefined;
    if (id === undefined) return undefined;
    const { version, transactionType } = purpose as Record<string, unknown>;
    return {
      id: id.toLowerCase(),
      version: typeof version === 'number' ? version : undefined,
      transactionType: text(transactionType),
    };
  });
  return purposes.every((purpose) => purpose !== undefined) ? purposes : undefined;
}

/** The OpenAPI says it is a text, and shows an object. */
function payloadOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isObject(value)) return value;
  if (typeof value !== 'string') return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** Epoch ms. A date without a zone is UTC, as those that OneTrust's examples show. */
export function dateOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value)) return undefined;
  const ms = Date.parse(/(?:Z|[+-]\d\d:?\d\d)$/i.test(value) ? value : `${value}Z`);
  return Number.isNaN(ms) ? undefined : ms;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
