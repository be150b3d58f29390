/**
 * SipHash (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012; 128-bit output as in the authors' reference
 * code). A keyed hash: who does not know the key can neither find two inputs that collide nor tell from a hash what was
 * hashed, which matters because event ids may be e-mail addresses.
 *
 * - Event ids: SipHash-2-4 with 128 bits, for two ids that collide would lose an event.
 * - Record fingerprints and subjects: SipHash-1-3 with 64 bits. A fingerprint is only compared with the one of the same
 *   id, and two subjects that collide merely wait for each other.
 *
 * All in 32-bit arithmetic (BigInt is some fifty times slower), and without allocating for texts up to 2,047 units.
 * `slab-hasher` gives the same hashes for the bytes of a slab, faster.
 * A key is four 32-bit words: the 16 key bytes, little-endian. Output words are the output bytes, little-endian.
 */

/** The keyed 128-bit hash of bytes [start, end): four words, written to `out` from `at`. */
export function hashBytes128(
  key: Uint32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint32Array,
  at: number,
): void {
  sipHash(key, bytes, start, end, 2, 4, 4, out, at);
}

/** The keyed 64-bit hash of bytes [start, end): two words, written to `out` from `at`. */
export function hashBytes64(
  key: Uint32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: Uint32Array,
  at: number,
): void {
  sipHash(key, bytes, start, end, 1, 3, 2, out, at);
}

/**
 * The keyed 128-bit hash of a text: four words, written to `out` from `at`. Different texts never become the same bytes,
 * lone surrogates included; for an ASCII text it is `hashBytes128` of its ASCII (and UTF-8) bytes.
 */
export function hashText128(key: Uint32Array, text: string, out: Uint32Array, at: number): void {
  const length = encode(text);
  sipHash(key, encoded, 0, length, 2, 4, 4, out, at);
}

/** A keyed 53-bit hash of a subject's name, never 0 (0 stands for no subject). */
export function subjectHash(key: Uint32Array, name: string): number {
  const length = encode(name);
  sipHash(key, encoded, 0, length, 1, 3, 2, words, 0);
  return toSubjectHash(words[0]!, words[1]!);
}

/** The same of a subject whose kind and id, both ASCII, are not put together to a text: the id's bytes are [start, end). */
export function subjectHashOfBytes(
  key: Uint32Array,
  kind: string,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  const length = kind.length + end - start;
  const name = length < ordinaryBuffer.length ? ordinaryBuffer : new Uint8Array(length);
  for (let i = 0; i < kind.length; i++) name[i] = kind.charCodeAt(i);
  for (let i = start, at = kind.length; i < end; i++, at++) name[at] = bytes[i]!;
  sipHash(key, name, 0, length, 1, 3, 2, words, 0);
  return toSubjectHash(words[0]!, words[1]!);
}

/** 53 bits of the two words of a 64-bit hash. */
export function toSubjectHash(low: number, high: number): number {
  return (high & 0x1f_ffff) * 0x1_0000_0000 + low || 1;
}

const words = new Uint32Array(2);
const ordinaryBuffer = new Uint8Array(4096);
let encoded = ordinaryBuffer;

/**
 * Writes a text's bytes to `encoded` and returns how many. ASCII texts as they are. Any other as 0xFF, which no ASCII
 * text begins with, and its UTF-16 units, little-endian: UTF-8 would make all lone surrogates the same.
 */
function encode(text: string): number {
  const length = text.length;
  encoded = length * 2 < ordinaryBuffer.length ? ordinaryBuffer : new Uint8Array(length * 2 + 1);
  let unit = 0;
  for (let i = 0; i < length; i++) {
    unit = text.charCodeAt(i);
    if (unit > 0x7f) return encodeUnits(text);
    encoded[i] = unit;
  }
  return length;
}

function encodeUnits(text: string): number {
  const length = text.length;
  let at = 0;
  encoded[at++] = 0xff;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    encoded[at++] = unit;
    encoded[at++] = unit >>> 8;
  }
  return at;
}

/**
 * One loop for everything, so that the round stands here once: first a step per 8 bytes (the last one holds the rest and
 * the length), then one step per 64 bits of output. Each 64-bit word is a high and a low half.
 */
