import type { Sendable } from '../core/target.js';

/** A JSON array of the records' own bytes, each with its splice directly after its `{`, and its stamp in its place. */
export function jsonArray(events: readonly Sendable[]): Uint8Array {
  let size = 1 + Math.max(events.length, 1);
  for (let i = 0; i < events.length; i++) size += sentLength(events[i]!);
  const body = new Uint8Array(size);
  let at = 0;
  body[at++] = 0x5b;
  for (let i = 0; i < events.length; ) {
    if (i > 0) body[at++] = 0x2c;
    const end = endOfRun(events, i);
    if (end === i + 1) at = write(events[i]!, body, at);
    else at = writeRun(events, i, end, body, at);
    i = end;
  }
  body[at] = 0x5d;
  return body;
}

/** The index behind the events, from `first` on, that stand in the same bytes as they are sent, one byte between them. */
function endOfRun(events: readonly Sendable[], first: number): number {
  let last = events[first]!;
  let end = first + 1;
  if (!isSentAsItIs(last)) return end;
  for (; end < events.length; end++) {
    const next = events[end]!;
    if (next.bytes !== last.bytes || next.start !== last.end + 1 || !isSentAsItIs(next)) break;
    last = next;
  }
  return end;
}

function isSentAsItIs({ splice, stamp }: Sendable): boolean {
  return splice === undefined && stamp === undefined;
}

/** Copies a run at one go, and puts commas over what stood between its events: line ends, mostly. */
function writeRun(events: readonly Sendable[], first: number, end: number, body: Uint8Array, at: number): number {
  const { bytes, start } = events[first]!;
  const stop = events[end - 1]!.end;
  body.set(bytes.subarray(start, stop), at);
  for (let i = first; i < end - 1; i++) body[at + events[i]!.end - start] = 0x2c;
  return at + stop - start;
}

/** The bytes of one record, with its splice and its stamp. */
export function jsonObject(event: Sendable): Uint8Array {
  const body = new Uint8Array(sentLength(event));
  write(event, body, 0);
  return body;
}

function sentLength({ start, end, splice, stamp }: Sendable): number {
  return end - start + (splice?.length ?? 0) + (stamp?.bytes.length ?? 0);
}

/** Returns the index after the last byte written. */
function write({ bytes, start, end, splice, stamp }: Sendable, body: Uint8Array, at: number): number {
  let from = start;
  if (splice !== undefined) {
    body[at++] = bytes[from++]!;
    body.set(splice, at);
    at += splice.length;
  }
  if (stamp !== undefined) {
    const to = start + stamp.offset;
    body.set(bytes.subarray(from, to), at);
    at += to - from;
    body.set(stamp.bytes, at);
    at += stamp.bytes.length;
    from = to;
  }
  body.set(bytes.subarray(from, end), at);
  return at + end - from;
}
