import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes64, hashBytes128, hashText128, subjectHash } from '../../src/core/siphash.js';

/** Key 00 01 … 0f, as in the authors' vectors; message n is 00 01 … n-1. */
const KEY = new Uint32Array([0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c]);

/** SipHash-2-4-128, lengths 0 to 16, and 63 (vectors.h of the reference code). */
const VECTORS_128: [number, string][] = [
  'a3817f04ba25a8e66df67214c7550293',
  'da87c1d86b99af44347659119b22fc45',
  '8177228da4a45dc7fca38bdef60affe4',
  '9c70b60c5267a94e5f33b6b02985ed51',
  'f88164c12d9c8faf7d0f6e7c7bcd5579',
  '1368875980776f8854527a07690e9627',
  '14eeca338b208613485ea0308fd7a15e',
  'a1f1ebbed8dbc153c0b84aa61ff08239',
  '3b62a9ba6258f5610f83e264f31497b4',
  '264499060ad9baabc47f8b02bb6d71ed',
  '00110dc378146956c95447d3f3d0fbba',
  '0151c568386b6677a2b4dc6f81e5dc18',
  'd626b266905ef35882634df68532c125',
  '9869e247e9c08b10d029934fc4b952f7',
  '31fcefac66d7de9c7ec7485fe4494902',
  '5493e99933b0a8117e08ec0f97cfc3d9',
  '6ee2a4ca67b054bbfd3315bf85230577',
].map((hex, length): [number, string] => [length, hex]);
VECTORS_128.push([63, '5150d1772f50834a503e069a973fbd7c']);

/** SipHash-1-3-64, lengths 0 to 15, as 64-bit numbers (reference code with cROUNDS=1, dROUNDS=3). */
const VECTORS_64 = [
  0xabac0158050fc4dcn,
  0xc9f49bf37d57ca93n,
  0x82cb9b024dc7d44dn,
  0x8bf80ab8e7ddf7fbn,
  0xcf75576088d38328n,
  0xdef9d52f49533b67n,
  0xc50d2b50c59f22a7n,
  0xd3927d989bb11140n,
  0x369095118d299a8en,
  0x25a48eb36c063de4n,
  0x79de85ee92ff097fn,
  0x70c118c1f94dc352n,
  0x78a384b157b4d9a2n,
  0x306f760c1229ffa7n,
  0x605aa111c0f95d34n,
  0xd320d86d2a519956n,
];

const message = (length: number) => Uint8Array.from({ length }, (_, i) => i);

function hex128(key: Uint32Array, bytes: Uint8Array, start = 0, end = bytes.length): string {
  const out = new Uint32Array(4);
  hashBytes128(key, bytes, start, end, out, 0);
  return Buffer.from(out.buffer).toString('hex');
}

function number64(key: Uint32Array, bytes: Uint8Array, start = 0, end = bytes.length): bigint {
  const out = new Uint32Array(2);
  hashBytes64(key, bytes, start, end, out, 0);
  return (BigInt(out[1]!) << 32n) | BigInt(out[0]!);
}

function textHex(text: string): string {
  const out = new Uint32Array(4);
  hashText128(KEY, text, out, 0);
  return Buffer.from(out.buffer).toString('hex');
}

/** SipHash as the paper writes it, in 64-bit arithmetic. */
function reference(key: Uint32Array, bytes: Uint8Array, c: number, d: number, wide: boolean): bigint[] {
  const mask = (1n << 64n) - 1n;
  const rotate = (x: bigint, by: bigint) => ((x << by) | (x >> (64n - by))) & mask;
  const k0 = (BigInt(key[1]!) << 32n) | BigInt(key[0]!);
  const k1 = (BigInt(key[3]!) << 32n) | BigInt(key[2]!);
  let v0 = k0 ^ 0x736f6d6570736575n;
  let v1 = k1 ^ 0x646f72616e646f6dn ^ (wide ? 0xeen : 0n);
  let v2 = k0 ^ 0x6c7967656e657261n;
  let v3 = k1 ^ 0x7465646279746573n;
  const rounds = (count: number) => {
    for (let i = 0; i < count; i++) {
      v0 = (v0 + v1) & mask;
      v1 = rotate(v1, 13n) ^ v0;
      v0 = rotate(v0, 32n);
      v2 = (v2 + v3) & mask;
      v3 = rotate(v3, 16n) ^ v2;
      v0 = (v0 + v3) & mask;
      v3 = rotate(v3, 21n) ^ v0;
      v2 = (v2 + v1) & mask;
      v1 = rotate(v1, 17n) ^ v2;
      v2 = rotate(v2, 32n);
    }
  };
  const padded = Buffer.alloc((Math.floor(bytes.length / 8) + 1) * 8);
  padded.set(bytes);
  padded[padded.length - 1] = bytes.length & 0xff;
  for (let i = 0; i < padded.length; i += 8) {
    const m = padded.readBigUInt64LE(i);
    v3 ^= m;
    rounds(c);
    v0 ^= m;
  }
  v2 ^= wide ? 0xeen : 0xffn;
  rounds(d);
  const output = [v0 ^ v1 ^ v2 ^ v3];
  if (wide) {
    v1 ^= 0xddn;
    rounds(d);
    output.push(v0 ^ v1 ^ v2 ^ v3);
  }
  return output;
}

