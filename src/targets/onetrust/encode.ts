import { memberRange } from '../../core/json-members.js';
import type { HttpRequest } from '../../core/ports.js';
import type { Sendable } from '../../core/target.js';
import { jsonArray, jsonObject } from '../sent-bytes.js';
import type { Authorizations } from './authorizations.js';
import type { BodyShape } from './limits.js';

/** Below the base URL, `https://privacyportal.onetrust.com/request/v1` (OpenAPI "Consent Receipts", bulk). */
const PATH = '/consentreceipts/bulk';

/**
 * One call for a batch: the records' own bytes, each with its splice directly after its `{`. The documents contradict each
 * other on the body: the current OpenAPI has one receipt, an earlier page an array of them, so it is a setting. With
 * signed tokens, the call carries that of the identifier of its receipts.
 * @throws {Error} for more than one receipt in a body that is an object
 */
export function encodeReceipts(
  events: readonly Sendable[],
  shape: BodyShape,
  authorizations: Authorizations | undefined,
): HttpRequest {
  if (shape === 'object' && events.length !== 1) throw new Error(`one receipt per call, and not ${events.length}`);
  const signed = authorizations?.get(identifierOf(events[0]!) ?? '');
  return {
    method: 'POST',
    path: PATH,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json',
      ...(signed !== undefined && { authorization: `Bearer ${signed}` }),
    },
    body: shape === 'object' ? jsonObject(events[0]!) : jsonArray(events),
  };
}

/** Whose receipt it is. */
export function identifierOf(event: Sendable): string | undefined {
  return textMember(event, 'identifier');
}

/** The token that a record itself brings. */
export function ownTokenOf(event: Sendable): string | undefined {
  return textMember(event, 'requestInformation');
}

const decoder = new TextDecoder();

function textMember({ bytes, start, end }: Sendable, name: string): string | undefined {
  const range = memberRange(bytes, start, end, name);
  const value: unknown =
    range === undefined
      ? escapedMember(bytes.subarray(start, end), name)
      : JSON.parse(decoder.decode(bytes.subarray(range.start, range.end)));
  return typeof value === 'string' ? value : undefined;
}

/** A member whose name is written with escapes: rare, so the whole record is parsed. */
function escapedMember(record: Uint8Array, name: string): unknown {
  if (!record.includes(0x5c)) return undefined;
  return (JSON.parse(decoder.decode(record)) as Record<string, unknown>)[name];
}
