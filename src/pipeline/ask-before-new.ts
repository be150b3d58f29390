import type { Block } from '../core/block.js';
import type { Ledger, LedgerRecord } from '../core/ledger.js';
import type { Decoder } from './decoder.js';
import { keyBytesOf } from './event.js';

export interface AskBeforeNewPorts {
  /** Decodes on this thread. */
  readonly before: Decoder;
  /** Decodes what comes after the answer. */
  readonly after: Decoder;
  readonly ledger: Pick<Ledger, 'isSurelyNew' | 'lookup'>;
  /** Also what the ledger knows is held against the answer, and rejected by it. */
  readonly strict: boolean;
  /** Asks what the rules want to know; resolves when they know it, or never will. Called again, it asks nothing. */
  readonly ask: () => Promise<void>;
}

/**
 * Asks as late as possible: when a slab was decoded that holds something new, which may be sent. This slab is decoded once
 * more, by the rules that have the answer; so is every later one. What went on before holds only what the ledger has, or
 * what is rejected: so a run that sends nothing asks nothing, and nothing is sent that was not held against the answer.
 */
export function askBeforeNew({ before, after, ledger, strict, ask }: AskBeforeNewPorts): Decoder {
  let answered = false;
  const decodeWithout = async (slab: Parameters<Decoder['decode']>[0]): Promise<Block> => {
    const block = await before.decode(slab);
    if (!strict) {
      const known = await knownOf(block, ledger);
      if (known !== undefined) return { ...block, known };
    } else if (block.count === block.rejections.size) return block;
    await ask();
    answered = true;
    return after.decode(slab);
  };
  return {
    ahead: after.ahead,
    decode: (slab) => (answered ? after.decode(slab) : decodeWithout(slab)),
  };
}

/** What the ledger holds of each event of the block; undefined when one of them is not delivered. */
async function knownOf(
  { idHash, count, rejections }: Block,
  ledger: AskBeforeNewPorts['ledger'],
): Promise<Block['known']> {
  const places: number[] = [];
  const keys: Uint8Array[] = [];
  for (let at = 0; at < count; at += 1) {
    if (rejections.has(at)) continue;
    const i = at * 4;
    if (ledger.isSurelyNew?.(idHash[i]!, idHash[i + 1]!, idHash[i + 2]!, idHash[i + 3]!) === true) return undefined;
    places.push(at);
    keys.push(keyBytesOf(idHash, at));
  }
  const found = keys.length === 0 ? [] : await ledger.lookup(keys);
  const known = new Map<number, LedgerRecord>();
  for (const [i, record] of found.entries()) {
    if (record?.state !== 'delivered') return undefined;
    known.set(places[i]!, record);
  }
  return known;
}
