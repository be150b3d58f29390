import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** The part of Node's global that is used here: its types come with a browser's only. */
declare const WebAssembly: {
  compile(bytes: Uint8Array): Promise<object>;
  instantiate(module: object, imports: object): Promise<{ readonly exports: object }>;
};

/** What zlib-streams' module exports of its Deflate64 decoder. Pointers are offsets in `memory`. */
export interface Inflate9 {
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

/**
 * zlib-streams 1.0.4 takes the number of a length's extra bits with `& 15` (inflate9.c, line 693), so that code 285, which
 * has 16, seems to have none: every match of more than 258 bytes is misread, and the lines of an export are full of such.
 * With `& 31`, as in zlib's own contrib/infback9, they are read right. Another build is taken as it is: size and checksum
 * of what comes out are checked anyway.
 */
const MISREADING_BUILD = {
  sha256: 'd5f896af3951ccf51c8ac79e2871eab92a55b891efeadc67d4057277cb87a154',
  /** Where the operand of that `&` stands, and what it should be. */
  offset: 12_183,
  operand: 31,
} as const;

let compiled: Promise<object> | undefined;

/**
 * A decoder with an instance, and so a memory, of its own: nothing need be freed, also when it is broken off.
 * @param module another than the package's own, repaired
 */
export async function instantiateInflate9(module?: object): Promise<Inflate9> {
  compiled ??= compile();
  const { exports } = await WebAssembly.instantiate(module ?? (await compiled), {});
  const inflate9 = exports as Inflate9;
  inflate9._initialize();
  return inflate9;
}

async function compile(): Promise<object> {
  return WebAssembly.compile(repaired(await readModule()));
}

/** The module as the package brings it. */
export function readModule(): Promise<Buffer> {
  return readFile(createRequire(import.meta.url).resolve('zlib-streams/zlib-streams.wasm'));
}

/** A copy with the one byte put right, if it is the build that is known to misread; any other build as it is. */
export function repaired(module: Buffer): Buffer {
  const { sha256, offset, operand } = MISREADING_BUILD;
  if (createHash('sha256').update(module).digest('hex') !== sha256) return module;
  const copy = Buffer.from(module);
  copy[offset] = operand;
  return copy;
}
