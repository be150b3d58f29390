import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { crc32c, masked } from '../../../src/io/ledger/crc32c.js';
import { decodeRecord, encodeRecord, FLAG, MAX_RECORD_BYTES, withFlag } from '../../../src/io/ledger/record-format.js';
import { unsnap } from '../../../src/io/ledger/snappy.js';
import { readVarint, unzigzag, writeVarint, zigzag } from '../../../src/io/ledger/varint.js';

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const count = fc.oneof(fc.nat(300), fc.maxSafeNat());
const record = fc.record({
  flags: fc.integer({ min: 0, max: 7 }),
  run: count,
  file: count,
  line: count,
  element: fc.option(count, { nil: undefined }),
  index: fc.option(count, { nil: undefined }),
  sinceStart: fc.integer({ min: -(2 ** 45), max: 2 ** 45 }),
  fingerprint: fc.tuple(word, word),
});
const hash = fc.uint8Array({ minLength: 16, maxLength: 16 });

describe('numbers', () => {
  it('come back as they were, each after the other', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger(), { maxLength: 20 }), (numbers) => {
        const bytes = new Uint8Array(400);
        const small = numbers.map((number) => Math.trunc(number / 4));
        let end = 0;
        for (const number of small) end = writeVarint(bytes, end, zigzag(number));
        const cursor = { bytes: bytes.subarray(0, end), at: 0 };
        expect(small.map(() => unzigzag(readVarint(cursor)))).toEqual(small.map((number) => number + 0));
        expect(cursor.at).toBe(end);
      }),
    );
  });

  it('that are cut off are no numbers', () => {
    expect(() => readVarint({ bytes: Uint8Array.of(0x80, 0x80), at: 0 })).toThrow(RangeError);
  });
});

describe('the record of an id', () => {
  it('comes back as it was, and with a flag more', () => {
    fc.assert(
      fc.property(record, hash, (each, key) => {
        const bytes = new Uint8Array(MAX_RECORD_BYTES);
        const value = bytes.subarray(0, encodeRecord(bytes, 0, key, each));
        expect(decodeRecord(value, key)).toEqual(each);
        const flagged = withFlag(value, key, FLAG.settledByOperator);
        expect(decodeRecord(flagged, key)).toEqual({ ...each, flags: each.flags | FLAG.settledByOperator });
      }),
    );
  });

  it('takes about twenty bytes', () => {
    const bytes = new Uint8Array(MAX_RECORD_BYTES);
    const usual = {
      flags: 0,
      run: 12,
      file: 3,
      line: 2_000_000,
      element: undefined,
      index: undefined,
      sinceStart: 3_600_000,
      fingerprint: [1, 2] as const,
    };
    expect(encodeRecord(bytes, 0, new Uint8Array(16), usual)).toBe(20);
  });

  it('is not believed when a bit of it, or of its id, was flipped', () => {
    let missed = 0;
    const tries = 2000;
    fc.assert(
      fc.property(record, hash, fc.noBias(fc.nat(99_999)), fc.nat(7), (each, key, place, bit) => {
        const all = new Uint8Array(16 + MAX_RECORD_BYTES);
        all.set(key);
        const end = encodeRecord(all, 16, key, each);
        all[Math.floor((place / 100_000) * end)]! ^= 1 << bit;
        try {
          decodeRecord(all.subarray(16, end), all.subarray(0, 16));
          missed++;
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: tries },
    );
    expect(missed).toBeLessThanOrEqual(2);
  });
});

describe('CRC-32C', () => {
  it('is the one of RFC 3720, appendix B.4', () => {
    expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
    expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
    expect(crc32c(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe(0x46dd794e);
    expect(crc32c(Buffer.from('xx123456789yy'), 2, 11)).toBe(0xe3069283);
  });

  it('is masked as LevelDB does', () => {
    expect(masked(0)).toBe(0xa282ead8);
    expect(masked(0xe3069283)).toBe(((((0xe3069283 >>> 15) | (0xe3069283 << 17)) >>> 0) + 0xa282ead8) % 2 ** 32);
  });
});

describe('Snappy', () => {
  it('decompresses literals and copies, also overlapping ones', () => {
    const literal = (text: string): number[] => [(text.length - 1) << 2, ...Buffer.from(text)];
    const cases: [number[], string][] = [
      [[5, ...literal('abcde')], 'abcde'],
      [[11, ...literal('abc'), ((8 - 4) << 2) | 1, 3], 'abcabcabcab'],
      [[9, ...literal('abc'), ((6 - 1) << 2) | 2, 3, 0], 'abcabcabc'],
      [[6, ...literal('abc'), ((3 - 1) << 2) | 3, 2, 0, 0, 0], 'abcbcb'],
      [[70, 60 << 2, 69, ...Buffer.from('x'.repeat(70))], 'x'.repeat(70)],
    ];
    for (const [bytes, text] of cases) expect(Buffer.from(unsnap(Uint8Array.from(bytes))).toString()).toBe(text);
  });

  it('refuses what is no such block, without reading or writing outside it', () => {
    const bad = [[], [5, 16, 97], [3, 0, 97, 5, 0], [3, 0, 97, 5, 2], [1, 1], [200, 255, 255, 255, 127]];
    for (const bytes of bad) expect(() => unsnap(Uint8Array.from(bytes))).toThrow(RangeError);
    for (let round = 0; round < 2000; round++) {
      try {
        unsnap(randomBytes(30));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }
  });
});
