import { memoryUsage } from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeGzip, type GzipDamage } from '../../../src/io/inputs/gzip.js';
import { LineTally } from '../../../src/io/inputs/line-tally.js';
import { StoredBytes } from '../../../src/io/inputs/stored-bytes.js';
import { inChunks } from './collect.js';
import { anyContent, anyParts, lines, member } from './gzip-builder.js';

setFlagsFromString('--expose_gc');
const collectGarbage = runInNewContext('gc') as () => void;

interface Decoded {
  readonly bytes: Buffer;
  readonly verified: number;
  readonly damage: GzipDamage | undefined;
  readonly largest: number;
}

async function decode(stored: Uint8Array, sizes: readonly number[] = [256 * 1024]): Promise<Decoded> {
  const parts: Uint8Array[] = [];
  let verified = 0;
  let length = 0;
  let damage: GzipDamage | undefined;
  for await (const piece of decodeGzip(new StoredBytes(inChunks(stored, sizes)))) {
    expect(damage).toBeUndefined();
    if (piece.kind === 'bytes') {
      parts.push(piece.bytes);
      length += piece.bytes.length;
    } else if (piece.kind === 'verified') verified = length;
    else damage = piece.damage;
  }
  return { bytes: Buffer.concat(parts), verified, damage, largest: Math.max(0, ...parts.map((part) => part.length)) };
}

const anyMember = fc.record({ content: anyContent, parts: anyParts, padding: fc.nat({ max: 12 }) });
const anySizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 31, max: 70_000 })), {
  minLength: 1,
  maxLength: 5,
});

