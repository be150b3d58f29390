import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { StoredBytes } from '../stored-bytes.js';

const OUT_BYTES = 256 * 1024;
const IN_BYTES = 64 * 1024;
/** zlib's return codes. */
const STREAM_END = 1;
const BUFFER_ERROR = -5;

/** The part of Node's global that is used here: its types come with a browser's only. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: object }>;
};

/** What zlib-streams' module exports of its Deflate64 decoder. Pointers are offsets in `memory`. */
interface Inflate9 {
  readonly memory: { readonly buffer: ArrayBuffer };
  _initialize(): void;
  malloc(bytes: number): number;
  inflate9_new(): number;
  inflate9_init_raw(handle: number): number;
  /** Produced bytes in the low 24 bits, zlib's return code in the high 8. */
  inflate9_process(
    handle: number,
    input: number,
    inputBytes: number,
    output: number,
    outputBytes: number,
    flush: 0,
  ): number;
  inflate9_last_consumed(handle: number): number;
}

let compiled: Promise<object> | undefined;

/** Each decoding has an instance, and so a memory, of its own: nothing need be freed, also when it is broken off. */
async function instantiate(): Promise<Inflate9> {
  compiled ??= readFile(createRequire(import.meta.url).resolve('zlib-streams/zlib-streams.wasm')).then((bytes) =>
    WebAssembly.compile(bytes),
  );
  const { exports } = await WebAssembly.instantiate(await compiled, {});
  const inflate9 = exports as unknown as Inflate9;
  inflate9._initialize();
  return inflate9;
}

/**
 * Decodes Deflate64 from the front of `stored`, one chunk of up to 256 KiB when it is asked for, on this thread. The
 * decoder is driven by hand: the package's stream drops data without an error when it stalls.
 *
 * It misreads matches of more than 258 bytes, at times without noticing: whoever calls this must check size and checksum.
 * @returns how it ended; behind the data's own end, what follows is still buffered
 */
export async function* inflate64(
  stored: StoredBytes,
): AsyncGenerator<Uint8Array, 'whole' | 'input_ended' | 'bad', undefined> {
  const zlib = await instantiate();
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
