import { inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredBytes } from '../../../../src/io/inputs/stored-bytes.js';
import { inflate64 } from '../../../../src/io/inputs/zip/deflate64.js';
import { inChunks } from '../collect.js';
import { anyContent, lines } from '../gzip-builder.js';
import { deflate64 } from './zip-builder.js';

async function decode(bytes: Uint8Array, sizes: readonly number[] = [100_000]) {
  const stored = new StoredBytes(inChunks(bytes, sizes), { hash: false });
  const parts: Uint8Array[] = [];
  const decoding = inflate64(stored);
  for (;;) {
    const { done, value } = await decoding.next();
    if (done) return { end: value, bytes: Buffer.concat(parts), left: stored.buffered.length, sizes: parts };
    parts.push(value);
  }
}

describe('inflate64', () => {
  it('decodes long matches and distances beyond 32 KiB, however the bytes arrive', async () => {
    const far = Buffer.from(Array.from({ length: 60_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 13) & 255));
    const content = Buffer.concat([far, far, Buffer.alloc(200_000, 'a'), Buffer.from('x'), Buffer.alloc(259, 'b')]);
    const packed = deflate64(content);
    expect(() => inflateRawSync(packed)).toThrow();
    for (const sizes of [[100_000], [1000, 7], [3]]) {
      const { end, bytes, left } = await decode(packed, sizes);
      expect([end, left]).toEqual(['whole', 0]);
      expect(bytes.equals(content)).toBe(true);
    }
  });

  it('decodes anything that was encoded, and leaves what follows', async () => {
    await fc.assert(
      fc.asyncProperty(anyContent, fc.integer({ min: 1, max: 4000 }), async (content, size) => {
        const { end, bytes, left } = await decode(Buffer.concat([deflate64(content), Buffer.from('!!')]), [size]);
        expect(end).toBe('whole');
        expect(bytes.equals(content)).toBe(true);
        expect(left).toBeLessThanOrEqual(2);
      }),
      { numRuns: 40 },
    );
  });

  it('gives chunks of at most 256 KiB however much comes out of few bytes', async () => {
    const { end, sizes } = await decode(deflate64(Buffer.alloc(3_000_000)));
    expect(end).toBe('whole');
    expect(Math.max(...sizes.map((part) => part.length))).toBeLessThanOrEqual(256 * 1024);
  });

  it('says that the bytes ended too early, or are none', async () => {
    const packed = deflate64(Buffer.from(lines(500)));
    expect((await decode(packed.subarray(0, -5))).end).toBe('input_ended');
    expect((await decode(Buffer.from([0xff, 0xff, 0xff, 0xff]))).end).toBe('bad');
  });
});
