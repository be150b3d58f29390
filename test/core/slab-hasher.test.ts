import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashBytes64, hashBytes128, hashText128, subjectHash } from '../../src/core/siphash.js';
import { SlabHasher } from '../../src/core/slab-hasher.js';

const key = fc.uint32Array({ minLength: 4, maxLength: 4 });

function words(hash: (out: Uint32Array) => void): number[] {
  const out = new Uint32Array(4);
  hash(out);
  return [...out];
}

describe('SlabHasher', () => {
  it('gives the hashes of the plain implementation, wherever the bytes stand and however long they are', () => {
    fc.assert(
      fc.property(key, fc.uint8Array({ maxLength: 400 }), fc.nat(), fc.nat(), (secret, bytes, a, b) => {
        const start = a % (bytes.length + 1);
        const end = start + (b % (bytes.length - start + 1));
        const hasher = new SlabHasher(secret, bytes);
        expect(words((out) => hasher.hash64(start, end, out, 0))).toEqual(
          words((out) => hashBytes64(secret, bytes, start, end, out, 0)),
        );
        expect(words((out) => hasher.hash128(start, end, out, 0))).toEqual(
          words((out) => hashBytes128(secret, bytes, start, end, out, 0)),
        );
      }),
      { numRuns: 500 },
    );
  });

  it('gives a text in the slab the hashes that it has as a text, and leaves the bytes in front of it as they are', () => {
    fc.assert(
      fc.property(key, fc.stringMatching(/^[ -~]{1,60}$/), (secret, text) => {
        const bytes = Buffer.from(`xx"${text}"yy`);
        const hasher = new SlabHasher(secret, bytes);
        const whole = words((out) => hasher.hash64(0, bytes.length, out, 0));
        expect(hasher.subject('o:', 3, 3 + text.length)).toBe(subjectHash(secret, `o:${text}`));
        expect(words((out) => hasher.hash128(3, 3 + text.length, out, 0))).toEqual(
          words((out) => hashText128(secret, text, out, 0)),
        );
        expect(words((out) => hasher.hash64(0, bytes.length, out, 0))).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });

  it('hashes a slab that is larger than its memory, and two slabs in turn', () => {
    const secret = Uint32Array.of(1, 2, 3, 4);
    const large = new Uint8Array(3 * 1024 * 1024).map((_, at) => at * 7);
    const small = Uint8Array.of(9, 8, 7, 6, 5);
    const [one, other] = [new SlabHasher(secret, large), new SlabHasher(secret, small)];
    for (let turn = 0; turn < 2; turn += 1) {
      expect(words((out) => one.hash64(5, large.length, out, 0))).toEqual(
        words((out) => hashBytes64(secret, large, 5, large.length, out, 0)),
      );
      expect(one.subject('u:', 100, 120)).toBe(new SlabHasher(secret, large.slice(98, 120)).subject('u:', 2, 22));
      expect(words((out) => other.hash128(1, 5, out, 0))).toEqual(
        words((out) => hashBytes128(secret, small, 1, 5, out, 0)),
      );
    }
  });
});
