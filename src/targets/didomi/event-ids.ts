import type { Sendable } from '../../core/target.js';

const ID_FIRST = new TextEncoder().encode('{"id":"');

/** The ids of a batch's events, read out of their bytes only when an answer has to be matched with them. */
export class EventIds {
  private readonly events: readonly Sendable[];
  private positions: Map<string, number> | undefined;

  constructor(events: readonly Sendable[]) {
    this.events = events;
  }

  at(position: number): string | undefined {
    const event = this.events[position];
    return event === undefined ? undefined : idOf(event);
  }

  /** Where in the batch the event with this id stands. */
  positionOf(id: string): number | undefined {
    if (this.positions === undefined) {
      this.positions = new Map();
      for (let i = 0; i < this.events.length; i++) this.positions.set(idOf(this.events[i]!), i);
    }
    return this.positions.get(id);
  }

  /** Does this id stand at this position? Cheaper than `positionOf` where an answer keeps the batch's order. */
  isAt(position: number, id: string): boolean {
    return this.positions === undefined ? this.at(position) === id : this.positions.get(id) === position;
  }
}

/** The id under which an event was sent: its own, or the one that its splice brings. */
export function idOf({ bytes, start, end, splice }: Sendable): string {
  if (splice !== undefined) return textId(`{${decode(splice).slice(0, -1)}}`);
  return firstMember(bytes, start, end) ?? textId(decode(bytes.subarray(start, end)));
}

/** The id if it is the record's first member and written without escapes: then nothing has to be parsed. */
function firstMember(bytes: Uint8Array, start: number, end: number): string | undefined {
  for (let i = 0; i < ID_FIRST.length; i++) if (bytes[start + i] !== ID_FIRST[i]) return undefined;
  const from = start + ID_FIRST.length;
  for (let i = from; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === 0x22) return decode(bytes.subarray(from, i));
    if (byte === 0x5c) return undefined;
  }
  return undefined;
}

function textId(text: string): string {
  const { id } = JSON.parse(text) as { id: string };
  return id;
}

const decoder = new TextDecoder();

function decode(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
