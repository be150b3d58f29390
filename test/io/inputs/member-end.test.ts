import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { endsLikeAMember } from '../../../src/io/inputs/member-end.js';
import { lines, member } from './gzip-builder.js';

const MIB = 1024 * 1024;

/** Deflate data, then a size field, then padding. */
function tail(size: number, padding = 0): Buffer {
  const trailer = Buffer.alloc(8, 0xee);
  trailer.writeUInt32LE(size, 4);
  return Buffer.concat([deflateRawSync(lines(50)), trailer, Buffer.alloc(padding)]);
}

describe('endsLikeAMember', () => {
  it('sees a trailer whose size is near what was decoded, also in front of padding', () => {
    for (const padding of [0, 1, 2, 3]) {
      expect(endsLikeAMember(tail(1000 * MIB, padding), 1000 * MIB)).toBe(true);
      expect(endsLikeAMember(tail(1000 * MIB + 7, padding), 1010 * MIB)).toBe(true);
      expect(endsLikeAMember(tail(1000 * MIB + 7, padding), 990 * MIB)).toBe(true);
      expect(endsLikeAMember(tail(1000 * MIB + 0x40404040, padding), 1000 * MIB)).toBe(false);
    }
  });

  it('counts sizes as the trailer does, modulo 2^32', () => {
    expect(endsLikeAMember(tail(5 * MIB), 4096 * MIB + 6 * MIB)).toBe(true);
    expect(endsLikeAMember(tail(4095 * MIB + 3), 4097 * MIB)).toBe(true);
  });

  it('sees padding of any length', () => {
    expect(endsLikeAMember(tail(1, 4), 1000 * MIB)).toBe(true);
    expect(endsLikeAMember(tail(1, 500), 1000 * MIB)).toBe(true);
  });

  it('sees the header of the member that follows', () => {
    const next = member(lines(9), { name: 'b.jsonl' });
    const data = Buffer.concat([tail(1, 0), next.subarray(0, next.length - 30), Buffer.alloc(4, 0xee)]);
    expect(endsLikeAMember(data, 1000 * MIB)).toBe(true);
  });

  it('takes data that was cut for cut, but for what ends so by chance', () => {
    const stored = deflateRawSync(lines(3000));
    let doubtful = 0;
    for (let length = 0; length < stored.length; length++) {
      if (endsLikeAMember(stored.subarray(0, length), length * 5)) doubtful++;
    }
    expect(doubtful / stored.length).toBeLessThan(0.02);
  });
});
