import { jsonResponse, type SandboxResponse } from '../exchange.js';
import { randomUuid } from '../seeded-random.js';
import type { KeptReceipt } from './receipt-book.js';
import type { OneTrustSettings } from './settings.js';

/** The answer to a call that was taken, in the shape that the settings say. */
export function takenResponse(
  settings: OneTrustSettings,
  asArray: boolean,
  taken: readonly KeptReceipt[],
): SandboxResponse {
  const { shape, order, status } = settings.answers;
  const items = taken.map((receipt) => answerOf(receipt, settings));
  if (order === 'reversed') items.reverse();
  if (shape === 'empty') return { status, headers: {}, body: new Uint8Array(0) };
  if (!asArray) return jsonResponse(status, shape === 'data' ? { data: items[0] } : items[0]);
  if (shape === 'data') return jsonResponse(status, { data: items });
  return jsonResponse(status, shape === 'single' ? items.slice(0, 1) : items);
}

/**
 * A 429, with the headers that OneTrust documents.
 * @param over the limit that was passed, if OneTrust has a name for its period
 */
export function slowDown(
  waitMs: number,
  random: () => number,
  over?: { readonly calls: number; readonly period: 'MINUTE' | 'HOUR' },
): SandboxResponse {
  return jsonResponse(429, 'Too Many Requests', {
    'retry-after': String(Math.ceil(waitMs / 1000)),
    'ot-ratelimit-event-id': randomUuid(random),
    ...(over !== undefined && {
      'ot-requests-allowed': String(over.calls),
      'ot-period': over.period,
      'ot-request-made': String(over.calls + 1),
    }),
  });
}

function answerOf(receipt: KeptReceipt, settings: OneTrustSettings): Record<string, string> {
  const { value } = receipt;
  return {
    receipt: settings.receipts === 'uuid' ? receipt.id : asJwt({ jti: receipt.id, identifier: value['identifier'] }),
    ...(value['generateInstantLinkToken'] === true && { instantLinkToken: asJwt({ link: receipt.id }) }),
    ...(value['shortLinkToken'] === true && { linkToken: receipt.id.slice(0, 8) }),
  };
}

/** A JWT in form only: it is not signed. */
function asJwt(claims: object): string {
  const part = (text: string): string => Buffer.from(text).toString('base64url');
  return `${part('{"alg":"RS512"}')}.${part(JSON.stringify(claims))}.${part('sandbox')}`;
}
