import { describe, expect, it } from 'vitest';
import type { Event } from '../../src/pipeline/event.js';
import { Sample } from '../../src/pipeline/sample.js';
import { seededRandom } from '../../src/sandbox/seeded-random.js';

function event(n: number, text = `{"n":${n}}`): Event {
  const bytes = new TextEncoder().encode(`  ${text} `);
  return { bytes, start: 2, end: bytes.length - 1, origin: { file: 'f', line: n } } as Event;
}

async function contentOf(sample: Sample): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const { bytes } of sample.input().read(new AbortController().signal)) chunks.push(bytes);
  return Buffer.concat(chunks).toString();
}

describe('a sample', () => {
  it('holds everything where there is no more than it may hold, byte for byte', async () => {
    const sample = new Sample(10, () => 0.5);
    const odd = '{ "n" : 12345678901234567890,\n"x":"\\u00e9" }';
    sample.add(event(1));
    sample.add(event(2, odd));
    expect(await contentOf(sample)).toBe(`[{"n":1},${odd}]`);
    expect(sample.originOf({ origin: { file: 'sample', line: 1, element: 2 } } as Event)).toEqual({
      file: 'f',
      line: 2,
    });
  });

  it('is nothing where there was nothing', async () => {
    expect(await contentOf(new Sample(10, () => 0.5))).toBe('');
  });

  it('is fair: each event is in it as often as any other', async () => {
    const random = seededRandom(7);
    const rounds = 4_000;
    const [most, count] = [5, 40];
    const times = new Array<number>(count).fill(0);
    for (let round = 0; round < rounds; round++) {
      const sample = new Sample(most, random);
      for (let n = 0; n < count; n++) sample.add(event(n));
      expect(sample.size).toBe(most);
      for (const { n } of JSON.parse(await contentOf(sample)) as { n: number }[]) times[n]! += 1;
    }
    const expected = (rounds * most) / count;
    // Five standard deviations of a binomial distribution.
    const tolerance = 5 * Math.sqrt(expected * (1 - most / count));
    for (const each of times) expect(Math.abs(each - expected)).toBeLessThan(tolerance);
  });
});