function sipHash(
  key: Uint32Array,
  bytes: Uint8Array,
  start: number,
  end: number,
  compressionRounds: number,
  finalRounds: number,
  outputWords: 2 | 4,
  out: Uint32Array,
  at: number,
): void {
  const k0l = key[0]! | 0;
  const k0h = key[1]! | 0;
  const k1l = key[2]! | 0;
  const k1h = key[3]! | 0;
  let v0l = k0l ^ 0x70736575;
  let v0h = k0h ^ 0x736f6d65;
  let v1l = k1l ^ 0x6e646f6d;
  let v1h = k1h ^ 0x646f7261;
  let v2l = k0l ^ 0x6e657261;
  let v2h = k0h ^ 0x6c796765;
  let v3l = k1l ^ 0x79746573;
  let v3h = k1h ^ 0x74656462;
  if (outputWords === 4) v1l ^= 0xee;

  const length = end - start;
  const blocks = (length >>> 3) + 1;
  const steps = blocks + (outputWords >>> 1);
  for (let step = 0; step < steps; step++) {
    let ml = 0;
    let mh = 0;
    let rounds = finalRounds;
    if (step < blocks) {
      const i = start + step * 8;
      rounds = compressionRounds;
      if (step < blocks - 1) {
        ml = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
        mh = bytes[i + 4]! | (bytes[i + 5]! << 8) | (bytes[i + 6]! << 16) | (bytes[i + 7]! << 24);
      } else {
        for (let k = i; k < end; k++) {
          if (k - i < 4) ml |= bytes[k]! << ((k - i) << 3);
          else mh |= bytes[k]! << ((k - i - 4) << 3);
        }
        mh |= (length & 0xff) << 24;
      }
      v3l ^= ml;
      v3h ^= mh;
    } else if (step === blocks) {
      v2l ^= outputWords === 4 ? 0xee : 0xff;
    } else {
      v1l ^= 0xdd;
    }

    for (let round = 0; round < rounds; round++) {
      let t = 0;
      // v0 += v1; v1 <<<= 13; v1 ^= v0; v0 <<<= 32
      t = (v0l + v1l) | 0;
      v0h = (v0h + v1h + (t >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
      v0l = t;
      t = (v1h << 13) | (v1l >>> 19);
      v1l = ((v1l << 13) | (v1h >>> 19)) ^ v0l;
      v1h = t ^ v0h;
      t = v0l;
      v0l = v0h;
      v0h = t;
      // v2 += v3; v3 <<<= 16; v3 ^= v2
      t = (v2l + v3l) | 0;
      v2h = (v2h + v3h + (t >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
      v2l = t;
      t = (v3h << 16) | (v3l >>> 16);
      v3l = ((v3l << 16) | (v3h >>> 16)) ^ v2l;
      v3h = t ^ v2h;
      // v0 += v3; v3 <<<= 21; v3 ^= v0
      t = (v0l + v3l) | 0;
      v0h = (v0h + v3h + (t >>> 0 < v3l >>> 0 ? 1 : 0)) | 0;
      v0l = t;
      t = (v3h << 21) | (v3l >>> 11);
      v3l = ((v3l << 21) | (v3h >>> 11)) ^ v0l;
      v3h = t ^ v0h;
      // v2 += v1; v1 <<<= 17; v1 ^= v2; v2 <<<= 32
      t = (v2l + v1l) | 0;
      v2h = (v2h + v1h + (t >>> 0 < v1l >>> 0 ? 1 : 0)) | 0;
      v2l = t;
      t = (v1h << 17) | (v1l >>> 15);
      v1l = ((v1l << 17) | (v1h >>> 15)) ^ v2l;
      v1h = t ^ v2h;
      t = v2l;
      v2l = v2h;
      v2h = t;
    }

    if (step < blocks) {
      v0l ^= ml;
      v0h ^= mh;
    } else {
      out[at++] = v0l ^ v1l ^ v2l ^ v3l;
      out[at++] = v0h ^ v1h ^ v2h ^ v3h;
    }
  }
}
