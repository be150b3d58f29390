import { availableParallelism } from 'node:os';
import type { RecordRules } from '../../core/target.js';
import { createDecode, type DecodeSettings } from '../../pipeline/decode.js';
import type { Decoder } from '../../pipeline/decoder.js';
import type { Settings } from '../settings/settings.js';
import type { DecodeThreads } from './decode-threads.js';
import type { RuleFiles, RulesFor } from './rules.js';
import { unwrapSettings } from './unwrap-settings.js';

/** All that decoding depends on: plain data, so that each thread can make the same of it. */
export interface DecodeOrder {
  readonly what: RulesFor;
  readonly settings: Settings;
  /** Read once, for they may be pipes. */
  readonly files: RuleFiles;
  /** The ledger's secret. */
  readonly secret: Uint32Array;
}

export interface OpenDecoder extends Decoder {
  /** Ends its threads. */
  close(): Promise<void>;
}

/** As much is decoded on the main thread first: a small input is done before a thread has started. */
const SMALL_BYTES = 8 * 1024 * 1024;

/** More would wait for the main thread. */
const MOST_THREADS = 4;

/** Decodes on as many threads as `--threads` says, or as pays on this machine. */
export function startDecoder(rules: RecordRules, order: DecodeOrder, cores = availableParallelism()): OpenDecoder {
  const { threads: asked } = order.settings;
  const count = asked ?? usualThreads(cores, rules.quickLook !== undefined && !order.settings.unwrap);
  const decode = createDecode(decodeSettings(order), rules);
  if (count === 0) return { ahead: 0, decode, close: async () => undefined };
  let bytes = 0;
  let threads: Promise<DecodeThreads> | undefined;
  return {
    // One in work and one waiting for each thread, so that none is ever idle while there are slabs.
    ahead: 2 * count,
    decode: async (slab) => {
      bytes += slab.kind === 'overlong' ? 0 : slab.bytes.length;
      if (asked === undefined && bytes <= SMALL_BYTES) return decode(slab);
      threads ??= import('./decode-threads.js').then(({ startDecodeThreads }) => startDecodeThreads(count, order));
      return (await threads).decode(slab);
    },
    close: async () => (await threads?.catch(() => undefined))?.close(),
  };
}

export function decodeSettings({ settings, secret }: DecodeOrder): DecodeSettings {
  const keepIds = settings.delivered !== undefined;
  return { maxLineBytes: settings.maxLineBytes, unwrap: unwrapSettings(settings), secret, keepIds };
}

/**
 * How many threads pay. On two cores the second one is taken by decompression and the ledger: a thread would only cost.
 * An ordinary event that a quick look recognises takes less time to decode than to hand over its outcome, so that one
 * thread keeps up with a main thread; what must be parsed takes several times as long.
 */
function usualThreads(cores: number, isQuick: boolean): number {
  if (cores <= 2) return 0;
  return isQuick ? 1 : Math.min(cores - 2, MOST_THREADS);
}
