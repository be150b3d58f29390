import type { SandboxResponse } from '../exchange.js';
import type { AnswerStyle, RefusalStyle } from '../faults.js';
import type { Element } from '../stand-in.js';
import { errorBody, errorResponse } from './envelope.js';
import type { EventBatch } from './event-batch.js';
import type { EventFault } from './event-rules.js';

/** An event that is refused. */
export interface BadEvent extends EventFault {
  readonly index: number;
  readonly id: string | undefined;
  readonly style: RefusalStyle;
}

/** The answer to a batch with refused events, which names them, or not, as the style says. */
export function refusalResponse(style: RefusalStyle, bad: readonly BadEvent[]): SandboxResponse {
  const first = bad[0]!;
  switch (style.names) {
    case 'index':
      return errorResponse(
        style.status,
        'Invalid event',
        bad.map(({ index, message }) => ({ index, message })),
      );
    case 'id':
      return errorResponse(
        style.status,
        'Invalid event',
        bad.map(({ id, message }) => ({ id, message })),
      );
    case 'path':
      return errorResponse(
        style.status,
        'Invalid event',
        bad.map(({ index, path, message }) => ({ path: `/${index}${path}`, message })),
      );
    case 'message':
      return errorResponse(
        style.status,
        `Invalid event at index ${first.index}: ${first.path || 'it'} ${first.message}`,
      );
    case 'nothing':
      return errorResponse(style.status, 'Invalid event');
  }
}

/** The answer that says that events exist already. */
export function duplicateResponse(
  status: number,
  names: RefusalStyle['names'],
  elements: readonly Element[],
  known: readonly number[],
): SandboxResponse {
  const errors = known.map((index) => {
    const message = 'already exists';
    return names === 'id' ? { id: elements[index]?.id, message } : { index, message };
  });
  return errorResponse(status, 'Event already exists', names === 'nothing' ? {} : errors);
}

const encoder = new TextEncoder();

/**
 * The answer to a batch that was taken: the events as they were received, with the id that was given to those without
 * one, in the shape that the style says.
 */
export function createdResponse(
  style: AnswerStyle,
  body: Uint8Array,
  batch: EventBatch,
  given: ReadonlyMap<number, string>,
  bad: ReadonlyMap<number, BadEvent>,
): SandboxResponse {
  const headers = { 'content-type': 'application/json; charset=utf-8' };
  if (style.shape === 'empty') return { status: style.status, headers, body: new Uint8Array(0) };
  const items = batch.elements.map((element, index) => {
    const fault = bad.get(index);
    if (fault !== undefined) {
      const { id, message } = fault;
      return [encoder.encode(JSON.stringify({ ...errorBody(fault.style.status, message), index, id }))];
    }
    return withId(body.subarray(element.start, element.end), given.get(index));
  });
  if (style.order === 'reversed') items.reverse();
  const isOne = batch.single || style.shape === 'single';
  const parts = isOne ? items[0]! : items.flatMap((item, i) => (i === 0 ? item : [encoder.encode(','), ...item]));
  const [open, close] = isOne ? ['', ''] : style.shape === 'data' ? ['{"data":[', ']}'] : ['[', ']'];
  return {
    status: style.status,
    headers,
    body: Buffer.concat([encoder.encode(open), ...parts, encoder.encode(close)]),
  };
}

function withId(event: Uint8Array, id: string | undefined): Uint8Array[] {
  if (id === undefined) return [event];
  // It has at least `user` and `consents`, so a comma belongs after the id.
  return [encoder.encode(`{"id":"${id}",`), event.subarray(1)];
}
