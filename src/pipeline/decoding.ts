import type { Block, Slab } from '../core/block.js';
import type { Clock } from '../core/ports.js';
import type { Decoder } from './decoder.js';
import type { Coming } from './part.js';
import type { Settle } from './settle.js';
import type { Window } from './window.js';

export interface DecodingPorts {
  readonly clock: Clock;
  readonly decoder: Decoder;
  readonly settle: Pick<Settle, 'room'>;
  readonly window: Window;
  /** Called when the reader must wait for the window. */
  readonly onFull: () => void;
  /** Are requests about to leave? */
  readonly areStarting?: () => boolean;
}

/** A request leaves one or two turns of the event loop after the answer before it; one that connects takes more. */
const MOST_TURNS = 4;

/**
 * Begins to decode a slab when there is room for it.
 * @param flush hands on what is being decoded, for nothing can leave that has not arrived
 * @returns undefined when the run was stopped meanwhile
 */
export async function beginDecoding(
  slab: Slab,
  flush: () => Promise<void>,
  ports: DecodingPorts,
  signal: AbortSignal,
): Promise<Coming | undefined> {
  const { window, settle, clock, decoder } = ports;
  const wait = async (forWindow: Promise<void> | undefined): Promise<void> => {
    if (forWindow === undefined) return;
    ports.onFull();
    await forWindow;
  };
  const bytes = slab.kind === 'overlong' ? slab.head.length : slab.bytes.length;
  if (!window.fits(bytes)) await flush();
  await wait(window.room(bytes));
  await settle.room();
  // Answer first, decode second: a target must not wait for its next request while a slab is decoded.
  for (let turn = 0; turn < MOST_TURNS; turn += 1) {
    await clock.yield();
    if (ports.areStarting?.() !== true) break;
  }
  if (signal.aborted) return undefined;
  if (decoder.ahead === 0) return { arrive: () => decoder.decode(slab), drop: () => undefined };

  window.expect(bytes);
  const decoded = (async () => decoder.decode(slab))();
  // An error is reported in its turn; until then it must not count as unhandled.
  decoded.catch(() => undefined);
  const arrive = async (): Promise<Block | undefined> => {
    try {
      const block = await decoded;
      await wait(window.turn());
      return signal.aborted ? undefined : block;
    } finally {
      window.arrived(bytes);
    }
  };
  return { arrive, drop: () => window.arrived(bytes) };
}
