/**
 * SipHash as a WebAssembly module, put together here instruction by instruction (WebAssembly Core Specification 2.0,
 * chapter 5, "Binary Format"). It has the 64-bit arithmetic that SipHash is made of, which JavaScript must make up from
 * 32-bit halves: a sixth of the time.
 *
 * Memory: the key's 16 bytes at 0, the output's at 16, the bytes to hash from `DATA_AT` on.
 */

export interface SipHashModule {
  readonly memory: Uint8Array;
  /** SipHash-1-3 with 64 bits of `length` bytes at `at`. */
  hash64(at: number, length: number): void;
  /** SipHash-2-4 with 128 bits. */
  hash128(at: number, length: number): void;
}

export const KEY_AT = 0;
export const OUTPUT_AT = 16;
export const DATA_AT = 64;

const PAGE_BYTES = 65_536;

/** As much of it as is used here; TypeScript knows it in browsers only. */
declare const WebAssembly:
  | undefined
  | {
      readonly Module: new (bytes: Uint8Array) => object;
      readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
    };

/** @param room how many bytes it must have room for @returns undefined where there is no WebAssembly */
export function instantiateSipHash(room: number): SipHashModule | undefined {
  if (typeof WebAssembly === 'undefined') return undefined;
  // The last word is read whole, so up to seven bytes behind the data are read.
  const pages = Math.ceil((DATA_AT + room + 8) / PAGE_BYTES);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(moduleBytes(pages)));
  return {
    memory: new Uint8Array((exports['memory'] as { readonly buffer: ArrayBuffer }).buffer),
    hash64: exports['hash64'] as SipHashModule['hash64'],
    hash128: exports['hash128'] as SipHashModule['hash128'],
  };
}

type Code = readonly number[];

const I32 = 0x7f;
const I64 = 0x7e;
const END = 0x0b;

function moduleBytes(pages: number): Uint8Array<ArrayBuffer> {
  const functionType: Code = [0x60, 2, I32, I32, 0];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, ...functionType]),
    ...section(3, [2, 0, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [3, ...name('memory'), 2, 0, ...name('hash64'), 0, 0, ...name('hash128'), 0, 1]),
    ...section(10, [2, ...body(sipHash(1, 3, 8)), ...body(sipHash(2, 4, 16))]),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function name(text: string): Code {
  return [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))];
}

/** A function with five 64-bit locals and one 32-bit local besides its two parameters. */
function body(code: Code): Code {
  const content = [2, 5, I64, 1, I32, ...code, END];
  return [...unsigned(content.length), ...content];
}

// The parameters and locals.
const AT = 0;
const LENGTH = 1;
const [V0, V1, V2, V3, WORD] = [2, 3, 4, 5, 6] as const;
const LAST = 7;

const ADD = 0x7c;
const AND = 0x83;
const OR = 0x84;
const XOR = 0x85;
const SHIFT_LEFT = 0x86;
const ROTATE_LEFT = 0x89;

const get = (local: number): Code => [0x20, local];
const set = (local: number, value: Code): Code => [...value, 0x21, local];
const number = (value: bigint): Code => [0x42, ...signed(BigInt.asIntN(64, value))];
const on = (operation: number, ...operands: Code[]): Code => [...operands.flat(), operation];
const small = (value: number): Code => [0x41, ...signed(BigInt(value))];
/** The eight bytes, little-endian, at an address. */
const load = (address: Code, offset = 0): Code => [...address, 0x29, 0, offset];
const store = (offset: number, value: Code): Code => [...small(0), ...value, 0x37, 0, offset];
const bits = (count: Code): Code => [...on(0x74, on(0x71, count, small(7)), small(3)), 0xad];

/** @param bytes of output */
function sipHash(compressionRounds: number, finalRounds: number, bytes: 8 | 16): Code {
  const compress: Code = [
    ...set(V3, on(XOR, get(V3), get(WORD))),
    ...rounds(compressionRounds),
    ...set(V0, on(XOR, get(V0), get(WORD))),
  ];
  const finish = (output: number): Code => [
    ...rounds(finalRounds),
    ...store(output, on(XOR, on(XOR, on(XOR, get(V0), get(V1)), get(V2)), get(V3))),
  ];
  const [k0, k1] = [load(small(0), KEY_AT), load(small(0), KEY_AT + 8)];
  return [
    ...set(V0, on(XOR, k0, number(0x736f6d6570736575n))),
    ...set(V1, on(XOR, k1, number(0x646f72616e646f6dn ^ (bytes === 16 ? 0xeen : 0n)))),
    ...set(V2, on(XOR, k0, number(0x6c7967656e657261n))),
    ...set(V3, on(XOR, k1, number(0x7465646279746573n))),
    // LAST: where the last word begins, which is not whole.
    ...set(LAST, on(0x6a, get(AT), on(0x71, get(LENGTH), small(-8)))),
    // block { loop { if AT = LAST leave; WORD = word at AT; compress; AT += 8; again } }
    ...[0x02, 0x40, 0x03, 0x40, ...on(0x46, get(AT), get(LAST)), 0x0d, 1],
    ...set(WORD, load(get(AT))),
    ...compress,
    ...set(AT, on(0x6a, get(AT), small(8))),
    ...[0x0c, 0, END, END],
    // The last word: the bytes that are left, and the length in its highest byte.
    ...set(
      WORD,
      on(
        OR,
        on(AND, load(get(AT)), on(XOR, on(SHIFT_LEFT, number(-1n), bits(get(LENGTH))), number(-1n))),
        on(SHIFT_LEFT, [...get(LENGTH), 0xad], number(56n)),
      ),
    ),
    ...compress,
    ...set(V2, on(XOR, get(V2), number(bytes === 16 ? 0xeen : 0xffn))),
    ...finish(OUTPUT_AT),
    ...(bytes === 16 ? [...set(V1, on(XOR, get(V1), number(0xddn))), ...finish(OUTPUT_AT + 8)] : []),
  ];
}

function rounds(count: number): Code {
  const add = (to: number, from: number): Code => set(to, on(ADD, get(to), get(from)));
  const rotate = (local: number, by: bigint): Code => set(local, on(ROTATE_LEFT, get(local), number(by)));
  const mix = (to: number, from: number): Code => set(to, on(XOR, get(to), get(from)));
  const half = (a: number, b: number, by: bigint): Code => [...add(a, b), ...rotate(b, by), ...mix(b, a)];
  const round: Code = [
    ...[...half(V0, V1, 13n), ...rotate(V0, 32n)],
    ...half(V2, V3, 16n),
    ...half(V0, V3, 21n),
    ...[...half(V2, V1, 17n), ...rotate(V2, 32n)],
  ];
  return Array.from({ length: count }, () => round).flat();
}

/** LEB128, the format's way to write numbers. */
function unsigned(value: number): Code {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: bigint): Code {
  const low = Number(value & 0x7fn);
  const rest = value >> 7n;
  const isLast = (rest === 0n && (low & 0x40) === 0) || (rest === -1n && (low & 0x40) !== 0);
  return isLast ? [low] : [low | 0x80, ...signed(rest)];
}
