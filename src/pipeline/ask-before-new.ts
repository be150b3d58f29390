import type { Block, Slab } from '../core/block.js';
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
 * more, by the rules that have the answer; so is every later one, however many are decoded at a time. What went on before
 * holds only what the ledger has, or what is rejected: so a run that sends nothing asks nothing, and nothing is sent that
 * was not held against the answer.
 */
export function askBeforeNew({ before, after, ledger, strict, ask }: AskBeforeNewPorts): Decoder {
  let answered = false;
  /** Resolves when it is clear of every slab so far whether it may go on without the answer. */
  let decided: Promise<void> = Promise.resolve();
  /** @returns undefined when the block may not go on as it is */
  const unasked = async (block: Block): Promise<Block | undefined> => {
    if (strict) return block.count === block.rejections.size ? block : undefined;
    const known = await knownOf(block, ledger);
    return known === undefined ? undefined : { ...block, known };
  };
  const decodeWithout = async (slab: Slab, earlier: Promise<void>): Promise<Block> => {
    const block = await unasked(await before.decode(slab));
    // What is counted must not depend on which of two slabs was looked up faster.
    await earlier;
    if (!answered) {
      if (block !== undefined) return block;
      await ask();
      answered = true;
    }
    return after.decode(slab);
  };
  return {
    ahead: after.ahead,
    decode(slab) {
      if (answered) return after.decode(slab);
      const decoding = decodeWithout(slab, decided);
      const over = (): void => undefined;
      decided = decoding.then(over, over);
      return decoding;
    },
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