describe('decodeGzip', () => {
  it('gives the bytes that node:zlib gives, for any split into members, paddings and chunks', async () => {
    let multiple = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(anyMember, { minLength: 1, maxLength: 6 }), anySizes, async (members, sizes) => {
        const stored = members.map(({ content, parts }) => member(content, parts));
        const expected = Buffer.concat(stored.map((one) => gunzipSync(one)));
        const input = Buffer.concat(stored.flatMap((one, index) => [one, Buffer.alloc(members[index]!.padding)]));
        const { bytes, verified, damage } = await decode(input, sizes);
        expect(damage).toBeUndefined();
        expect(bytes.equals(expected)).toBe(true);
        expect(verified).toBe(expected.length);
        if (members.length > 1) multiple++;
      }),
      { numRuns: 150 },
    );
    expect(multiple).toBeGreaterThan(50);
  });

  it('decodes a large member next to small ones, in chunks that stay small', async () => {
    const contents = [lines(3), lines(40_000), lines(2), lines(30_000), lines(1)];
    const stored = Buffer.concat(contents.map((content) => member(content)));
    for (const sizes of [[256 * 1024], [65_536], [1000, 300_000]]) {
      const { bytes, damage, largest } = await decode(stored, sizes);
      expect(damage).toBeUndefined();
      expect(bytes.equals(Buffer.from(contents.join('')))).toBe(true);
      expect(largest).toBeLessThan(2 * 256 * 1024);
    }
  });

  it('finds the end of deflate data that ends exactly where a chunk does', async () => {
    const [first, second] = [member(lines(2000)), member(lines(3))];
    for (const cut of [first.length - 8, first.length, first.length - 4]) {
      const { bytes, damage } = await decode(Buffer.concat([first, second]), [cut, 1_000_000]);
      expect(damage).toBeUndefined();
      expect(bytes.toString()).toBe(lines(2000) + lines(3));
    }
  });

  it('decodes members whose decoded size is a multiple of its buffers', async () => {
    for (const size of [65_536, 262_144, 262_145, 524_288]) {
      const stored = Buffer.concat([member(Buffer.alloc(size, 'a')), member('b')]);
      const { bytes, damage } = await decode(stored);
      expect(damage).toBeUndefined();
      expect(bytes.length).toBe(size + 1);
    }
  });

  it('decodes many members of one line each', async () => {
    const count = 20_000;
    const one = member(lines(1));
    const { bytes, verified, damage } = await decode(Buffer.concat(Array.from({ length: count }, () => one)));
    expect(damage).toBeUndefined();
    expect(bytes.toString()).toBe(lines(1).repeat(count));
    expect(verified).toBe(bytes.length);
  });

  it('holds only a little of a bomb at a time', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const stored = new StoredBytes(inChunks(bomb, [256 * 1024]));
    const before = memoryUsage().arrayBuffers;
    let [decoded, largest, peak] = [0, 0, 0];
    for await (const piece of decodeGzip(stored)) {
      if (piece.kind !== 'bytes') continue;
      decoded += piece.bytes.length;
      largest = Math.max(largest, piece.bytes.length);
      if (decoded % (4 * 1024 * 1024) === 0) {
        collectGarbage();
        peak = Math.max(peak, memoryUsage().arrayBuffers - before);
      }
    }
    expect(decoded).toBe(64 * 1024 * 1024);
    expect(largest).toBeLessThanOrEqual(2 * 256 * 1024);
    expect(peak).toBeLessThan(8 * 1024 * 1024);
  });

  it('takes any cut as a cut, and gives a prefix', async () => {
    const contents = [lines(40), lines(60, 40), lines(3, 100)];
    const stored = contents.map((content) => member(content, { name: 'a.jsonl' }));
    const whole = Buffer.concat(stored);
    const ends = [0, stored[0]!.length, stored[0]!.length + stored[1]!.length, whole.length];
    let doubtful = 0;
    for (let cut = 1; cut < whole.length; cut++) {
      const { bytes, verified, damage } = await decode(whole.subarray(0, cut), [1000]);
      expect(contents.join('').startsWith(bytes.toString())).toBe(true);
      const membersBefore = ends.findLastIndex((end) => end <= cut);
      expect(verified).toBe(contents.slice(0, membersBefore).join('').length);
      if (ends.includes(cut)) expect(damage).toBeUndefined();
      else if (damage!.code === 'damaged') doubtful++;
      else expect(damage).toEqual({ code: 'cut_off', what: '' });
    }
    // What ends like a whole member by chance.
    expect(doubtful).toBeLessThan(whole.length / 30);
  });

  it('never lets altered bytes pass when a single bit is flipped', async () => {
    const contents = [lines(4), lines(6, 4), lines(2, 10)];
    const original = Buffer.from(contents.join(''));
    for (const options of [
      {},
      { deflate: { strategy: 4 } },
      { deflate: { level: 0 } },
      { headerCrc: true, name: 'x' },
    ]) {
      const stored = contents.map((content) => member(content, options));
      const whole = Buffer.concat(stored);
      const seen = new Map<string, number>();
      for (let bit = 0; bit < whole.length * 8; bit++) {
        const flipped = Buffer.from(whole);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const { bytes, verified, damage } = await decode(flipped);
        // What may be imported: see `intactPart`.
        const tally = new LineTally();
        tally.add(bytes);
        const importable = damage?.code === 'cut_off' ? tally.position().wholeLineBytes : verified;
        expect(original.subarray(0, importable).equals(bytes.subarray(0, importable))).toBe(true);
        if (damage === undefined) expect(bytes.equals(original)).toBe(true);
        seen.set(damage?.code ?? 'none', (seen.get(damage?.code ?? 'none') ?? 0) + 1);
      }
      expect(seen.get('damaged')).toBeGreaterThan(whole.length);
    }
  });

  it('says of flipped data that runs past its end that it is damaged, not cut off', async () => {
    let ranPast = 0;
    for (const padding of [0, 1, 3, 9]) {
      const original = lines(3);
      const whole = member(original, { deflate: { strategy: 4 } });
      for (let bit = 80; bit < (whole.length - 8) * 8; bit++) {
        const flipped = Buffer.concat([whole, Buffer.alloc(padding)]);
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const { damage } = await decode(flipped);
        expect(damage?.code).toBe('damaged');
        if (damage?.what === 'the data of gzip member 1 runs past its end') ranPast++;
      }
    }
    expect(ranPast).toBeGreaterThan(10);
  });

  const small = () => [member(lines(2)), member(lines(2, 2)), member(lines(2, 4))] as const;
  const flip = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.at(at)! ^ 4, at < 0 ? copy.length + at : at);
    return copy;
  };

  it.each([
    ['checksum', -8, 'the checksum of gzip member 2 is wrong'],
    ['size', -4, 'the size of gzip member 2 is wrong'],
    ['method', 2, 'the header of gzip member 2 is wrong'],
    ['block type', 10, "gzip member 2 can't be decompressed"],
  ])('gives nothing as verified from a member with a wrong %s, nor from what follows', async (_what, at, message) => {
    const [first, second, third] = small();
    const { verified, damage } = await decode(Buffer.concat([first, flip(second, at), third]));
    expect(damage).toEqual({ code: 'damaged', what: message });
    expect(verified).toBe(lines(2).length);
  });

  it('checks the checksum also when the size behind it is cut off', async () => {
    const [first, second] = small();
    const [good, bad] = [second, flip(second, -8)].map((one) => Buffer.concat([first, one.subarray(0, -2)]));
    expect((await decode(bad!)).damage).toEqual({ code: 'damaged', what: 'the checksum of gzip member 2 is wrong' });
    expect((await decode(good!)).damage).toEqual({ code: 'cut_off', what: '' });
  });

  it('checks a header that has a checksum', async () => {
    const good = member(lines(2), { headerCrc: true, name: 'a', comment: 'b', extra: new Uint8Array(300) });
    expect((await decode(good, [7])).bytes.toString()).toBe(lines(2));
    expect((await decode(flip(good, 4))).damage).toEqual({
      code: 'damaged',
      what: 'the header of gzip member 1 is wrong',
    });
  });

  it('takes a header without an end for a damaged one, and does not hold it', async () => {
    const endless = Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 8, 0, 0, 0, 0, 0, 3]), Buffer.alloc(1_000_000, 'x')]);
    expect((await decode(endless, [65_536])).damage).toEqual({
      code: 'damaged',
      what: 'the header of gzip member 1 is wrong',
    });
  });

  it('calls what follows a member garbage if it is neither padding nor gzip', async () => {
    const [first, second] = small();
    for (const garbage of ['x', 'garbage', '\0\0\0garbage', '\x1fx']) {
      const { bytes, verified, damage } = await decode(Buffer.concat([first, second, Buffer.from(garbage, 'latin1')]));
      expect(damage).toEqual({ code: 'trailing_garbage', what: '' });
      expect(bytes.toString()).toBe(lines(4));
      expect(verified).toBe(bytes.length);
    }
  });

  it('reads a member behind zero padding, which gunzip drops', async () => {
    const [first, second] = small();
    const padded = Buffer.concat([first, Buffer.alloc(512), second, Buffer.alloc(100_000)]);
    const { bytes, damage } = await decode(padded, [300]);
    expect(damage).toBeUndefined();
    expect(bytes.toString()).toBe(lines(4));
  });

  it('lets its source go when the reader stops early', async () => {
    let released = false;
    const source = async function* () {
      try {
        for (;;) yield member(lines(10_000));
      } finally {
        released = true;
      }
    };
    const stored = new StoredBytes(source());
    for await (const _piece of decodeGzip(stored)) break;
    await stored.close();
    expect(released).toBe(true);
  });
});
