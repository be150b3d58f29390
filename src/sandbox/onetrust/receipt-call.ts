import { createHash } from 'node:crypto';
import { memberWithComma } from '../../core/json-members.js';
import { scanArray } from '../../core/json-scan.js';
import type { Element } from '../stand-in.js';
import { claimsIn } from './settings.js';

/** The body of a call: one receipt, or an array of them. */
export interface ReceiptCall {
  /** Why it can't be read at all. */
  readonly broken: string | undefined;
  /** The body was one receipt, not an array. */
  readonly single: boolean;
  readonly elements: readonly Element[];
}

export function readCall(body: Uint8Array): ReceiptCall {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return { broken: 'Invalid JSON', single: false, elements: [] };
  }
  if (Array.isArray(json)) {
    // The array is valid JSON, so the scanner finds exactly the elements that the parser found.
    const spans = scanArray(body).elements;
    return {
      broken: undefined,
      single: false,
      elements: json.map((value: unknown, i) => toElement(value, body, ...spans[i]!)),
    };
  }
  const start = body.findIndex((byte) => byte > 0x20);
  const end = body.findLastIndex((byte) => byte > 0x20) + 1;
  return { broken: undefined, single: true, elements: [toElement(json, body, start, end)] };
}

function toElement(value: unknown, body: Uint8Array, start: number, end: number): Element {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { start, end, value, id: undefined, subjects: [], createdAt: undefined };
  }
  const { identifier, interactionDate, requestInformation } = value as Record<string, unknown>;
  const point = pointOf(requestInformation);
  const date = typeof interactionDate === 'string' ? Date.parse(interactionDate) : Number.NaN;
  return {
    start,
    end,
    value,
    id: contentId(body, start, end, point),
    subjects: typeof identifier === 'string' ? [`identifier\n${point}\n${identifier}`] : [],
    createdAt: Number.isNaN(date) ? undefined : date,
  };
}

/** The collection point that a token names, without its version. */
export function pointOf(token: unknown): string {
  const claims = typeof token === 'string' ? claimsIn(token) : undefined;
  return claims === undefined ? '' : `${String(claims['tenantId'])}/${String(claims['processId'])}`;
}

/**
 * What makes two arrivals the same receipt sent twice: its collection point, and its bytes without the token. OneTrust
 * itself has no such thing.
 */
function contentId(body: Uint8Array, start: number, end: number, point: string): string {
  const token = memberWithComma(body, start, end, 'requestInformation') ?? { start: end, end };
  const hash = createHash('sha256').update(`${point}\n`);
  return hash
    .update(body.subarray(start, token.start))
    .update(body.subarray(token.end, end))
    .digest('hex')
    .slice(0, 32);
}
