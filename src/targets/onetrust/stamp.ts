import { memberRange } from '../../core/json-members.js';
import type { Finding } from '../../core/rejection.js';
import type { Stamp } from '../../core/stamp.js';
import { pointerToken, pointerTokens } from '../json-pointer.js';
import type { Receipt } from './receipt.js';
import { CUSTOM_PAYLOAD_CHARACTERS, payloadCharacters } from './receipt-limits.js';

export type Stamped =
  | { readonly kind: 'stamp'; readonly stamp: Stamp }
  /** The id stands there already. */
  | { readonly kind: 'none' }
  | { readonly kind: 'finding'; readonly finding: Finding };

/**
 * Finds where `--stamp` puts the event id: into `customPayload` under this name, as its first member; where there is no
 * `customPayload`, one is put directly after the record's `{`. The record's own bytes stay as they are. It is a finding
 * when the name is taken, or when the stamp would make `customPayload` too large.
 */
export function createStamper(
  name: string,
): (receipt: Receipt, id: string, bytes: Uint8Array, start: number, end: number) => Stamped {
  const encoder = new TextEncoder();
  const key = JSON.stringify(name);
  const path = `/customPayload/${pointerToken(name)}`;
  const finding = (at: string, message: string): Stamped => ({ kind: 'finding', finding: { path: at, message } });
  return (receipt, id, bytes, start, end) => {
    const { customPayload: payload = {} } = receipt;
    const member = `${key}:${JSON.stringify(id)}`;
    if (Object.hasOwn(payload, name)) {
      if (payload[name] === id) return { kind: 'none' };
      return finding(path, 'must be free for the event id: --stamp writes it there');
    }
    const isEmpty = Object.keys(payload).length === 0;
    if (payloadCharacters(payload) + member.length + (isEmpty ? 0 : 1) > CUSTOM_PAYLOAD_CHARACTERS) {
      return finding('/customPayload', 'must leave room for the event id of --stamp: 4,000 characters in total');
    }
    if (receipt.customPayload === undefined) {
      return { kind: 'stamp', stamp: { offset: 1, bytes: encoder.encode(`"customPayload":{${member}},`) } };
    }
    const range = memberRange(bytes, start, end, 'customPayload');
    if (range === undefined) return finding('/customPayload', 'must have its name written without escapes');
    const stamp = { offset: range.start + 1 - start, bytes: encoder.encode(isEmpty ? member : `${member},`) };
    return { kind: 'stamp', stamp };
  };
}

/**
 * Where in `customPayload` the event id stands when it is sent: by `--stamp`, or by an `--id-pointer` that leads there;
 * undefined where it is not sent.
 */
export function payloadNameOf(idPointer: string | undefined, stamp: string | undefined): string | undefined {
  if (stamp !== undefined) return stamp;
  const [first, name, ...more] = pointerTokens(idPointer ?? '') ?? [];
  return first === 'customPayload' && more.length === 0 ? name : undefined;
}