const keys = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => new Uint32Array(bytes.slice().buffer));

describe('siphash', () => {
  it('gives the published SipHash-2-4-128 vectors', () => {
    for (const [length, hex] of VECTORS_128) expect(hex128(KEY, message(length))).toBe(hex);
  });

  it('gives the published SipHash-1-3-64 vectors', () => {
    for (const [length, number] of VECTORS_64.entries()) expect(number64(KEY, message(length))).toBe(number);
  });

  it('agrees with the 64-bit arithmetic of the paper for any key and bytes', () => {
    fc.assert(
      fc.property(keys, fc.uint8Array({ maxLength: 300 }), (key, bytes) => {
        const [first, second] = reference(key, bytes, 2, 4, true);
        const wide = Buffer.alloc(16);
        wide.writeBigUInt64LE(first!);
        wide.writeBigUInt64LE(second!, 8);
        expect(hex128(key, bytes)).toBe(wide.toString('hex'));
        expect(number64(key, bytes)).toBe(reference(key, bytes, 1, 3, false)[0]);
      }),
    );
  });

  it('hashes the named range only, and writes where it is told to', () => {
    const inside = new Uint8Array([9, 9, 9, ...message(20), 9, 9]);
    expect(hex128(KEY, inside, 3, 23)).toBe(hex128(KEY, message(20)));
    const out = new Uint32Array([1, 1, 1, 1, 1, 1]);
    hashBytes64(KEY, message(20), 0, 20, out, 2);
    expect([out[0], out[1], out[4], out[5]]).toEqual([1, 1, 1, 1]);
    expect((BigInt(out[3]!) << 32n) | BigInt(out[2]!)).toBe(number64(KEY, message(20)));
  });

  it('hashes an ASCII text as its bytes, however long', () => {
    for (const text of ['', 'a', '9556b7f5-ae22-4616-97f9-3f61e22f0ec7', 'x'.repeat(100_000)]) {
      expect(textHex(text)).toBe(hex128(KEY, Buffer.from(text)));
    }
  });

  it('hashes any other text as 0xFF and its UTF-16 units', () => {
    for (const text of ['é', '\ud800', '\udfff', '\ufffd', `${'x'.repeat(99_999)}é`]) {
      expect(textHex(text)).toBe(hex128(KEY, Buffer.concat([Buffer.from([0xff]), Buffer.from(text, 'utf16le')])));
    }
  });

  it('tells different texts apart, lone surrogates and unusual lengths included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(textHex(a) === textHex(b)).toBe(a === b);
      }),
    );
    const odd = ['\ud800', '\ud801', '\udc00', '\ufffd', 'ÿa', 'a', 'a\0', '\0a', 'Ā', '\0\u0001'];
    expect(new Set(odd.map(textHex)).size).toBe(odd.length);
  });

  it('makes subjects whole numbers of at most 53 bits that are never 0', () => {
    fc.assert(
      fc.property(keys, fc.string({ unit: 'binary' }), (key, name) => {
        const hash = subjectHash(key, name);
        expect(Number.isSafeInteger(hash) && hash > 0).toBe(true);
        expect(subjectHash(key, name)).toBe(hash);
      }),
    );
    expect(subjectHash(KEY, 'o:a')).toBe(Number(number64(KEY, Buffer.from('o:a')) & ((1n << 53n) - 1n)));
    expect(subjectHash(KEY, 'o:a')).not.toBe(subjectHash(KEY, 'u:a'));
  });
});
