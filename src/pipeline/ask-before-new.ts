import type { Block } from '../core/block.js';
import type { Ledger } from '../core/ledger.js';
import type { Decoder } from './decoder.js';
import { keyBytesOf } from './event.js';

export interface AskBeforeNewPorts {
  /** Decodes on this thread. */
  readonly first: Decoder;
  /** Decodes what comes after the answer. */
  readonly then: Decoder;
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
export function askBeforeNew({ first, then, ledger, strict, ask }: AskBeforeNewPorts): Decoder {
  let answered = false;
  const decodeWithout = async (slab: Parameters<Decoder['decode']>[0]): Promise<Block> => {
    const block = await first.decode(slab);
    const matters = strict ? block.count > block.rejections.size : await holdsNew(block, ledger);
    if (!matters) return block;
    await ask();
    answered = true;
    return then.decode(slab);
  };
  return {
    ahead: then.ahead,
    decode: (slab) => (answered ? then.decode(slab) : decodeWithout(slab)),
  };
}

/** Holds the block an event that the ledger does not have as delivered? */
async function holdsNew(block: Block, ledger: AskBeforeNewPorts['ledger']): Promise<boolean> {
  const keys: Uint8Array[] = [];
  const { idHash } = block;
  for (let at = 0; at < block.count; at += 1) {
    if (block.rejections.has(at)) continue;
    const i = at * 4;
    if (ledger.isSurelyNew?.(idHash[i]!, idHash[i + 1]!, idHash[i + 2]!, idHash[i + 3]!) === true) return true;
    keys.push(keyBytesOf(idHash, at));
  }
  if (keys.length === 0) return false;
  return (await ledger.lookup(keys)).some((record) => record?.state !== 'delivered');
}
