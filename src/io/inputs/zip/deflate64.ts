import type { StoredBytes } from '../stored-bytes.js';
import { type Inflate9, instantiateInflate9 } from './deflate64-module.js';

const OUT_BYTES = 256 * 1024;
const IN_BYTES = 64 * 1024;
/** zlib's return codes. */
const STREAM_END = 1;
const BUFFER_ERROR = -5;

/**
 * Decodes Deflate64 from the front of `stored`, one chunk of up to 256 KiB when it is asked for, on this thread. The
 * decoder is driven by hand: the package's stream drops data without an error when it stalls.
 *
 * A build that is not known (see deflate64-module.ts) may misread valid data, at times without noticing: whoever calls this
 * must check size and checksum.
 * @returns how it ended; behind the data's own end, what follows is still buffered
 */
export async function* inflate64(
  stored: StoredBytes,
  decoder: Promise<Inflate9> = instantiateInflate9(),
): AsyncGenerator<Uint8Array, 'whole' | 'input_ended' | 'bad', undefined> {
  const zlib = await decoder;
  const handle = zlib.inflate9_new();
  const input = zlib.malloc(IN_BYTES);
  const output = zlib.malloc(OUT_BYTES);
  if (zlib.inflate9_init_raw(handle) !== 0) throw new Error('the Deflate64 decoder does not start');
  let produced = 0;
  for (;;) {
    // After a full buffer there may be more to come out of what was put in.
    if (stored.buffered.length === 0 && produced < OUT_BYTES && !(await stored.more())) return 'input_ended';
    const offered = stored.buffered.subarray(0, IN_BYTES);
    new Uint8Array(zlib.memory.buffer).set(offered, input);
    const result = zlib.inflate9_process(handle, input, offered.length, output, OUT_BYTES, 0);
    produced = result & 0xffffff;
    const code = result >> 24;
    stored.take(zlib.inflate9_last_consumed(handle));
    if (produced > 0) yield new Uint8Array(zlib.memory.buffer, output, produced).slice();
    if (code === STREAM_END) return 'whole';
    if (code < 0 && code !== BUFFER_ERROR) return 'bad';
    if (produced === 0 && zlib.inflate9_last_consumed(handle) === 0) return 'bad';
  }
}
