import { crc32, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoredBytes } from '../../../../src/io/inputs/stored-bytes.js';
import { inflate64 } from '../../../../src/io/inputs/zip/deflate64.js';
import {
  type Inflate9,
  instantiateInflate9,
  readModule,
  repaired,
} from '../../../../src/io/inputs/zip/deflate64-module.js';
import { inChunks } from '../collect.js';
import { anyContent, lines } from '../gzip-builder.js';
import { deflate64 } from './zip-builder.js';

/** The part of Node's global that is used here: its types come with a browser's only. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

async function decode(bytes: Uint8Array, sizes: readonly number[] = [100_000], decoder?: Promise<Inflate9>) {
  const stored = new StoredBytes(inChunks(bytes, sizes), { hash: false });
  const parts: Uint8Array[] = [];
  const decoding = inflate64(stored, decoder);
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

describe('the byte of the decoder that is put right', () => {
  it('is the only one that changes, in the one build that is known to misread', async () => {
    const original = await readModule();
    const module = repaired(original);
    const changed = [...module.keys()].filter((at) => module[at] !== original[at]);
    expect(changed).toEqual([12_183]);
    expect([original[12_183], module[12_183]]).toEqual([15, 31]);
    const other = Buffer.concat([original, Buffer.from([0])]);
    expect(repaired(other)).toBe(other);
  });

  it('makes the difference for matches of more than 258 bytes; without it, size or checksum tell', async () => {
    const content = Buffer.from(`${'a'.repeat(300)}b`);
    const packed = deflate64(content);
    const original = await WebAssembly.compile(new Uint8Array(await readModule()));
    const misread = await decode(packed, [100_000], instantiateInflate9(original));
    expect(crc32(misread.bytes)).not.toBe(crc32(content));
    expect((await decode(packed)).bytes.equals(content)).toBe(true);
  });
});
